"""Does a database that has grown slow the intake down? The same load into an empty one and into one with a history."""

from benchmarks import history
from benchmarks.figures import Figure, at_least
from benchmarks.ground import Ground, webhooks
from benchmarks.rate import alerts_a_second
from benchmarks.sender import send

_SECONDS = 8.0


async def measure(ground: Ground) -> list[Figure]:
    """Empty, full, full, empty: what else happens on the machine meanwhile hits both."""
    first = await _rate(ground, "empty", ground.databases.new(), 0)
    full = await history.grow(ground)
    filled = [await _rate(ground, "full", full, wave) for wave in history.WAVES]
    empty = [first, await _rate(ground, "empty", ground.databases.new(), 1)]
    name = f"{ground.kind}: alerts stored beside {history.ALERTS:,} alerts of {history.INCIDENTS:,} incidents"
    against = "into an empty database"
    return [Figure(name, sum(filled) / len(filled), "alerts/s", against, sum(empty) / len(empty), at_least(0.8))]


async def _rate(ground: Ground, what: str, database: str, wave: int) -> float:
    async with ground.serving(what, database) as here:
        job = webhooks(here, wave=wave, seconds=_SECONDS)
        return alerts_a_second(job, await send(job))
