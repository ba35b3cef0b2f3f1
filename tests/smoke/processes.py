"""`python -m bongsu …` as a process of its own: started, listened to, and always ended by its pid."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]

_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """These settings and no others: nothing of the machine's own BONGSU_… or SLACK_… gets in."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1", **settings}


def run(*arguments: str, cwd: Path, within: float = 60.0, **settings: str) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bongsu", *arguments],
        cwd=cwd,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=within,
        stdin=subprocess.DEVNULL,
        check=False,
    )


class Process:
    """One that runs until it is told to end. What it says is kept in files below ``cwd``."""

    def __init__(self, *arguments: str, cwd: Path, settings: Mapping[str, str] | None = None) -> None:
        self.arguments = arguments
        number = len(list(cwd.glob("*.stderr")))
        self._out, self._err = (cwd / f"{number:02}-{arguments[0]}.{kind}" for kind in ("stdout", "stderr"))
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bongsu", *arguments],
                cwd=cwd,
                env=environment(settings or {}),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    @property
    def stdout(self) -> str:
        return self._out.read_text("utf-8")

    @property
    def stderr(self) -> str:
        return self._err.read_text("utf-8")

    def tell(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        """It gets no chance to say goodbye. Does nothing where it has ended."""
        self._process.kill()
        self._process.wait()

    def wait(self, *, within: float) -> int:
        """Its exit code. Raises TimeoutExpired."""
        return self._process.wait(within)
