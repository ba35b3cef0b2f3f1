"""A crowd of clients that are slow on purpose: a thousand sockets on loopback, in a thread of their own."""

import asyncio
import contextlib
import resource
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

_FILES = 8192
_TRICKLE_EVERY = 0.4
"""Seconds between two bytes."""
_AT_ONCE = 100
"""Connections that are being made: fewer than wait for the server's accept."""
_UNPROVEN = b"X-Grafana-Alerting-Signature: " + b"0" * 64 + b"\r\nContent-Length: 9999\r\n\r\n"
_HEAD = b"POST /webhooks/grafana HTTP/1.1\r\nHost: x\r\n"


class Kind(Enum):
    """What each says at once, and what it says then, again and again; b"": nothing."""

    IDLE = (b"", b"")
    TRICKLES_HEADERS = (_HEAD, b"X: y\r\n")
    TRICKLES_A_BODY = (
        _HEAD + b"X-Grafana-Alerting-Signature: " + b"0" * 64 + b"\r\nContent-Length: 9999\r\n\r\n{",
        b" ",
    )
    HALF_OPEN = (_HEAD, b"")
    """It closes its side in the middle of the headers and waits for the other."""


@dataclass
class Crowd:
    """``inside``: how many sockets are open. ``told``: what each was told before it was closed on."""

    inside: int
    told: list[bytes]


@contextlib.contextmanager
def crowd(port: int, kind: Kind, *, size: int) -> Iterator[Crowd]:
    """All of them are connected, until the server closes them or the test is over."""
    _allow_files()
    here = Crowd(0, [])
    loop, connected = asyncio.new_event_loop(), threading.Event()

    async def run() -> None:
        turns = asyncio.Semaphore(_AT_ONCE)
        everybody = [asyncio.create_task(_visit(here, port, kind, turns)) for _ in range(size)]
        while here.inside + len(here.told) < size:  # noqa: ASYNC110 - both are counted by others
            await asyncio.sleep(0.01)
        connected.set()
        await asyncio.gather(*everybody)

    work = loop.create_task(run())
    thread = threading.Thread(target=lambda: _until_done(loop, work), daemon=True)
    thread.start()
    try:
        assert connected.wait(30), f"{here.inside} of {size} got in, {len(here.told)} were closed on"
        yield here
    finally:
        loop.call_soon_threadsafe(work.cancel)
        thread.join(30)
        loop.close()


def _until_done(loop: asyncio.AbstractEventLoop, work: "asyncio.Task[None]") -> None:
    with contextlib.suppress(asyncio.CancelledError):
        loop.run_until_complete(work)


async def _visit(here: Crowd, port: int, kind: Kind, turns: asyncio.Semaphore) -> None:
    first, more = kind.value
    async with turns:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    here.inside += 1
    told = b""
    try:
        writer.write(first)
        if kind is Kind.HALF_OPEN:
            writer.write_eof()
        told = await _hear(reader, writer, more)
    except ConnectionError:
        pass  # closed on as well, with bytes of ours still on their way
    finally:
        writer.close()
        here.inside -= 1
        here.told.append(told)


async def _hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, more: bytes) -> bytes:
    """All that is said until the other side closes; ``more`` is sent meanwhile."""
    told = asyncio.ensure_future(reader.read(4096))
    try:
        while not (await asyncio.wait([told], timeout=_TRICKLE_EVERY))[0]:
            if more:
                writer.write(more)
        start = told.result()
        return start + await reader.read() if start else start
    finally:
        told.cancel()


def _allow_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _FILES:
        wanted = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
