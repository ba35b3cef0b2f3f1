"""Programs that start quickly: forked from a process that has imported all of Bongsu, which takes most of a start.

`python -m benchmarks.marathon.nursery` is that process. It reads what to do as lines of JSON, starts and signals its
children, and says when they started and ended. Once nobody writes to it any more, it ends them all: so none is left
behind, however the marathon ends. What a child runs is `bongsu …` as it is; only the imports are behind it.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
import traceback
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
import asyncmy

from benchmarks.processes import ROOT, StartError, environment, python
from bongsu.cli import main as bongsu

DRIVERS = (aiosqlite, asyncmy)
"""SQLAlchemy imports one of them when it connects."""
_IN, _OUT = 0, 1


class Child:
    """One `bongsu …`. ``ended`` gets its exit code once it has ended: -9 where it was killed."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self.pid = pid
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._nursery = nursery

    @property
    def is_running(self) -> bool:
        return not self.ended.done()

    async def kill(self) -> None:
        """SIGKILL, and wait for its end. Does nothing where it has ended."""
        self.signal(signal.SIGKILL)
        await asyncio.shield(self.ended)

    def signal(self, number: signal.Signals) -> None:
        if self.is_running:
            self._nursery.tell({"signal": int(number), "pid": self.pid})

    def is_stopped(self) -> bool:
        """By SIGSTOP. (proc(5): the field behind the name that is in parentheses.)"""
        try:
            said = Path(f"/proc/{self.pid}/stat").read_text()
        except FileNotFoundError:
            return False
        return said.rpartition(")")[2].split()[0] == "T"


class Nursery:
    """Starts children, one after the other."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._children: dict[int, Child] = {}
        self._started: asyncio.Queue[Child] = asyncio.Queue()
        self._turn = asyncio.Lock()

    async def start(self, arguments: Sequence[str], env: Mapping[str, str], *, log: Path) -> Child:
        """``bongsu`` with these arguments and settings, at home beside ``log``, which gets all that it says."""
        async with self._turn:
            self.tell({"arguments": list(arguments), "env": environment(env), "log": str(log)})
            return await self._started.get()

    def tell(self, what: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")

    async def listen(self) -> None:
        """Until it ends. Children that still ran then are gone, too."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            told = json.loads(line)
            if "started" in told:
                child = self._children[told["started"]] = Child(self, told["started"])
                self._started.put_nowait(child)
            else:
                child = self._children.pop(told["ended"])
                child.ended.set_result(told["code"])


@asynccontextmanager
async def nursery() -> AsyncIterator[Nursery]:
    """At the end everything that it started has ended."""
    process = await asyncio.create_subprocess_exec(
        *python("-m", "benchmarks.marathon.nursery"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment({}),
        cwd=ROOT,
    )
    here = Nursery(process)
    listening = asyncio.create_task(here.listen())
    try:
        yield here
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening
        if process.returncode:
            raise StartError(f"the nursery ended with {process.returncode}")


class _Host:
    """The other side: what runs in the process that forks. It has one thread and no event loop."""

    def __init__(self) -> None:
        self._running: set[int] = set()

    def serve(self) -> None:
        signal.signal(signal.SIGCHLD, lambda *_: self._reap())
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with open(_IN, "rb", buffering=0, closefd=False) as orders:
            while line := orders.readline():
                told = json.loads(line)
                if "signal" not in told:
                    self._fork(told)
                elif told["pid"] in self._running:
                    os.kill(told["pid"], told["signal"])
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for pid in self._running:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _fork(self, told: Mapping[str, Any]) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})  # its start is said before its end
        pid = os.fork()
        if pid == 0:
            _be_born(told)
        self._running.add(pid)
        _say({"started": pid})
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                self._running.discard(ended[0])
                _say({"ended": ended[0], "code": os.waitstatus_to_exitcode(ended[1])})


def _be_born(told: Mapping[str, Any]) -> None:
    """Never returns."""
    code = 70
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        log = os.open(told["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.clear()
        os.environ.update(told["env"])
        os.chdir(Path(told["log"]).parent)
        code = bongsu(told["arguments"])
    except BaseException:  # noqa: BLE001 - its last words: nobody else is there to write them down
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _say(what: Mapping[str, Any]) -> None:
    os.write(_OUT, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    _Host().serve()
