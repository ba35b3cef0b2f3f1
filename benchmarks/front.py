"""A front door for processes that get killed: each new connection goes to one that still listens."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_CHUNK = 65_536


@asynccontextmanager
async def front(port: int, backends: Sequence[int]) -> AsyncIterator[None]:
    """Listens on loopback, and speaks to ports of loopback, only."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            streams = await _some(backends)
            if streams is not None:
                await _join((reader, writer), streams)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()


async def _some(backends: Sequence[int]) -> Streams | None:
    for port in random.sample(backends, len(backends)):
        with contextlib.suppress(OSError):
            return await asyncio.open_connection("127.0.0.1", port)
    return None


async def _join(one: Streams, other: Streams) -> None:
    """Until either side is done: then both are closed, as a dead process would close them."""
    ways = [asyncio.create_task(_pump(one[0], other[1])), asyncio.create_task(_pump(other[0], one[1]))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        other[1].close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
