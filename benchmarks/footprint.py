"""What an idle `bongsu serve` takes: memory, and the time from its start until it is ready."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure
from benchmarks.ground import Ground
from benchmarks.loopback import Http
from benchmarks.processes import Process, environment, local_url, python, serve

RUNS = 3
_IDLE = 1.0
_LIBRARIES = "import aiohttp, alembic, apscheduler, pydantic, slack_bolt.async_app, sqlalchemy.ext.asyncio, yaml"
_BARE = f"""{_LIBRARIES}
import sys
from aiohttp import web
async def alive(request): return web.json_response({{}})
app = web.Application()
app.router.add_get("/readyz", alive)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""
Measured = tuple[float, float]
Make = Callable[[int], Process]


async def measure(ground: Ground) -> list[Figure]:
    kind, folder = ground.kind, ground.folder
    (folder / "bongsu.yaml").write_text("")
    database = ground.databases.new()
    ours = [
        await _run(lambda port: serve(folder, database=database, sandbox=local_url()[0], port=port)) for _ in _runs()
    ]
    bare = [await _run(lambda port: _bare(folder, port)) for _ in _runs()]
    against = "an aiohttp process that imports the same libraries"
    return [
        Figure(f"{kind}: start → ready", _seconds(ours), "s", against, _seconds(bare)),
        Figure(f"{kind}: memory at rest (RSS)", _memory(ours), "MiB", against, _memory(bare)),
    ]


def _runs() -> range:
    return range(RUNS)


def _seconds(measured: list[Measured]) -> float:
    return median(seconds for seconds, _ in measured)


def _memory(measured: list[Measured]) -> float:
    return median(mebibytes for _, mebibytes in measured)


def _bare(folder: Path, port: int) -> Process:
    return Process(python("-c", _BARE, str(port)), environment({}), folder / "bare.log")


async def _run(make: Make) -> Measured:
    """Seconds until ready, and mebibytes a moment later."""
    url, port = local_url()
    process = make(port)
    async with Http() as http:
        process.start()
        try:
            seconds = await process.wait_for(f"{url}/readyz", http)
            await asyncio.sleep(_IDLE)
            return seconds, process.resident_mebibytes
        finally:
            await asyncio.to_thread(process.kill)
