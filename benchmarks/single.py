"""How many webhooks a second where each brings one alert, against aiohttp alone that reads the same bodies."""

import asyncio
from dataclasses import replace
from pathlib import Path

from benchmarks.figures import Figure, at_least
from benchmarks.ground import Ground, webhooks
from benchmarks.loopback import Http
from benchmarks.processes import Process, environment, local_url, python
from benchmarks.rate import require_stored
from benchmarks.sender import Job, Sent, send

_BODIES = 60_000
_SECONDS = 6.0
_CONNECTIONS = 64
"""Small webhooks come from many senders."""
_BARE_WARM_UP = 0.5
"""Seconds: it keeps nothing that would have to grow warm, and soon has had all bodies."""
_BARE = """
import json, sys
from aiohttp import web
async def alive(request): return web.json_response({})
async def receive(request):
    json.loads(await request.read())
    return web.json_response({})
app = web.Application()
app.router.add_get("/readyz", alive)
app.router.add_post("/webhooks/grafana", receive)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
"""


async def measure(ground: Ground) -> list[Figure]:
    database = ground.databases.new()
    async with ground.serving("single", database) as here:
        job = replace(webhooks(here, seconds=_SECONDS), series=1, most=_BODIES, connections=_CONNECTIONS)
        sent = await send(job)
    await require_stored(database, sent.in_all)
    bare = await _bare(ground.folder, job)
    name = f"{ground.kind}: webhooks of one alert"
    return [Figure(name, sent.rate, "requests/s", "aiohttp alone, parsing the same bodies", bare.rate, at_least(0.3))]


async def _bare(folder: Path, job: Job) -> Sent:
    url, port = local_url()
    process = Process(python("-c", _BARE, str(port)), environment({}), folder / "bare.log")
    async with Http() as http:
        process.start()
        try:
            await process.wait_for(f"{url}/readyz", http)
            return await send(replace(job, url=f"{url}/webhooks/grafana", warm_up=_BARE_WARM_UP))
        finally:
            await asyncio.to_thread(process.kill)
