"""Deleting what is older than a team wants to keep: in small batches, by one process at a time, off the hot path."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client import Counter as Total

from base import failpoints
from base.failpoints import Failpoint
from incidents.audit.recording import note
from incidents.errors import BongsuError
from incidents.keeping import Cursor, Kept, OldRows, Walk
from incidents.model import SYSTEM, Actor
from incidents.policy import Policies, Retention
from incidents.ports import Transactions, UnitOfWork
from jobs.archive import Archive, ArchiveFailed

logger = logging.getLogger(__name__)
T = TypeVar("T")

Rest = Callable[[float], Awaitable[object]]
"""Waits so many seconds."""

EVERY = timedelta(hours=1)
_PATIENCE = timedelta(seconds=15)
_REST_FOR_WORK = 3
"""It rests three times as long as it worked: a quarter of the time at most."""
_AT_ONCE = {Kept.ALERTS: 500, Kept.BARE_DELIVERIES: 500, Kept.DELIVERIES: 500, Kept.INCIDENTS: 100}


class RetentionMetrics:
    """Made once, on the registry that it is handed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._deleted = Total(
            "bongsu_retention_deleted_rows", "Rows deleted because of their age", ["table"], registry=registry
        )
        self._archived = Total(
            "bongsu_retention_archived_rows", "Rows written into the archive", ["table"], registry=registry
        )
        self._last_run = Gauge(
            "bongsu_retention_last_run_timestamp_seconds", "When this process last was done", registry=registry
        )
        self._stopped = Gauge(
            "bongsu_retention_stopped", "1 while nothing is deleted because the archive fails", registry=registry
        )
        self._oldest = Gauge("bongsu_oldest_row_age_seconds", "Age of the oldest row", ["table"], registry=registry)

    def archived(self, old: OldRows) -> None:
        for (table, _), rows in old.rows.items():
            self._archived.labels(table).inc(len(rows))

    def deleted(self, rows: Mapping[str, int]) -> None:
        for table, count in rows.items():
            self._deleted.labels(table).inc(count)

    def ran(self, now: datetime, oldest: Mapping[str, datetime]) -> None:
        self._last_run.set(now.timestamp())
        self._stopped.set(0)
        for table, first in oldest.items():
            self._oldest.labels(table).set((now - first).total_seconds())

    def stopped(self) -> None:
        self._stopped.set(1)


class Keeper:
    """Any number of processes may run it: one at a time deletes, once in ``EVERY``."""

    def __init__(
        self,
        transactions: Transactions,
        policies: Policies,
        metrics: RetentionMetrics,
        *,
        holder: str,
        by: Actor = SYSTEM,
        at_once: Mapping[Kept, int] | None = None,
        rest: Rest = asyncio.sleep,
    ) -> None:
        self._transactions = transactions
        self._policies = policies
        self._metrics = metrics
        self._holder = holder
        self._by = by
        self._archives: dict[Path, Archive] = {}
        self._at_once = at_once or _AT_ONCE
        self._rest = rest

    async def run(self) -> None:
        """One tick. What can't be done now is done by a later one."""
        if not self._policies.current.retention.deletes:
            return
        try:
            await self.delete(even_at_rest=False)
        except ArchiveFailed as error:
            logger.error("retention stopped", extra={"action": "retention_stopped", "error": str(error)})  # noqa: TRY400
        except BongsuError as error:
            logger.warning("retention waits", extra={"action": "retention_waits", "error": str(error)})

    async def delete(self, *, even_at_rest: bool = True) -> dict[str, int] | None:
        """Delete all that is old; how many rows of each table. None: another process does, or it was done just now.

        Raises ArchiveFailed, LeaseLost, Unavailable.
        """
        retention = self._policies.current.retention
        archive = self._archive_in(retention.archive)
        fence = await self._write(lambda uow: uow.old_data.take(holder=self._holder, even_at_rest=even_at_rest))
        if fence is None:
            return None
        gone: Counter[str] = Counter()
        try:
            for walk in await self._write(lambda uow: _decide(uow, retention)):
                gone.update(await self._along(walk, fence, archive))
                await self._write(partial(_remember, walk=walk))
        except ArchiveFailed:
            await self._write(lambda uow: uow.old_data.finish(fence, rest=timedelta(0)))
            raise
        await self._write(partial(_finish, fence=fence, gone=gone, by=self._by))
        self._metrics.ran(*await self._transactions.read(_oldest, patience=_PATIENCE))
        logger.info("retention done", extra={"action": "retention_done", "rows": dict(gone)})
        return dict(gone)

    async def plan(self) -> dict[str, int]:
        """What would be deleted now: how many rows of each table. Changes nothing. Raises Unavailable."""
        retention = self._policies.current.retention
        would: Counter[str] = Counter()
        for walk in await self._transactions.read(lambda uow: _would_decide(uow, retention)):
            cursor, more = None, True
            while more:
                old = await self._look(walk, cursor, with_rows=False)
                would.update(old.counts)
                cursor, more = old.next, old.next is not None
        return {table: count for table, count in would.items() if count}

    async def _along(self, walk: Walk, fence: int, archive: Archive | None) -> Counter[str]:
        gone: Counter[str] = Counter()
        cursor, more = None, True
        while more:
            began = time.monotonic()
            old = await self._look(walk, cursor, with_rows=archive is not None)
            if old.ids:
                gone.update(await self._away_with(walk, old, fence, archive))
            cursor, more = old.next, old.next is not None
            await self._rest(_REST_FOR_WORK * (time.monotonic() - began))
        return gone

    async def _look(self, walk: Walk, after: Cursor | None, *, with_rows: bool) -> OldRows:
        limit = self._at_once[walk.kept]
        return await self._transactions.read(
            lambda uow: uow.old_data.look(walk, after=after, limit=limit, with_rows=with_rows), patience=_PATIENCE
        )

    async def _away_with(self, walk: Walk, old: OldRows, fence: int, archive: Archive | None) -> Mapping[str, int]:
        """First into the archive, and only then out of the database."""
        if archive is not None:
            try:
                await archive.keep(old.rows)
            except ArchiveFailed:
                self._metrics.stopped()
                raise
            self._metrics.archived(old)
        failpoints.passed(Failpoint.RETENTION_ARCHIVED)
        gone = await self._write(lambda uow: uow.old_data.delete(walk, old, fence=fence))
        self._metrics.deleted(gone)
        return gone

    def _archive_in(self, folder: Path | None) -> Archive | None:
        """The same one for the same folder: it remembers where its files ended."""
        return None if folder is None else self._archives.setdefault(folder, Archive(folder))

    async def _write(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        return await self._transactions.write(work, patience=_PATIENCE)


async def _decide(uow: UnitOfWork, retention: Retention) -> list[Walk]:
    """For good: what is older than these times will not be counted anew."""
    young = _young(retention, uow.now)
    if Kept.ALERTS in young:
        counted = await uow.old_data.give_up(young[Kept.ALERTS])
        young = _counted_only(young, counted)
    return [Walk(kept, before) for kept, before in young.items()]


async def _would_decide(uow: UnitOfWork, retention: Retention) -> list[Walk]:
    """What a run decides that counts first, as the command does."""
    young = _young(retention, uow.now)
    walks = [Walk(kept, before) for kept, before in young.items()]
    bare_are_gone = Kept.BARE_DELIVERIES in young
    return [replace(walk, alerts_from=young.get(Kept.ALERTS), bare_are_gone=bare_are_gone) for walk in walks]


async def _finish(uow: UnitOfWork, *, fence: int, gone: Mapping[str, int], by: Actor) -> None:
    """A run that has deleted something is told in the audit log."""
    await uow.old_data.finish(fence, rest=EVERY)
    rows = {table: count for table, count in gone.items() if count}
    if rows:
        await note("retention.deleted", "old data", by=by, uow=uow, after={"rows": rows})


async def _remember(uow: UnitOfWork, *, walk: Walk) -> None:
    await uow.old_data.walked(walk)


async def _oldest(uow: UnitOfWork) -> tuple[datetime, Mapping[str, datetime]]:
    return uow.now, await uow.old_data.oldest()


def _young(retention: Retention, now: datetime) -> dict[Kept, datetime]:
    """What is received (incidents: resolved) since these times stays, in the order in which the rest goes.

    A delivery stays as long as its alerts, whatever its own age is.
    """
    young: dict[Kept, datetime] = {}
    if retention.alerts is not None:
        young[Kept.ALERTS] = now - retention.alerts
    if retention.deliveries is not None:
        young[Kept.BARE_DELIVERIES] = now - retention.deliveries
    if retention.deliveries is not None and retention.alerts is not None:
        young[Kept.DELIVERIES] = now - max(retention.deliveries, retention.alerts)
    if retention.incidents is not None:
        young[Kept.INCIDENTS] = now - retention.incidents
    return young


def _counted_only(young: Mapping[Kept, datetime], counted: datetime | None) -> dict[Kept, datetime]:
    """Nothing that the rollups count goes before they have."""
    bare: dict[Kept, datetime] = {kept: time for kept, time in young.items() if kept is Kept.BARE_DELIVERIES}
    if counted is None:
        return bare
    return {kept: min(time, counted) for kept, time in young.items()} | bare
