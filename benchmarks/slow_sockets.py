"""How long a webhook takes beside 1,000 sockets slow on purpose: headers and bodies that trickle, and silence."""

import asyncio
import contextlib
import resource
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count, cycle
from urllib.parse import urlsplit

from benchmarks.figures import Figure
from benchmarks.ground import Ground
from benchmarks.loopback import require_loopback
from benchmarks.stage import Stage, firing, stage

SLOW = 1000
SAMPLES = 300
CLIENTS = 4
_TRICKLE_EVERY = 2.0
"""Seconds between two bytes of one socket. Their work shares our CPUs with what is measured."""
_FILES = 4096
_AT_ONCE = 100
_HEAD = b"POST /webhooks/grafana HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n"
_SIGNED = _HEAD + b"Authorization: Bearer benchmark\r\n\r\n"
KINDS = ((_HEAD, b"X: y\r\n"), (_SIGNED, b" "), (b"", b""))
"""What each says at once, and what it says then, again and again."""


async def measure(ground: Ground) -> list[Figure]:
    async with stage(ground.folder, database=ground.databases.new(), channels=["many"]) as here:
        alone = await _webhooks(here, "alone")
        async with _crowd(require_loopback(here.url)):
            beside = await _webhooks(here, "beside")
    return [
        Figure(
            f"{ground.kind}: {what} of a POST beside {SLOW} slow sockets", at(beside), "ms", "without them", at(alone)
        )
        for what, at in (("median", lambda some: _at(some, 0.5)), ("p99", lambda some: _at(some, 0.99)))
    ]


async def _webhooks(here: Stage, name: str) -> list[float]:
    """The seconds of each, sorted. Raises RuntimeError for any answer but 2xx."""
    numbers, seconds = count(), list[float]()

    async def client() -> None:
        while (number := next(numbers)) < SAMPLES:
            began = time.perf_counter()
            answer = await here.send(firing("many", [f"{name}-{number}"]))
            if not answer.is_ok:
                raise RuntimeError(f"a webhook was answered {answer.status}: {answer.body}")
            seconds.append(time.perf_counter() - began)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return sorted(seconds)


def _at(seconds: list[float], share: float) -> float:
    """In milliseconds."""
    return seconds[int(len(seconds) * share)] * 1000


@asynccontextmanager
async def _crowd(url: str) -> AsyncIterator[None]:
    """All are connected, and whoever is closed on comes again."""
    _allow_files()
    inside, turns = asyncio.Semaphore(0), asyncio.Semaphore(_AT_ONCE)
    port = urlsplit(url).port or 0
    kinds = cycle(KINDS)
    everybody = [asyncio.create_task(_dawdle(port, *next(kinds), inside, turns)) for _ in range(SLOW)]
    try:
        for _ in range(SLOW):
            await inside.acquire()
        yield
    finally:
        for one in everybody:
            one.cancel()
        await asyncio.gather(*everybody, return_exceptions=True)


async def _dawdle(port: int, first: bytes, more: bytes, inside: asyncio.Semaphore, turns: asyncio.Semaphore) -> None:
    while True:
        async with turns:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        inside.release()
        try:
            await _trickle(reader, writer, first, more)
        except ConnectionError:
            continue
        finally:
            writer.close()


async def _trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: bytes, more: bytes) -> None:
    """Until the other side has said something, or closed."""
    writer.write(first)
    while True:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_TRICKLE_EVERY):
                await reader.read(1)
                return
        writer.write(more)


def _allow_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _FILES:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (_FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES), hard)
        )
