"""How soon all is well again after the database server was killed and has come back, while requests arrive."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median

from benchmarks.figures import Figure, at_most
from benchmarks.ground import Ground
from benchmarks.stage import Stage, firing, shown, stage

ROUNDS = 5
CLIENTS = 8
DOWN_SECONDS = (1.0, 8.0)
"""How long the server is away, by turns: shorter and longer than what gives up in between."""
_MOST_SECONDS = 5


@dataclass
class _Load:
    """``taken``: when something was answered 2xx, in seconds since 1970; ``refused``: everything else."""

    taken: list[float] = field(default_factory=list)
    refused: int = 0


async def measure(ground: Ground) -> list[Figure]:
    """From the moment in which the server answers again to the first 2xx, and to a card of what came meanwhile.

    Raises RuntimeError where a request was refused: it was not away for as long as they are held.
    """
    services = [f"round-{number}" for number in range(ROUNDS)]
    to_2xx, to_card = list[float](), list[float]()
    async with stage(ground.folder, database=ground.databases.new(), channels=["many", "calm", *services]) as here:
        calm_2xx, calm_card = await _calm(here)
        async with _load(here) as load:
            for number, service in enumerate(services):
                took = await _round(ground, here, load, service, DOWN_SECONDS[number % len(DOWN_SECONDS)])
                to_2xx.append(took[0])
                to_card.append(took[1])
    if load.refused:
        raise RuntimeError(f"{load.refused} webhooks were refused")
    mark, against = at_most(_MOST_SECONDS, "s"), "the same in quiet times"
    return [
        Figure(f"{ground.kind}: {which} from its return to {what}", of(some), "s", against, calm, mark)
        for what, some, calm in (("the first 2xx", to_2xx, calm_2xx), ("the card", to_card, calm_card))
        for which, of in (("median", median), ("longest", max))
    ]


async def _calm(here: Stage) -> tuple[float, float]:
    """Seconds to a 2xx, and to the card."""
    began = time.time()
    await here.send(firing("calm", ["pod"]))
    return time.time() - began, await shown(here.slack, "calm", "calm") - began


async def _round(ground: Ground, here: Stage, load: _Load, service: str, seconds: float) -> tuple[float, float]:
    server = ground.databases.server
    assert server is not None
    await asyncio.to_thread(server.kill)
    gone_at = time.time()
    held = asyncio.create_task(here.send(firing(service, ["pod"])))
    await asyncio.sleep(seconds)
    await asyncio.to_thread(server.start)
    back_at = time.time()
    if not (await held).is_ok:
        load.refused += 1
    card_at = await shown(here.slack, service, service)
    first = min(at for at in load.taken if at > gone_at)
    return max(first - back_at, 0.0), max(card_at - back_at, 0.0)


@asynccontextmanager
async def _load(here: Stage) -> AsyncIterator[_Load]:
    """Clients who send one alert after the other."""
    told = _Load()

    async def client(number: int) -> None:
        sent = 0
        while True:
            answer = await here.send(firing("many", [f"{number}-{sent}"]))
            sent += 1
            if answer.is_ok:
                told.taken.append(time.time())
            else:
                told.refused += 1

    clients = [asyncio.create_task(client(number)) for number in range(CLIENTS)]
    try:
        yield told
    finally:
        for one in clients:
            one.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
