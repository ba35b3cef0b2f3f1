"""The road between a Bongsu and Slack: a proxy on loopback that keeps a request for as long as a test wants.

What it keeps has left Bongsu, and Slack does not have it yet: as on a network, it arrives even if its sender is dead.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

_AT_ONCE = 65536
_QUIET_SECONDS = 0.2
"""A request has arrived in full once nothing more came for so long."""


@dataclass
class Road:
    """``keeps``: what a request must contain to be kept; ``kept``: how many are, or were. ``open`` lets all go on."""

    port: int = 0
    keeps: bytes = b""
    kept: int = 0
    opened: threading.Event = field(default_factory=threading.Event)

    def open(self) -> None:
        self.keeps = b""
        self.opened.set()


@contextlib.contextmanager
def road(to_port: int) -> Iterator[Road]:
    """It runs in a thread of its own, until the test is over."""
    told, started = Road(), Future[Callable[[], object]]()
    open_ends: set[asyncio.StreamWriter] = set()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_connection("127.0.0.1", to_port)
        both = {here, writer}
        open_ends.update(both)
        try:
            await asyncio.gather(_there(told, reader, here), _back(there, writer))
        finally:
            open_ends.difference_update(both)
            for end in both:
                end.close()

    async def run() -> None:
        loop, is_over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(meet, "127.0.0.1", 0)
        told.port = server.sockets[0].getsockname()[1]
        started.set_result(lambda: loop.call_soon_threadsafe(is_over.set))
        await is_over.wait()
        server.close()
        for end in list(open_ends):
            end.close()
        while rest := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(rest)

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="road", daemon=True)
    thread.start()
    end = started.result(10)
    try:
        yield told
    finally:
        told.open()
        end()
        thread.join(30)


async def _there(told: Road, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while said := await source.read(_AT_ONCE):
            if told.keeps and told.keeps in said:
                said += await _the_rest(source)
                told.kept += 1
                await asyncio.to_thread(told.opened.wait)
            target.write(said)
            await target.drain()
        if not target.is_closing():
            target.write_eof()


async def _the_rest(source: asyncio.StreamReader) -> bytes:
    rest = b""
    with contextlib.suppress(TimeoutError, ConnectionError):
        while more := await asyncio.wait_for(source.read(_AT_ONCE), _QUIET_SECONDS):
            rest += more
    return rest


async def _back(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while said := await source.read(_AT_ONCE):
            target.write(said)
            await target.drain()
    target.close()
