"""The processes of the tests as children of `python -m tests.forking`: a start costs a tenth of its imports."""

import atexit
import json
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class Nursery:
    """Starts and signals children, and knows how they ended. One for each process that runs tests."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._host = subprocess.Popen(
            [sys.executable, "-m", "tests.forking"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict(env),
            cwd=ROOT,
            bufsize=0,
        )
        self._lock = threading.Lock()
        self._heard = b""
        self._started: list[int] = []
        self._ended: dict[int, int] = {}

    def start(self, arguments: Sequence[str], env: Mapping[str, str], *, cwd: Path, out: Path, err: Path) -> int:
        """The pid of ``bongsu`` with these arguments."""
        order = {"arguments": list(arguments), "env": dict(env), "cwd": str(cwd), "out": str(out), "err": str(err)}
        with self._lock:
            self._tell(order)
            while not self._started:
                self._listen(timeout=60)
            return self._started.pop()

    def signal(self, pid: int, number: signal.Signals) -> None:
        """Nothing happens where it has ended."""
        with self._lock:
            self._tell({"signal": int(number), "pid": pid})

    def exit_code(self, pid: int) -> int | None:
        """None while it runs; -9 where it was killed."""
        with self._lock:
            self._listen(timeout=0)
            return self._ended.get(pid)

    def wait(self, pid: int, *, within: float) -> int:
        """Its exit code. Raises TimeoutExpired."""
        until = time.monotonic() + within
        while (code := self.exit_code(pid)) is None:
            left = until - time.monotonic()
            if left <= 0:
                raise subprocess.TimeoutExpired(f"bongsu, process {pid}", within)
            with self._lock:
                self._listen(timeout=min(left, 1.0))
        return code

    def close(self) -> None:
        """Its children end with it."""
        if self._host.stdin is not None:
            self._host.stdin.close()
        self._host.wait()

    def _tell(self, what: Mapping[str, Any]) -> None:
        assert self._host.stdin is not None
        self._host.stdin.write(json.dumps(what).encode() + b"\n")

    def _listen(self, *, timeout: float) -> None:
        """What was said until now, or, where that is nothing, within so many seconds."""
        assert self._host.stdout is not None
        while select.select([self._host.stdout], [], [], timeout)[0]:
            some = self._host.stdout.read(65536)
            if not some:
                raise EOFError("the process that forks has ended")
            *lines, self._heard = (self._heard + some).split(b"\n")
            for line in lines:
                self._note(json.loads(line))
            timeout = 0

    def _note(self, told: Mapping[str, int]) -> None:
        if "started" in told:
            self._ended.pop(told["started"], None)
            self._started.append(told["started"])
        else:
            self._ended[told["ended"]] = told["code"]


@cache
def nursery(**env: str) -> Nursery:
    """The one of this process."""
    made = Nursery(env)
    atexit.register(made.close)
    return made
