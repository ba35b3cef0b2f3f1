"""A storm: 100,000 alerts of 1,000 incidents, 20 of them critical, in 10 channels, as fast as they are taken.

Each card that changed waits for its turn, of which Slack gives 50 a minute: so each critical one adds 1.2 s.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import sqlalchemy as sa

from benchmarks.bodies import INCIDENTS, SERVICES, STORM_ROUNDS
from benchmarks.figures import Figure, Mark, at_most
from benchmarks.ground import Ground, webhooks
from benchmarks.loopback import Json
from benchmarks.marathon.reckoning import reckon, waiting
from benchmarks.rate import require_stored
from benchmarks.sender import send
from benchmarks.stage import Slack, Stage
from db.engine import connect
from db.migrate import DEFAULT_TENANT_ID
from db.tables import alerts
from db.transactions import SqlTransactions
from db.unit_of_work import SqlUnitOfWork

_LONGEST = 300.0
_TRUE_WITHIN = 180.0
_LOOK_EVERY = 0.2
_POSTS_APART = 1.0
"""Seconds between two posts in one channel."""


class UntrueError(RuntimeError):
    """Slack shows something else than the database says, or something twice, or was told too fast."""


async def measure(ground: Ground) -> list[Figure]:
    """Raises LostError, UntrueError."""
    database = ground.databases.new()
    async with ground.serving("storm", database, storms=True) as here:
        job = replace(webhooks(here, mix="storm", seconds=_LONGEST), warm_up=0.0, most=INCIDENTS * STORM_ROUNDS)
        sent = await send(job)
        true_at = await _true_at(database)
        await _require_true(database, here)
        calls = [call for call in await here.slack.calls() if call["method"].startswith("chat.")]
        shown_at = await _first_roll_up(here.slack)
    await require_stored(database, sent.in_all * job.series)
    _require_pace(calls)
    began, ended = await _times(database)
    lasted, what = ended - began, f"{ground.kind}: a storm of {sent.in_all * job.series} alerts"
    told = len(calls) / (true_at - began)
    return [
        Figure(f"{what}, first alert → roll-up", shown_at - began, "s", "it lasts", lasted, at_most(5, "s")),
        Figure(f"{what}, last alert → Slack true", true_at - ended, "s", "it lasts", lasted, at_most(60, "s")),
        Figure(f"{what}, calls to Slack", told, "a second", "one in each channel", len(SERVICES), _ONE_EACH),
        Figure(f"{what}, taken", sent.in_all * job.series / lasted, "alerts/s", "its incidents", INCIDENTS),
    ]


_ONE_EACH = Mark("≤ 1 ×", lambda figure: figure.ratio <= 1)


async def _first_roll_up(slack: Slack) -> float:
    """When the last channel's was posted, in seconds since 1970, by the sandbox's clock, which is the database's."""
    cards = [message for name in SERVICES for message in await slack.cards(name)]
    posted = {message["channel"]: float(message["ts"]) for message in cards if message["text"].startswith("Storm: ")}
    if len(posted) != len(SERVICES):
        raise UntrueError(f"{len(posted)} of {len(SERVICES)} channels have a roll-up")
    return max(posted.values())


async def _true_at(database: str) -> float:
    """When nothing waits for Slack any more. Raises UntrueError."""
    since = time.time()
    async with _transactions(database) as transactions:
        while time.time() - since < _TRUE_WITHIN:
            if not await waiting(transactions):
                return time.time()
            await asyncio.sleep(_LOOK_EVERY)
    raise UntrueError(f"after {_TRUE_WITHIN:.0f} s messages still wait for Slack")


async def _times(database: str) -> tuple[float, float]:
    """When the first and the last alert came, in seconds since 1970."""
    async with _transactions(database) as transactions:
        [(first, last)] = await transactions.read(_first_and_last)
    return first.timestamp(), last.timestamp()


async def _first_and_last(uow: SqlUnitOfWork) -> Sequence[tuple[datetime, datetime]]:
    told = sa.select(sa.func.min(alerts.c.received_at), sa.func.max(alerts.c.received_at))
    return [(first, last) for first, last in await uow.gate.connection.execute(told)]


@asynccontextmanager
async def _transactions(database: str) -> AsyncIterator[SqlTransactions]:
    engines = connect(database)
    try:
        yield SqlTransactions(engines, tenant_id=DEFAULT_TENANT_ID)
    finally:
        await engines.dispose()


async def _require_true(database: str, here: Stage) -> None:
    async with _transactions(database) as transactions:
        found = await reckon(transactions, await here.slack.messages(), confirmed=set())
    if not found.is_clean:
        raise UntrueError(str(found))


def _require_pace(calls: Sequence[Json]) -> None:
    """Posts alone: an update has the whole workspace's pace. Raises UntrueError."""
    by_channel: dict[str, list[float]] = {}
    for call in calls:
        if call["method"] == "chat.postMessage":
            by_channel.setdefault(call["args"]["channel"], []).append(call["at"])
    early = {channel for channel, times in by_channel.items() if _closest(times) < _POSTS_APART}
    if early:
        raise UntrueError(f"two posts within a second in {sorted(early)}")


def _closest(times: Sequence[float]) -> float:
    """Seconds between the two that are nearest to each other."""
    return min((other - one for one, other in pairwise(sorted(times))), default=_POSTS_APART)
