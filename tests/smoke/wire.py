"""The wire between Bongsu and MariaDB: a proxy on loopback that loses what a test tells it to lose.

It knows of the protocol what it must: each packet has a header of 4 bytes, and what a client asks begins with a byte
that says what it is (https://mariadb.com/kb/en/0-packet/, https://mariadb.com/kb/en/com_query/).
"""

import asyncio
import contextlib
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_QUERY_COMMIT, _AND_COMMIT = b"\x03COMMIT", b";COMMIT"
"""Alone, or at the end of a packet of several statements."""
_INTAKE = b"newest_sha256"
"""Its transactions begin with it, and no others say it."""
_HEADER = 4
_AT_ONCE = 65536


@dataclass
class Wire:
    """``lose_replies``: so many COMMITs of the intake the server obeys, and nobody hears of it; ``lost`` counts them.

    ``cuts``: the chance that something that the intake says or is told is lost, and the connection with it; before that
    it may wait a moment. ``cut`` counts them. (Others are spared: what the publisher has claimed is kept for a while.)
    """

    port: int = 0
    lose_replies: int = 0
    lost: int = 0
    cuts: float = 0.0
    cut: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(5))

    def behind(self, database_url: str) -> str:
        """The same database, by way of this wire."""
        parts = urlsplit(database_url)
        return database_url.replace(f"{parts.hostname}:{parts.port}", f"127.0.0.1:{self.port}")


@contextlib.contextmanager
def wire(database_url: str) -> Iterator[Wire]:
    """It runs in a thread of its own, until the test is over."""
    parts = urlsplit(database_url)
    told, started = Wire(), Future[Callable[[], object]]()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _connection(told, reader, writer, str(parts.hostname), int(parts.port or 3306))

    async def run() -> None:
        loop, is_over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(meet, "127.0.0.1", 0)
        told.port = server.sockets[0].getsockname()[1]
        started.set_result(lambda: loop.call_soon_threadsafe(is_over.set))
        await is_over.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="wire", daemon=True)
    thread.start()
    end = started.result(10)
    try:
        yield told
    finally:
        end()
        thread.join(30)


async def _connection(
    told: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int
) -> None:
    try:
        there, here = await asyncio.open_connection(host, port)
    except OSError:
        writer.close()
        return
    ways = [_Way(told, reader, here), _Way(told, there, writer)]
    ways[1].answers = ways[0]
    tasks = [asyncio.create_task(way.carry()) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        here.close()
        writer.close()


@dataclass
class _Way:
    """One direction of one connection. ``answers`` is the other one, where this is the server's.

    Of the client's: ``takes`` while the intake's transaction is under way, ``commits`` once its COMMIT was said.
    """

    told: Wire
    source: asyncio.StreamReader
    target: asyncio.StreamWriter
    answers: "_Way | None" = None
    takes: bool = False
    commits: bool = False
    loses_next: bool = False

    async def carry(self) -> None:
        """Until somebody hangs up, or it is cut."""
        with contextlib.suppress(ConnectionError):
            while said := await self.source.read(_AT_ONCE):
                if self.answers is None:
                    self._listen(said)
                elif self.answers.loses_next:
                    self.told.lost += 1
                    return
                if await self._is_cut():
                    return
                self.target.write(said)
                await self.target.drain()

    def _listen(self, said: bytes) -> None:
        self.takes = _INTAKE in said or (self.takes and not self.commits)
        self.commits = said[_HEADER:].startswith(_QUERY_COMMIT) or said.endswith(_AND_COMMIT)
        self.loses_next = self.takes and self.commits and self.told.lose_replies > 0
        self.told.lose_replies -= self.loses_next

    async def _is_cut(self) -> bool:
        if not self.told.cuts or not (self.answers or self).takes:
            return False
        await asyncio.sleep(self.told.dice.random() * 0.005)
        cut = self.told.dice.random() < self.told.cuts
        self.told.cut += cut
        return cut
