"""A storm on a stage: incidents by the dozen, the looks of the publisher, and time that passes."""

from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa
from prometheus_client import CollectorRegistry

from bot.blocks.rollup import SERVICES, WORST
from bot.publisher.storm import StormMetrics, Storms
from db import tables
from db.types import UtcDateTime
from incidents.actions.acknowledge_all import AT_ONCE, AllAcknowledged, acknowledge_all
from incidents.model import Actor
from incidents.outbox import Job, OutboxKind
from incidents.policy import Policies, Policy, StormPolicy
from incidents.storms import StormView
from tests.building import firing
from tests.integration.db.stage import Row, Stage

STORM = StormPolicy(above=3, calm=timedelta(minutes=2))
PASSING = (tables.outbox, tables.leases, tables.storms)
"""What time passes for."""


@dataclass
class Weather:
    """``looks`` are those of one process."""

    stage: Stage
    policy: StormPolicy = STORM
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    clock: float = 0.0
    storms: Storms = field(init=False)

    def __post_init__(self) -> None:
        metrics = StormMetrics(self.registry)
        self.storms = Storms(
            self.stage.transactions, Policies(Policy(storm=self.policy)), metrics, clock=lambda: self.clock
        )

    async def opens(
        self, *names: str, service: str = "pay", severity: str = "warning", policy: Policy | None = None
    ) -> None:
        """An incident for each of these names, in this order."""
        for one in names:
            await self.stage.take(firing(one, cluster=one, service=service, severity=severity), policy=policy)

    async def look(self) -> None:
        """The next look, a second after the last."""
        self.clock += 10
        await self.passes(1)
        await self.storms.look()

    async def passes(self, seconds: float) -> None:
        """All that the outbox, its ways and the storms remember is so much older."""
        async with self.stage.engines.write.begin() as connection:
            for table in PASSING:
                times = [column.name for column in table.c if isinstance(column.type, UtcDateTime)]
                for row in (await connection.execute(sa.select(table))).mappings().all():
                    older = {n: row[n] - timedelta(seconds=seconds) for n in times if row[n] is not None}
                    same = [column == row[column.name] for column in table.primary_key.columns]
                    await connection.execute(sa.update(table).where(*same).values(**older))

    async def calms(self) -> None:
        """Nothing new for so long that it is over, and somebody looks."""
        await self.passes(self.policy.calm.total_seconds() + 61)
        await self.look()

    async def posts(self) -> list[Job]:
        """All that a publisher can claim by now goes to Slack, however long it takes."""
        done: list[Job] = []
        while (job := await self.stage.claim()) is not None:
            ts = job.ts or f"1.{len(done):03}{job.id}"
            await self.stage.write(
                lambda uow, job=job, ts=ts: uow.publishing.sent(job, channel_id="C1", ts=ts, rev=job.rev)
            )
            done.append(job)
            await self.passes(3)
        return done

    async def view(self, storm_id: int = 1) -> StormView:
        return await self.stage.read(lambda uow: uow.storms.view(storm_id, worst=WORST, services=SERVICES))

    async def acknowledge_all(self, *, seen_rev: int, by: Actor, storm_id: int = 1) -> AllAcknowledged:
        members = await self.stage.read(lambda uow: uow.storms.members(storm_id))
        done = AllAcknowledged()
        for at in range(0, len(members), AT_ONCE):
            some = members[at : at + AT_ONCE]
            done += await self.stage.write(
                lambda uow, some=some: acknowledge_all(some, seen_rev=seen_rev, by=by, uow=uow)
            )
        return done

    async def cards(self) -> dict[int, Row]:
        """By the incident's number (that is, its id), as they stand in the outbox."""
        return {row["incident_id"]: row for row in await self.stage.all(tables.outbox) if row["kind"] == "card"}

    async def parked(self) -> list[int]:
        """The incidents that a roll-up shows in place of a card."""
        return sorted(number for number, row in (await self.cards()).items() if row["shown_in_id"] is not None)

    async def rollups(self) -> list[Row]:
        return [row for row in await self.stage.all(tables.outbox) if row["kind"] == OutboxKind.ROLLUP.value]

    def counted(self, name: str) -> float:
        return self.registry.get_sample_value(name) or 0.0
