"""Programs that start quickly: children of `python -m tests.forking`, which has imported all of Bongsu."""

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from benchmarks.processes import ROOT, StartError, environment, python


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
            home = {"cwd": str(log.parent), "out": str(log), "err": str(log)}
            self.tell({"arguments": list(arguments), "env": environment(env), **home})
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
        *python("-m", "tests.forking"),
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
