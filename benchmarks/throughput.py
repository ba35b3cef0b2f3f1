"""How many alerts a second: 16 clients, 10 alerts in each POST, while the publisher works beside it."""

import asyncio
import random
import time
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.bare_rows import seconds_to_insert
from benchmarks.databases import Databases
from benchmarks.figures import Figure
from benchmarks.stage import Stage, firing, stage
from db.engine import connect
from db.tables import alerts

CLIENTS = 16
ALERTS = 10
SERVICES = 200
SECONDS = 10.0


async def measure(kind: str, databases: Databases, folder: Path) -> list[Figure]:
    database, empty = databases.new(), databases.new()
    channels = [f"many-{number}" for number in range(8)]
    async with stage(folder, database=database, channels=channels) as here:
        began = time.perf_counter()
        taken = await asyncio.gather(*(_client(here, number, began + SECONDS) for number in range(CLIENTS)))
        elapsed = time.perf_counter() - began
    told, stored = sum(answered for answered, _ in taken), await _count(database)
    if told != stored:
        raise RuntimeError(f"{told} alerts were confirmed, {stored} are stored")
    bare = await seconds_to_insert(database, empty)
    name = f"{kind}: alerts stored, {CLIENTS} clients × {ALERTS} a POST"
    seconds = sorted(second for _, some in taken for second in some)
    slowest = seconds[int(len(seconds) * 0.99)] * 1000
    return [
        Figure(name, stored / elapsed, "alerts/s", "the same rows by bare multi-row INSERT", stored / bare),
        Figure(f"{kind}: p99 of a POST meanwhile", slowest, "ms", "its median", seconds[len(seconds) // 2] * 1000),
    ]


async def _client(here: Stage, number: int, until: float) -> tuple[int, list[float]]:
    """Alerts confirmed and the seconds of each POST. Raises RuntimeError for any answer but 2xx."""
    chance = random.Random(number)
    confirmed, seconds = 0, []
    while (began := time.perf_counter()) < until:
        pods = [f"pod-{number}-{chance.randrange(10_000)}" for _ in range(ALERTS)]
        answer = await here.send(firing(f"service-{chance.randrange(SERVICES)}", pods))
        if not answer.is_ok:
            raise RuntimeError(f"a webhook was answered {answer.status}: {answer.body}")
        confirmed += answer.body["alerts"]
        seconds.append(time.perf_counter() - began)
    return confirmed, seconds


async def _count(database: str) -> int:
    engines = connect(database)
    try:
        async with engines.read.connect() as connection:
            return int((await connection.execute(select(func.count()).select_from(alerts))).scalar_one())
    finally:
        await engines.dispose()
