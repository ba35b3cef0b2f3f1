"""Calls to outgoing webhooks: asked for, claimed with a lease and a fence, and written back only under that fence."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, Update, and_, bindparam, case, exists, func, not_, or_

from base import tracing
from db.gate import Gate, Row, prepared
from db.types import UtcDateTime
from db.webhook_tables import outgoing_webhooks
from incidents.escalation.webhooks import Action, Unwanted, WebhookHour, WebhookJob, WebhookTrouble

LEASE = timedelta(seconds=13)
"""For so long a claimed call belongs to its sender. What one that died had claimed is taken over after it.

A call begins at most 2 s after claiming, and lasts at most 10 s: it has come to its end by then.
"""
LEASE_ANEW = 2 * LEASE

_UNIQUE = ("tenant_id", "event_id", "name", "action")
_LONGEST_ERROR = 2000
_CANDIDATES = 50
_FREE: dict[str, Any] = {"lease_holder": None, "lease_until": None}
_TABLE = outgoing_webhooks
_before = outgoing_webhooks.alias("before")


class WebhookQueries:
    """Implements ``incidents.escalation.webhooks.Webhooks``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def add(self, incident_id: int, event_id: int, names: Collection[str], action: Action) -> None:
        again = await self._acknowledged(incident_id, names) if action is Action.TRIGGER else []
        rows = [self._row(incident_id, event_id, name, Action.UNACKNOWLEDGE) for name in again]
        rows += [self._row(incident_id, event_id, name, action) for name in dict.fromkeys(names)]
        await self._gate.insert_many_or_keep(_TABLE, rows, unique=_UNIQUE)

    async def follow(self, incident_id: int, event_id: int, action: Action) -> None:
        theirs = self._gate.select(_TABLE, _TABLE.c.name, _TABLE.c.action).where(_TABLE.c.incident_id == incident_id)
        told: set[str] = set()
        for row in await self._gate.rows(theirs.order_by(_TABLE.c.id)):
            if row["action"] == Action.TRIGGER.value:
                told.add(row["name"])
            elif row["action"] == Action.RESOLVE.value:
                told.discard(row["name"])
        await self.add(incident_id, event_id, sorted(told), action)

    async def _acknowledged(self, incident_id: int, names: Collection[str]) -> list[str]:
        """Those of them that were last told that somebody has it. What was dropped was not told."""
        theirs = self._gate.select(_TABLE, _TABLE.c.name, _TABLE.c.action).where(
            _TABLE.c.incident_id == incident_id,
            _TABLE.c.name.in_(sorted(set(names))),
            or_(_TABLE.c.due_at.is_not(None), _TABLE.c.began_at.is_not(None)),
        )
        last = {row["name"]: row["action"] for row in await self._gate.rows(theirs.order_by(_TABLE.c.id))}
        return [name for name, action in last.items() if action == Action.ACKNOWLEDGE.value]

    async def is_due(self) -> bool:
        return bool(await self._gate.prepared_rows(_due(), now=self._gate.now))

    async def claim(
        self, *, holder: str, most: int, each: int = 2, without: Collection[str] = ()
    ) -> Sequence[WebhookJob]:
        candidates = await self._gate.rows(self._candidates(sorted(without)))
        chosen = list(_at_most(each, candidates))[:most]
        taken = [row for row in chosen if await self._lease(row, holder)]
        told = await self._told(row["incident_id"] for row in taken)
        return [self._job(row, was_told=(row["incident_id"], row["name"]) in told) for row in taken]

    async def hold(self, job: WebhookJob) -> bool:
        return await self._gate.changed(self._mine(job).values(lease_until=self._gate.now + LEASE_ANEW)) == 1

    async def sent(self, job: WebhookJob) -> bool:
        return await self._settle(job, due_at=None, sent_at=self._gate.now, last_error=None)

    async def later(self, job: WebhookJob, *, wait: timedelta, error: str) -> bool:
        return await self._settle(job, due_at=self._gate.now + wait, last_error=error[:_LONGEST_ERROR])

    async def give_up(self, job: WebhookJob, *, error: str) -> bool:
        return await self._settle(job, due_at=None, gave_up_at=self._gate.now, last_error=error[:_LONGEST_ERROR])

    async def drop(self, job: WebhookJob, *, reason: Unwanted) -> bool:
        return await self._settle(
            job, due_at=None, gave_up_at=self._gate.now, last_error=reason.value, began_at=None, attempts=0
        )

    async def depth(self) -> tuple[int, timedelta]:
        [row] = await self._gate.prepared_rows(_depth())
        if row["oldest"] is None:
            return 0, timedelta(0)
        return row["n"], max(self._gate.now - row["oldest"], timedelta(0))

    async def trouble(self, hour: WebhookHour) -> WebhookTrouble:
        failed = and_(
            _TABLE.c.began_at >= hour.since,
            _TABLE.c.began_at < hour.until,
            _TABLE.c.name.startswith(hour.name, autoescape=True),
            _TABLE.c.sent_at.is_(None),
            _TABLE.c.last_error.is_not(None),
        )
        gave_up = func.sum(case((_TABLE.c.gave_up_at.is_not(None), 1), else_=0))
        counts = self._gate.select(_TABLE, func.count().label("n"), gave_up.label("gave_up")).where(failed)
        [row] = await self._gate.rows(counts)
        if not row["n"]:
            return WebhookTrouble(0, 0)
        error = self._gate.select(_TABLE, _TABLE.c.last_error).where(failed).order_by(_TABLE.c.id.desc()).limit(1)
        of_those = int(row["gave_up"])
        return WebhookTrouble(row["n"] - of_those, of_those, str(await self._gate.scalar(error)))

    def _candidates(self, without: Sequence[str]) -> Select[Any]:
        statement = self._gate.select(_TABLE).where(*_free(self._gate.now), not_(_COMES_LATER))
        if without:
            statement = statement.where(_TABLE.c.name.not_in(without))
        return statement.order_by(_TABLE.c.due_at, _TABLE.c.id).limit(_CANDIDATES)

    async def _lease(self, row: Row, holder: str) -> bool:
        """Compare-and-set on the fence: of two senders that saw the row free, one gets it."""
        now = self._gate.now
        free = self._gate.update(_TABLE).where(_TABLE.c.id == row["id"], _TABLE.c.fence == row["fence"])
        statement = free.values(
            fence=row["fence"] + 1,
            lease_holder=holder,
            lease_until=now + LEASE,
            attempts=_TABLE.c.attempts + 1,
            began_at=func.coalesce(_TABLE.c.began_at, now),
        )
        return await self._gate.changed(statement) == 1

    async def _told(self, incident_ids: Iterable[int]) -> set[tuple[int, str]]:
        """Of these incidents: which webhooks may have heard of each by a trigger."""
        ids = sorted(set(incident_ids))
        if not ids:
            return set()
        begun = self._gate.select(_TABLE, _TABLE.c.incident_id, _TABLE.c.name).where(
            _TABLE.c.incident_id.in_(ids), _TABLE.c.action == Action.TRIGGER.value, _TABLE.c.began_at.is_not(None)
        )
        return {(row["incident_id"], row["name"]) for row in await self._gate.rows(begun)}

    async def _settle(self, job: WebhookJob, **values: Any) -> bool:
        return await self._gate.changed(self._mine(job).values(**values, **_FREE)) == 1

    def _mine(self, job: WebhookJob) -> Update:
        return self._gate.update(_TABLE).where(_TABLE.c.id == job.id, _TABLE.c.fence == job.fence)

    def _row(self, incident_id: int, event_id: int, name: str, action: Action) -> Row:
        traceparent = tracing.current().traceparent
        return {
            "incident_id": incident_id,
            "event_id": event_id,
            "name": name,
            "action": action.value,
            "idempotency_key": uuid.uuid4().hex,
            "due_at": self._gate.now,
            "attempts": 0,
            "fence": 0,
            "created_at": self._gate.now,
            **({} if traceparent is None else {"traceparent": traceparent}),
        }

    def _job(self, row: Row, *, was_told: bool) -> WebhookJob:
        return WebhookJob(
            id=row["id"],
            incident_id=row["incident_id"],
            event_id=row["event_id"],
            name=row["name"],
            action=Action(row["action"]),
            idempotency_key=row["idempotency_key"],
            fence=row["fence"] + 1,
            attempts=row["attempts"] + 1,
            began_at=row["began_at"] or self._gate.now,
            was_told=was_told,
            traceparent=row["traceparent"],
        )


_COMES_LATER = exists().where(
    _before.c.tenant_id == _TABLE.c.tenant_id,
    _before.c.incident_id == _TABLE.c.incident_id,
    _before.c.id < _TABLE.c.id,
    _before.c.name == _TABLE.c.name,
    _before.c.due_at.is_not(None),
    or_(_before.c.action != Action.TRIGGER.value, _TABLE.c.action != Action.TRIGGER.value),
)
"""The receiver must hear of something else first. A page never waits for a page before it."""


@cache
def _depth() -> Select[Any]:
    waiting = prepared(_TABLE, func.count().label("n"), func.min(_TABLE.c.due_at).label("oldest"))
    return waiting.where(_TABLE.c.due_at.is_not(None))


@cache
def _due() -> Select[Any]:
    free = _free(bindparam("now", type_=UtcDateTime()))
    return prepared(_TABLE, _TABLE.c.id).where(*free, not_(_COMES_LATER)).limit(1)


def _free(now: datetime | BindParameter[datetime]) -> tuple[ColumnElement[bool], ...]:
    return (_TABLE.c.due_at <= now, or_(_TABLE.c.lease_until.is_(None), _TABLE.c.lease_until <= now))


def _at_most(each: int, rows: Sequence[Row]) -> Iterator[Row]:
    seen: Counter[str] = Counter()
    for row in rows:
        seen[row["name"]] += 1
        if seen[row["name"]] <= each:
            yield row
