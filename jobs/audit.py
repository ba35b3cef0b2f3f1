"""Sealing the audit log: every few seconds, by one process at a time; and deleting what is too old of it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge

from base import codec
from incidents.audit.chaining import AT_ONCE, Step, before_first, prune_next, seal_next
from incidents.audit.keeping import LAG
from incidents.audit.model import Head, Sealed
from incidents.audit.sealing import Secret, lines
from incidents.errors import BongsuError
from incidents.keeping import Json, StoredRow
from incidents.policy import Policies
from incidents.ports import Transactions, UnitOfWork
from jobs.archive import Archive, ArchiveFailed

logger = logging.getLogger(__name__)
T = TypeVar("T")

Rest = Callable[[float], Awaitable[object]]
"""Waits so many seconds."""

EVERY = 5.0
"""Seconds."""
PRUNED_EVERY = 3600.0
AT_LEAST = timedelta(days=1)
"""So much at a time, since each time is told by an entry."""
_PATIENCE = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class _Old:
    """The first of the chain, and the hash that they follow."""

    tenant_id: int
    entries: list[Sealed]
    previous: str


class AuditMetrics:
    """Made once, on the registry that it is handed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._sealed = Counter("bongsu_audit_sealed_entries", "Entries that this process sealed", registry=registry)
        self._seq = Gauge("bongsu_audit_head_seq", "The last sealed entry of the audit log", registry=registry)
        self._looked = Gauge(
            "bongsu_audit_sealed_timestamp_seconds",
            "When this process last looked whether any waits",
            registry=registry,
        )
        self._forged = Gauge(
            "bongsu_audit_forged_entries", "Entries that claim to be the chain keeper's, and are not", registry=registry
        )
        self._noted = Gauge(
            "bongsu_audit_noted_head",
            "Once an hour: the seq of the last sealed entry, and its hash, to be compared with the database",
            ["tenant_id", "hash"],
            registry=registry,
        )

    def sealed(self, step: Step, *, tenant_id: int) -> None:
        """Of a step that was committed. Heads are kept by whoever scrapes: one new series an hour."""
        self._looked.set_to_current_time()
        self._sealed.inc(step.sealed)
        self._forged.set(step.forged)
        if step.head is None:
            return
        self._seq.set(step.head.seq)
        if step.told:
            self._noted.clear()
            self._noted.labels(str(tenant_id), step.head.hash).set(step.head.seq)


class Sealer:
    """Any number of processes may run it: a step is taken by one of them, and by none twice."""

    def __init__(
        self,
        transactions: Transactions,
        policies: Policies,
        metrics: AuditMetrics,
        *,
        secret: Secret,
        lag: timedelta = LAG,
        at_once: int = AT_ONCE,
        rest: Rest = asyncio.sleep,
    ) -> None:
        self._transactions = transactions
        self._policies = policies
        self._metrics = metrics
        self._secret = secret
        self._lag = lag
        self._at_once = at_once
        self._rest = rest
        self._forged = 0

    async def run(self) -> None:
        """One tick. Where the database is away, the next one makes up for it."""
        try:
            await self.catch_up()
        except BongsuError as error:
            logger.warning("the audit log waits", extra={"action": "audit_waits", "error": str(error)})

    async def catch_up(self, *, wait: bool = False) -> int:
        """Until all is sealed; how many were. While another process seals: return, or ``wait``. Raises Unavailable."""
        sealed = 0
        while True:
            began = time.monotonic()
            tenant_id, step = await self._transactions.write(self._step, patience=_PATIENCE)
            sealed += step.sealed
            if not step.busy:
                self._tell(step, tenant_id)
            elif wait:
                await self._rest(0.1)
                continue
            if not step.more:
                return sealed
            await self._rest(time.monotonic() - began)

    async def prune(self) -> None:
        """One tick. What can't be deleted now is deleted by a later one."""
        age = self._policies.current.retention.audit
        if age is None:
            return
        try:
            before = await self._transactions.read(_now, patience=_PATIENCE) - age
            if (await self._transactions.read(partial(_old, before=before - AT_LEAST, limit=1))).entries:
                await self.delete_older(before)
        except ArchiveFailed as error:
            told = {"action": "audit_retention_stopped", "error": str(error)}
            logger.error("nothing of the audit log is deleted", extra=told)  # noqa: TRY400
        except BongsuError as error:
            logger.warning("the audit log is not shortened", extra={"action": "audit_waits", "error": str(error)})

    async def delete_older(self, before: datetime) -> int:
        """From the front of the chain, after they were archived; how many. Raises ArchiveFailed, Unavailable."""
        folder, gone = self._policies.current.retention.archive, 0
        archive = Archive(folder) if folder is not None else None
        while True:
            began = time.monotonic()
            old = await self._transactions.read(partial(_old, before=before, limit=self._at_once), patience=_PATIENCE)
            if archive is not None and old.entries:
                await archive.keep(_by_day(old))
            delete = partial(prune_next, old=old.entries, secret=self._secret)
            deleted = await self._transactions.write(delete, patience=_PATIENCE)
            gone += deleted
            if deleted < self._at_once:
                return gone
            await self._rest(time.monotonic() - began)

    async def _step(self, uow: UnitOfWork) -> tuple[int, Step]:
        step = await seal_next(uow, secret=self._secret, lag=self._lag, limit=self._at_once)
        return uow.audit.tenant_id, step

    def _tell(self, step: Step, tenant_id: int) -> None:
        self._metrics.sealed(step, tenant_id=tenant_id)
        if step.told and step.head is not None:
            logger.info("head of the audit log: %s", step.head, extra=_as_fields(step.head, tenant_id))
        if step.forged > self._forged:
            told = {"action": "audit_forged", "tenant_id": tenant_id, "entries": step.forged}
            logger.error("the audit log has entries that claim to be its keeper's, and are not", extra=told)
        self._forged = step.forged


def _as_fields(head: Head, tenant_id: int) -> dict[str, object]:
    return {"action": "audit_head", "tenant_id": tenant_id, "seq": head.seq, "hash": head.hash}


async def _now(uow: UnitOfWork) -> datetime:
    return uow.now


async def _old(uow: UnitOfWork, *, before: datetime, limit: int) -> _Old:
    audit = uow.audit
    return _Old(audit.tenant_id, await audit.old(before=before, limit=limit), await before_first(uow))


def _by_day(old: _Old) -> dict[tuple[str, date], list[StoredRow]]:
    """The same lines as those of an export."""
    rows: dict[tuple[str, date], list[StoredRow]] = {}
    for line in lines(old.entries, tenant_id=old.tenant_id, previous=old.previous):
        stored: StoredRow = {name: _stored(value) for name, value in line.items()}
        rows.setdefault(("audit_log", datetime.fromisoformat(str(line["at"])).date()), []).append(stored)
    return rows


def _stored(value: Any) -> Any:
    return Json(codec.dumps(value)) if isinstance(value, Mapping) else value
