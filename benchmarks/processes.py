"""The real programs as processes of their own: `bongsu serve` and `bongsu sandbox`."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.loopback import Http
from tests.mariadb import free_port

TOKEN = "benchmark"
SIGNING_SECRET = "benchmark-signing-secret"
ROOT = Path(__file__).parents[1]
_STARTS_WITHIN = 30.0
_STOPS_WITHIN = 40.0
_KIBIBYTE = 1024


class StartError(RuntimeError):
    """A process ended or did not get ready in time; the message carries the end of its log."""


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Nothing of the caller's settings or proxies gets in."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


@dataclass
class Process:
    """One program. ``log`` gets its standard error."""

    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    _running: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                self.command, env=dict(self.env), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.log.parent
            )

    @property
    def is_running(self) -> bool:
        return self._running is not None and self._running.poll() is None

    @property
    def resident_mebibytes(self) -> float:
        """What /proc calls VmRSS."""
        return self._status("VmRSS")

    @property
    def peak_mebibytes(self) -> float:
        """What /proc calls VmHWM: the most that was ever resident."""
        return self._status("VmHWM")

    def _status(self, name: str) -> float:
        assert self._running is not None
        status = Path(f"/proc/{self._running.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith(name))
        return int(line.split()[1]) / _KIBIBYTE

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL for what does not heed it."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self._running is None:
            return
        self._running.send_signal(number)
        try:
            self._running.wait(_STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()
        self._running = None

    async def wait_for(self, url: str, http: Http, *, every: float = 0.02) -> float:
        """Seconds until ``url`` answered 2xx. Raises StartError."""
        began = time.monotonic()
        while time.monotonic() - began < _STARTS_WITHIN:
            if (await http.get(url)).is_ok:
                return time.monotonic() - began
            if not self.is_running:
                break
            await asyncio.sleep(every)
        raise StartError(f"{' '.join(self.command)}\n{self.log.read_text(errors='replace')[-3000:]}")


def serve(
    folder: Path,
    *,
    database: str,
    sandbox: str,
    port: int,
    log: str = "serve.log",
    publishes: bool = True,
    paces: bool = True,
    profile: Path | None = None,
) -> Process:
    """``paces``: it keeps Slack's pace. ``profile``: where cProfile writes to once the process was told to stop."""
    env = {
        "BONGSU_DATABASE_URL": database,
        "BONGSU_HOST": "127.0.0.1",
        "BONGSU_PORT": str(port),
        "BONGSU_CONFIG": str(folder / "bongsu.yaml"),
        "BONGSU_LOG_LEVEL": "WARNING",
        "BONGSU_WEBHOOK_TOKEN": TOKEN,
        "BONGSU_SLACK_API_URL": f"{sandbox}/api/",
        "SLACK_BOT_TOKEN": "xoxb-benchmark",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
    }
    return Process(_serving(publishes, paces, profile), environment(env), folder / log)


def _serving(publishes: bool, paces: bool, profile: Path | None) -> list[str]:
    """The program itself wherever it is wanted as it is."""
    if publishes and paces and profile is None:
        return python("-m", "bongsu", "serve")
    without = [*([] if publishes else ["--without-publisher"]), *([] if paces else ["--without-pace"])]
    return python("-m", "benchmarks.launch", *without, *(["--profile", str(profile)] if profile else []))


def sandbox(folder: Path, *, port: int, app_url: str, paces: bool = True) -> Process:
    """``paces``: it refuses a second post in a channel within a second, as Slack does."""
    command = ["-m", "bongsu", "sandbox", "--port", str(port), "--app-url", app_url, "--signing-secret", SIGNING_SECRET]
    return Process(python(*command, *(["--pace-posts"] if paces else [])), environment({}), folder / "sandbox.log")


def migrate(database: str, folder: Path) -> None:
    """Make the tables."""
    env = environment({"BONGSU_DATABASE_URL": database})
    subprocess.run(python("-m", "bongsu", "migrate"), env=env, cwd=folder, check=True, capture_output=True)


def local_url() -> tuple[str, int]:
    """An address on loopback where nobody listens, and its port."""
    port = free_port()
    return f"http://127.0.0.1:{port}", port
