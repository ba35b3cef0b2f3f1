"""A migrated database, and short ways to send it deliveries, click on its incidents and look into its tables."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from db import tables
from db.engine import Engines
from db.migrate import DEFAULT_TENANT_ID
from db.transactions import SqlTransactions
from db.types import UtcDateTime
from db.unit_of_work import SqlUnitOfWork
from incidents.clock import look_at_due
from incidents.escalation.due import do_due
from incidents.ingest import Ingested, ingest
from incidents.model import Delivery, Episode, Event, Incident, SourceAlert
from incidents.outbox import Job
from incidents.policy import Policies, Policy
from tests.building import a_delivery

T = TypeVar("T")
Row = Mapping[str, Any]
DEFAULTS = Policy()
NO_WINDOW = Policy(reopen_window=timedelta(0))
AS_IT_IS = {"no_parameters": True}
"""Options of a statement that was heard: where it has no parameters, a % in it is no place for one."""


@dataclass(frozen=True)
class Stage:
    """One process's hold of a database: its engines, and the transactions of one tenant."""

    engines: Engines
    transactions: SqlTransactions
    policy: Policy = DEFAULTS

    @classmethod
    def on(cls, engines: Engines, *, tenant_id: int = DEFAULT_TENANT_ID, policy: Policy = DEFAULTS) -> "Stage":
        policies = Policies(policy)
        return cls(engines, SqlTransactions(engines, tenant_id=tenant_id, policies=policies), policy)

    async def write(self, work: Callable[[SqlUnitOfWork], Awaitable[T]], *, patience: float = 20) -> T:
        return await self.transactions.write(work, patience=timedelta(seconds=patience))

    async def read(self, work: Callable[[SqlUnitOfWork], Awaitable[T]]) -> T:
        return await self.transactions.read(work)

    async def take_batch(self, *deliveries: Delivery, policy: Policy | None = None) -> list[Ingested]:
        """All of them in one transaction."""
        return await self.write(lambda uow: ingest(deliveries, uow=uow, policy=policy or self.policy))

    async def take(self, *alerts: SourceAlert, body: str | None = None, policy: Policy | None = None) -> Ingested:
        """One delivery of these alerts. Unless ``body`` says otherwise it is unlike any other."""
        told = a_delivery(*alerts, body=body)
        delivery = told if body is not None else a_delivery(*alerts, body=told.request_id)
        [done] = await self.take_batch(delivery, policy=policy)
        return done

    async def incident(self, number: int = 1) -> Incident:
        return await self.read(lambda uow: uow.incidents.by_number(number))

    async def episodes(self, number: int = 1) -> list[Episode]:
        """All of an incident's, in their order."""
        incident = await self.incident(number)
        table = tables.incident_episodes
        found = await self.rows(
            sa.select(table.c.number).where(table.c.incident_id == incident.id).order_by(table.c.number)
        )
        return [await self._episode(incident, row["number"]) for row in found]

    async def _episode(self, incident: Incident, number: int) -> Episode:
        return await self.read(lambda uow: uow.episodes.current(replace(incident, episode=number)))

    async def events(self, number: int = 1) -> list[Event]:
        incident = await self.incident(number)
        return await self.read(lambda uow: uow.timeline.of(incident.id, limit=1000))

    async def kinds(self, number: int = 1) -> list[str]:
        """The timeline, by kind alone."""
        return [event.kind.value for event in await self.events(number)]

    async def claim(self, holder: str = "publisher-1") -> Job | None:
        return await self.write(lambda uow: uow.publishing.claim(holder=holder))

    async def rows(self, statement: sa.Select[Any]) -> Sequence[Row]:
        """Whatever a plain statement finds, past the tenant gate."""
        async with self.engines.read.connect() as connection:
            return list((await connection.execute(statement)).mappings())

    async def all(self, table: sa.Table) -> Sequence[Row]:
        return await self.rows(sa.select(table).order_by(*table.primary_key.columns))

    async def change(self, table: sa.Table, **values: Any) -> None:
        """Overwrite columns in every row: how tests let time pass."""
        async with self.engines.write.begin() as connection:
            await connection.execute(sa.update(table).values(**values))

    async def wait(self, **given: float) -> None:
        """Let so much time pass (``minutes=30``): all that is remembered of incidents is so much older."""
        passed = timedelta(**given)
        for table in (tables.incidents, tables.incident_episodes, tables.incident_series):
            times = [column.name for column in table.c if isinstance(column.type, UtcDateTime)]
            await self.grow_older(table, await self.all(table), times, passed)

    async def grow_older(self, table: sa.Table, rows: Sequence[Row], times: Sequence[str], passed: timedelta) -> None:
        """Moves these columns of these rows of the table."""
        older = {row["id"]: {name: row[name] and row[name] - passed for name in times} for row in rows}
        await self.rewrite(table, older)

    async def rewrite(self, table: sa.Table, rows: Mapping[int, Row]) -> None:
        """By id what columns become, the same ones in each: many at once cost little more than one."""
        if rows:
            by_id = sa.update(table).where(table.c.id == sa.bindparam("_id"))
            async with self.engines.write.begin() as connection:
                await connection.execute(by_id, [{"_id": row_id, **values} for row_id, values in rows.items()])

    async def look(self, policy: Policy | None = None) -> int:
        """The clock looks, until nothing is due; at how many incidents."""
        total = 0
        while looked := await self.write(lambda uow: look_at_due(uow, policy or self.policy, 50)):
            total += looked
        return total

    async def escalate(self) -> int:
        """Planned steps that are due are done; of how many incidents."""
        return await self.write(lambda uow: do_due(uow, 50))

    async def reminders(self) -> list[Event]:
        """What Slack was asked to remind people of, in its order."""
        kind = tables.outbox.c.kind == "reminder"
        found = await self.rows(sa.select(tables.outbox.c.subject).where(kind).order_by(tables.outbox.c.id))
        return [await self._event(int(row["subject"].removeprefix("event:"))) for row in found]

    async def _event(self, event_id: int) -> Event:
        return await self.read(lambda uow: uow.timeline.get(event_id))

    async def now(self) -> datetime:
        async def told(uow: SqlUnitOfWork) -> datetime:
            return uow.now

        return await self.read(told)


def the(row: Ingested) -> str:
    """The one reason of a delivery with one alert."""
    [reason] = row.reasons
    return reason.value
