"""What the clock's look at 10,000 planned steps costs, beside no past and beside 1,000,000 steps that are done.

Incidents are stored as ever, and escalate by a policy of three steps. What is done is multiplied by the server.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from math import ceil

import sqlalchemy as sa

from benchmarks.figures import Figure, at_most, middle
from benchmarks.ground import Ground
from db.engine import Engines, connect
from db.migrate import DEFAULT_TENANT_ID
from db.transactions import SqlTransactions
from db.unit_of_work import SqlUnitOfWork
from incidents.escalation.model import EscalationPolicy, Step
from incidents.ingest import ingest
from incidents.model import AlertStatus, Delivery, Links, SourceAlert
from incidents.policy import Policies, Policy, Route
from jobs.clock import ESCALATE, Clock

_OPEN = 10_000
_DONE = 1_000_000
_DUE = 2_000
_BATCH = 200
_SERVICES = 20
"""Each has a channel."""
_LOOKS = 200
_AT_ONCE = 50
"""As many incidents as a tick takes into one transaction."""
_MOST = 10
"""Milliseconds."""
_MINUTE = timedelta(minutes=1)
_STEPS = (Step(5 * _MINUTE, ("@oncall",)), Step(15 * _MINUTE, ("<@U0BOB>",)), Step(30 * _MINUTE, broadcast=True))
_POLICY = Policy(
    routes=tuple(Route(f"#team-{n}", {"service": frozenset({f"team-{n}"})}) for n in range(_SERVICES)),
    escalations={"default": EscalationPolicy("default", _STEPS, repeat=30 * _MINUTE)},
)
_AGO = "UTC_TIMESTAMP(6) - INTERVAL (60 + seq) MINUTE"
_PAST = f"""
INSERT INTO escalation_steps
(tenant_id, incident_id, episode, step, timer, policy, position, round, began_at, planned_for, due_at, state, done_at)
SELECT 1, 1000000 + seq, 1, 1, 'page', 'default', 1, 1, {_AGO}, {_AGO}, NULL, 'done', {_AGO} FROM seq_1_to_{_DONE}
"""
_NOW = "SET due_at = UTC_TIMESTAMP(6), planned_for = UTC_TIMESTAMP(6)"
Ask = Callable[[SqlUnitOfWork], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class _Database:
    engines: Engines
    transactions: SqlTransactions

    async def say(self, *statements: str) -> None:
        """In one session."""
        async with self.engines.write.begin() as connection:
            for statement in statements:
                await connection.execute(sa.text(statement))

    async def seconds(self, ask: Ask) -> float:
        """That the question itself takes, within a transaction."""

        async def timed(uow: SqlUnitOfWork) -> float:
            began = time.perf_counter()
            await ask(uow)
            return time.perf_counter() - began

        return await self.transactions.read(timed)


async def measure(ground: Ground) -> list[Figure]:
    """The two databases are asked by turns: what else happens on the machine hits both."""
    async with AsyncExitStack() as stack:
        young = await stack.enter_async_context(_database(ground))
        old = await stack.enter_async_context(_database(ground))
        await old.say("SET SESSION foreign_key_checks = 0, unique_checks = 0", _PAST)
        for one in (young, old):
            await one.say("ANALYZE TABLE escalation_steps")
        figures = [*await _looks(ground.kind, "nothing is due", young, old)]
        for one in (young, old):
            await one.say(f"UPDATE escalation_steps {_NOW} WHERE due_at IS NOT NULL ORDER BY id LIMIT {_DUE}")
        figures += await _looks(ground.kind, f"{_DUE:,} are due", young, old)
        return [*figures, await _rate(ground.kind, young, old)]


@asynccontextmanager
async def _database(ground: Ground) -> AsyncIterator[_Database]:
    """With all that is open, and its planned steps."""
    engines = connect(await asyncio.to_thread(ground.databases.new))
    transactions = SqlTransactions(engines, tenant_id=DEFAULT_TENANT_ID, policies=Policies(_POLICY))
    try:
        for first in range(0, _OPEN, _BATCH):
            some = [_delivery(number) for number in range(first, first + _BATCH)]
            await transactions.write(partial(_take, some))
        yield _Database(engines, transactions)
    finally:
        await engines.dispose()


async def _take(deliveries: Sequence[Delivery], uow: SqlUnitOfWork) -> None:
    await ingest(deliveries, uow=uow, policy=_POLICY)


def _delivery(number: int) -> Delivery:
    alert = SourceAlert(
        status=AlertStatus.FIRING,
        fingerprint=f"series-{number}",
        rule_uid=f"rule-{number}",
        alert_name="Load",
        starts_at=datetime.now(UTC),
        ends_at=None,
        labels={"service": f"team-{number % _SERVICES}", "severity": "critical"},
        annotations={},
        metric_values={"A": 1.0},
        summary="Load is high",
        links=Links(),
        raw={},
    )
    name = hashlib.sha256(str(number).encode()).hexdigest()
    return Delivery("grafana", name[:32], name, {}, {}, (alert,))


async def _looks(kind: str, when: str, young: _Database, old: _Database) -> list[Figure]:
    asks: dict[str, Ask] = {
        "is any step due?": lambda uow: uow.escalation.any_due(),
        f"which {_AT_ONCE} are due?": lambda uow: uow.escalation.due(limit=_AT_ONCE),
    }
    figures = []
    for name, ask in asks.items():
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(_LOOKS):
            for database, seconds in zip((young, old), times, strict=True):
                seconds.append(await database.seconds(ask))
        what = f"{kind}: {name} of {_OPEN:,} planned, {when}, beside {_DONE:,} that are done"
        before, after = (middle(seconds) for seconds in times)
        figures.append(Figure(what, after, "ms", "beside none", before, at_most(_MOST, "ms")))
        figures.append(Figure(f"{what}: its p99", _p99(times[1]), "ms", "beside none", _p99(times[0])))
    return figures


def _p99(seconds: list[float]) -> float:
    """In milliseconds."""
    return sorted(seconds)[ceil(len(seconds) * 0.99) - 1] * 1000


async def _rate(kind: str, young: _Database, old: _Database) -> Figure:
    """One tick does all that is due, with all that it asks Slack to show."""
    before, after = [_DUE / await _one_tick(database) for database in (young, old)]
    name = f"{kind}: steps that one tick does in a second, beside {_DONE:,} that are done"
    return Figure(name, after, "steps/s", "beside none", before)


async def _one_tick(database: _Database) -> float:
    clock = Clock(database.transactions, ESCALATE, changed=lambda: None)
    began = time.perf_counter()
    await clock.tick()
    seconds = time.perf_counter() - began
    if await database.transactions.read(lambda uow: uow.escalation.any_due()):
        raise RuntimeError("a tick did not do all that was due")
    return seconds
