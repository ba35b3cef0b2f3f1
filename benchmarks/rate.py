"""How many alerts a second, from HTTP until they are committed, while the publisher works beside it."""

from sqlalchemy import func, select

from benchmarks.figures import Figure, Mark
from benchmarks.ground import Ground, webhooks
from benchmarks.row_limit import row_limit
from benchmarks.sender import Job, Sent, send
from db.engine import connect
from db.tables import alerts

_LEAST = 0.35
_FAST, _FAST_LIMIT = 4_500, 12_000
_MARK = Mark(
    f"≥ {_LEAST} ×, and ≥ {_FAST} where the limit is {_FAST_LIMIT}",
    lambda figure: figure.ratio >= _LEAST and (figure.value >= _FAST or figure.baseline < _FAST_LIMIT),
)
NAMES = {"steady": "alerts stored", "new": "alerts stored, each of a new series"}


class LostError(RuntimeError):
    """What was answered 2xx is not what is stored: no speed is worth that."""


async def measure(ground: Ground) -> list[Figure]:
    return [await _figure(ground, mix) for mix in ground.options.mixes]


async def _figure(ground: Ground, mix: str) -> Figure:
    database, empty = ground.databases.new(), ground.databases.new()
    async with ground.serving(f"rate, {mix}", database) as here:
        job = webhooks(here, mix=mix)
        sent = await send(job)
    await require_stored(database, sent.in_all * job.series)
    limit = await row_limit(database, empty)
    return Figure(
        f"{ground.kind}: {NAMES[mix]}",
        alerts_a_second(job, sent),
        "alerts/s",
        f"the same rows by the driver alone, {limit.connections} connection(s)",
        limit.rate,
        _MARK if (ground.kind, mix) == ("MariaDB", "steady") else None,
    )


def alerts_a_second(job: Job, sent: Sent) -> float:
    return sent.rate * job.series


async def require_stored(database: str, confirmed: int) -> None:
    """Raises LostError unless exactly so many alerts are stored."""
    engines = connect(database)
    try:
        async with engines.read.connect() as connection:
            stored = int((await connection.execute(select(func.count()).select_from(alerts))).scalar_one())
    finally:
        await engines.dispose()
    if stored != confirmed:
        raise LostError(f"{confirmed} alerts were confirmed, {stored} are stored")
