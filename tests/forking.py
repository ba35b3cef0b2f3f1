"""Programs that start quickly: forked from a process that has imported all of Bongsu, which takes most of a start.

`python -m tests.forking` is that process. It reads what to do as lines of JSON, starts and signals its children, and
says when they started and ended. Once nobody writes to it any more, it ends them all: so none is left behind, however
whoever started it ends. What a child runs is `bongsu …` as it is; only the imports are behind it.
"""

import contextlib
import gc
import json
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from typing import Any

import aiosqlite
import asyncmy

from bongsu.cli import main as bongsu
from bongsu.cli import serve

IMPORTED = (aiosqlite, asyncmy, serve)
"""What is imported only once it is needed: a driver as SQLAlchemy connects, a command as it is named."""
_IN, _OUT = 0, 1


class _Host:
    """It has one thread and no event loop."""

    def __init__(self) -> None:
        self._running: set[int] = set()

    def serve(self) -> None:
        signal.signal(signal.SIGCHLD, lambda *_: self._reap())
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        gc.freeze()  # or the first collection in each child would copy all pages
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
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(_appending(told["out"]), 1)
        os.dup2(_appending(told["err"]), 2)
        os.environ.clear()
        os.environ.update(told["env"])
        os.chdir(told["cwd"])
        code = bongsu(told["arguments"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - its last words: nobody else is there to write them down
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _appending(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _say(what: Mapping[str, Any]) -> None:
    os.write(_OUT, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    _Host().serve()
