"""`python -m bongsu …` as a process of its own: started, listened to, and always ended by its pid."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.smoke.nursery import nursery

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
    """One that runs until it is told to end. What it says is kept in files below ``cwd``.

    `serve` is forked from what has imported it already, where it is this program: nothing else of a start is left out.
    """

    def __init__(self, *arguments: str, cwd: Path, settings: Mapping[str, str] | None = None) -> None:
        self.arguments = arguments
        number = len(list(cwd.glob("*.stderr")))
        self._out, self._err = (cwd / f"{number:02}-{arguments[0]}.{kind}" for kind in ("stdout", "stderr"))
        for file in (self._out, self._err):
            file.touch()
        env, is_ours = environment(settings or {}), "PYTHONPATH" not in (settings or {})
        kind = _Forked if arguments[0] == "serve" and is_ours else _Own
        self._running: _Forked | _Own = kind(arguments, cwd, env, self)

    @property
    def files(self) -> tuple[Path, Path]:
        """Standard output and standard error."""
        return self._out, self._err

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._running.exit_code

    @property
    def stdout(self) -> str:
        return self._out.read_text("utf-8")

    @property
    def stderr(self) -> str:
        return self._err.read_text("utf-8")

    def tell(self, number: signal.Signals) -> None:
        self._running.tell(number)

    def kill(self) -> None:
        """It gets no chance to say goodbye. Does nothing where it has ended."""
        self._running.tell(signal.SIGKILL)
        self._running.wait(60.0)

    def wait(self, *, within: float) -> int:
        """Its exit code. Raises TimeoutExpired."""
        return self._running.wait(within)


class _Own:
    """`python -m bongsu …`."""

    def __init__(self, arguments: Sequence[str], cwd: Path, env: Mapping[str, str], told: Process) -> None:
        with told.files[0].open("wb") as out, told.files[1].open("wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bongsu", *arguments],
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        self.pid = self._process.pid

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def tell(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, within: float) -> int:
        return self._process.wait(within)


class _Forked:
    """The same as a child of the nursery."""

    def __init__(self, arguments: Sequence[str], cwd: Path, env: Mapping[str, str], told: Process) -> None:
        self._nursery = nursery(**environment({}))
        out, err = told.files
        self.pid = self._nursery.start(arguments, env, cwd=cwd, out=out, err=err)

    @property
    def exit_code(self) -> int | None:
        return self._nursery.exit_code(self.pid)

    def tell(self, number: signal.Signals) -> None:
        self._nursery.signal(self.pid, number)

    def wait(self, within: float) -> int:
        return self._nursery.wait(self.pid, within=within)
