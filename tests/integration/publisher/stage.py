"""Publishers beside a sandbox Slack, all on one clock that stands still until a test moves it: hours take a moment."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import aiohttp
import sqlalchemy as sa
from prometheus_client import CollectorRegistry
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.publisher.deliver import SEND_WITHIN, Courier, LockedOut
from bot.publisher.metrics import PublisherMetrics
from bot.publisher.reconcile import Reconciler
from db import tables
from db.engine import Engines
from db.schema import this_program
from db.transactions import SqlTransactions, Work
from db.unit_of_work import SqlUnitOfWork, begin
from incidents.clock import look_at_due
from incidents.escalation.due import do_due
from incidents.ingest import ingest
from incidents.model import Incident, SourceAlert
from incidents.outbox import Claims
from incidents.policy import Policy
from tests.building import a_delivery

T = TypeVar("T")
Json = dict[str, Any]
Row = Mapping[str, Any]
ANSWERS_WITHIN = 0.25
"""Real seconds: as long as a call to Slack may take here."""
START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


class Clock:
    """Everybody's: the database's, Slack's and the publishers' own."""

    def __init__(self) -> None:
        self.now = START

    def time(self) -> float:
        return self.now.timestamp()

    def monotonic(self) -> float:
        return (self.now - START).total_seconds()

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Timed(SqlTransactions):
    """Transactions whose database has that clock."""

    def __init__(self, engines: Engines, clock: Clock, policy: Policy, *, tenant_id: int) -> None:
        super().__init__(engines, tenant_id=tenant_id)
        self.engines, self._clock, self._policy = engines, clock, policy

    async def _once(self, engine: AsyncEngine, work: Work[T]) -> T:
        async with engine.begin() as connection:
            uow = await begin(connection, tenant_id=self.tenant_id, program=this_program(), policy=self._policy)
            uow.gate.now = self._clock.now
            done = await work(uow)
            await uow.settle()
            return done


@dataclass(frozen=True)
class Hand:
    """One process's publisher, turned by hand."""

    name: str
    transactions: Timed
    courier: Courier
    client: AsyncWebClient

    async def turn(self, *, most: int = 4) -> Claims:
        """Claim, and deliver all of it."""
        claims = await self.transactions.write(lambda uow: uow.publishing.claim_some(holder=self.name, most=most))
        deadline = self.courier.clock() + SEND_WITHIN
        done = await asyncio.gather(
            *(self.courier.deliver(job, deadline=deadline) for job in claims.jobs), return_exceptions=True
        )
        for error in done:
            if error is not None and not isinstance(error, LockedOut):
                raise error
        return claims


@dataclass(frozen=True)
class Stage:
    clock: Clock
    hands: Sequence[Hand]
    policy: Policy
    sandbox_url: str
    http: aiohttp.ClientSession
    registry: CollectorRegistry
    metrics: PublisherMetrics
    reconciler: Reconciler

    async def run(self, seconds: float, *, at: Mapping[float, Callable[[], Awaitable[object]]] | None = None) -> None:
        """So much time passes, in which all publishers do what they can. ``at``: what else happens after how long.

        Long ones go in long steps, since only their end is looked at.
        """
        step = timedelta(seconds=10 if seconds >= 900 else 0.001)
        begun, happens = self.clock.now, dict(sorted((at or {}).items()))
        end = begun + timedelta(seconds=seconds)
        while self.clock.now < end:
            passed = (self.clock.now - begun).total_seconds()
            for due in [one for one in happens if one <= passed]:
                await happens.pop(due)()
            turns = await asyncio.gather(*(hand.turn() for hand in self.hands))
            if not any(claims.jobs for claims in turns):
                following = min([begun + timedelta(seconds=one) for one in happens], default=end)
                soon = self.clock.now + min(claims.again for claims in turns)
                self.clock.now = max(min(soon, following, end), min(self.clock.now + step, following))

    async def settle(self, *, within: float = 600.0) -> None:
        """Until nothing is due. AssertionError where it never ends."""
        end = self.clock.now + timedelta(seconds=within)
        while (await self.read(lambda uow: uow.publishing.depth()))[0]:
            assert self.clock.now < end, [dict(row) for row in await self.outbox() if row["due_at"]]
            await self.run(1.0)

    async def write(self, work: Callable[[SqlUnitOfWork], Awaitable[T]]) -> T:
        return await self.hands[0].transactions.write(work)

    async def read(self, work: Callable[[SqlUnitOfWork], Awaitable[T]]) -> T:
        return await self.hands[0].transactions.read(work)

    async def take(self, *alerts: SourceAlert) -> None:
        """One delivery."""
        await self.write(lambda uow: ingest([a_delivery(*alerts)], uow=uow, policy=self.policy))

    async def look(self) -> None:
        """The clock looks at what is due."""
        while await self.write(lambda uow: look_at_due(uow, self.policy, 50)):
            pass

    async def escalate(self) -> int:
        """Planned steps that are due are done; of how many incidents."""
        return await self.write(lambda uow: do_due(uow, 50))

    async def incident(self, number: int = 1) -> Incident:
        return await self.read(lambda uow: uow.incidents.by_number(number))

    async def outbox(self, kind: str | None = None) -> list[Row]:
        statement = sa.select(tables.outbox).order_by(tables.outbox.c.id)
        if kind is not None:
            statement = statement.where(tables.outbox.c.kind == kind)
        return await self._rows(statement)

    async def leases(self) -> dict[str, Row]:
        return {row["name"]: row for row in await self._rows(sa.select(tables.leases))}

    async def _rows(self, statement: sa.Select[Any]) -> list[Row]:
        async with self.hands[0].transactions.engines.read.connect() as connection:
            return list((await connection.execute(statement)).mappings())

    async def change(self, statement: sa.Update) -> None:
        async with self.hands[0].transactions.engines.write.begin() as connection:
            await connection.execute(statement)

    async def do(self, call: str, **body: Any) -> Json:
        async with self.http.post(f"{self.sandbox_url}/_control/{call}", json=body) as response:
            told: Json = await response.json()
            assert response.status == 200, told
            return told

    async def see(self, call: str, **query: str) -> Json:
        async with self.http.get(f"{self.sandbox_url}/_control/{call}", params=query) as response:
            told: Json = await response.json()
            return told

    async def breaks(self, method: str, kind: str, *, times: int | None = 1, retry_after: int = 1) -> None:
        await self.do("faults", method=method, kind=kind, times=times, retry_after=retry_after)

    async def heals(self) -> None:
        await self.do("faults", clear=True)

    async def messages(self, channel: str = "#incidents") -> list[Json]:
        """Those that are there, thread replies among them, oldest first."""
        found = (await self.see("messages", channel=channel))["messages"]
        return [one for one in found if not one["deleted"]]

    async def roots(self, channel: str = "#incidents") -> list[Json]:
        return [one for one in await self.messages(channel) if not one["thread_ts"]]

    async def texts(self, channel: str = "#incidents") -> list[str]:
        return [one["text"] for one in await self.roots(channel)]

    async def calls(self, *methods: str) -> list[Json]:
        """Oldest first; of these methods, of all where none are named."""
        found = (await self.see("calls"))["calls"]
        return [one for one in found if not methods or one["method"] in methods]

    def counted(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0
