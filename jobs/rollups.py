"""Keeping the hourly sums: every minute, and anew when somebody asks."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge

from incidents.audit.recording import note
from incidents.errors import BongsuError
from incidents.keeping import RollupLimits, RollupStep
from incidents.model import CLI, Actor
from incidents.ports import Transactions, UnitOfWork

logger = logging.getLogger(__name__)

Rest = Callable[[float], Awaitable[object]]
"""Waits so many seconds."""

_PATIENCE = timedelta(seconds=15)
_LOOK_AGAIN_SECONDS = 0.1
_DEFAULTS = RollupLimits()


class RollupMetrics:
    """Made once, on the registry that it is handed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._folded = Counter(
            "bongsu_rollups_folded",
            "Alerts counted as (other), because their hour had too many distinct rows",
            registry=registry,
        )
        self._counted_until = Gauge(
            "bongsu_rollups_counted_until_timestamp_seconds", "All before it is counted", registry=registry
        )

    def count(self, step: RollupStep) -> None:
        """Of a step that was committed."""
        self._folded.inc(step.folded)
        if step.counted_until is not None:
            self._counted_until.set(step.counted_until.timestamp())


class Rollups:
    """Any number of processes may run it: a step is taken by one of them, and by none twice."""

    def __init__(
        self,
        transactions: Transactions,
        metrics: RollupMetrics,
        *,
        limits: RollupLimits = _DEFAULTS,
        rest: Rest = asyncio.sleep,
    ) -> None:
        self._transactions = transactions
        self._metrics = metrics
        self._limits = limits
        self._rest = rest

    async def run(self) -> None:
        """One tick. Where the database is away, the next one makes up for it."""
        try:
            await self.catch_up()
        except BongsuError as error:
            logger.warning("rollups wait", extra={"action": "rollups_wait", "error": str(error)})

    async def catch_up(self, *, wait: bool = False) -> None:
        """Until all is counted. While another process counts: return, or ``wait`` for it. Raises Unavailable."""
        for step in (self._count_alerts, self._count_episodes):
            await self._walk(step, wait=wait)

    async def rebuild(self, since: datetime | None, *, by: Actor = CLI) -> datetime:
        """Count anew from that hour on, while others go on counting; from when it was. Raises Unavailable."""
        begun = await self._transactions.write(partial(_start_over, since=since, by=by), patience=_PATIENCE)
        await self.catch_up(wait=True)
        return begun.astimezone(UTC)

    async def _walk(self, count: Callable[[UnitOfWork], Awaitable[RollupStep]], *, wait: bool) -> None:
        """Step by step, at rest for as long as it worked, so that it never takes the database for itself."""
        while True:
            began = time.monotonic()
            step = await self._transactions.write(count, patience=_PATIENCE)
            self._metrics.count(step)
            if step.busy and wait:
                await self._rest(_LOOK_AGAIN_SECONDS)
            elif step.more:
                await self._rest(time.monotonic() - began)
            else:
                return

    async def _count_alerts(self, uow: UnitOfWork) -> RollupStep:
        return await uow.rollups.count_alerts(self._limits)

    async def _count_episodes(self, uow: UnitOfWork) -> RollupStep:
        return await uow.rollups.count_episodes(self._limits)


async def _start_over(uow: UnitOfWork, *, since: datetime | None, by: Actor) -> datetime:
    begun = await uow.rollups.start_over(since)
    await note("rollups.rebuilt", "rollups", by=by, uow=uow, after={"since": begun})
    return begun
