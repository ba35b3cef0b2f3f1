"""Which card is looked at next, and what becomes of one that Slack shows wrongly."""

from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Update

from db.gate import Gate, Row, prepared
from db.queries import lease_rows
from db.queries.former_cards import keep_place
from db.queries.outbox import bump
from db.queries.publishing import PublishingQueries
from db.tables import incidents, leases, outbox
from incidents.model import Status
from incidents.outbox import OutboxKind, Priority
from incidents.reconciling import ShownCard

_NAME = "reconcile"
"""A lease whose fence is the incident that was looked at last."""
_LATELY = timedelta(days=1)
_OPEN = (Status.ACTIVE.value, Status.ACKNOWLEDGED.value)


class ReconcilingQueries:
    """Implements ``incidents.reconciling.Reconciling``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def next(self, *, rest: timedelta, rest_after_all: timedelta) -> list[ShownCard]:
        mark = await self._mark()
        if mark is None or mark["expires_at"] > self._gate.now or await PublishingQueries(self._gate).is_due():
            return []
        following = await self._following(mark["fence"])
        if not await self._move(mark, following or 0, rest if following else rest_after_all) or following is None:
            return []
        return await self._cards(following)

    async def pause(self, rest: timedelta) -> None:
        this = self._gate.update(leases).where(leases.c.name == _NAME)
        await self._gate.execute(this.values(expires_at=self._gate.now + rest))

    async def missing(self, card: ShownCard) -> bool:
        lost = self._as_read(card).values(
            ts=None,
            sent_rev=0,
            desired_rev=outbox.c.desired_rev + 1,
            priority=int(Priority.UPDATE),
            due_at=self._gate.now,
        )
        is_lost = await self._gate.changed(lost) == 1
        if is_lost:
            await keep_place(self._gate, card.incident_id, card.channel_id, card.ts)
        return is_lost

    async def differs(self, card: ShownCard) -> bool:
        return await self._gate.changed(bump(self._as_read(card), self._gate, Priority.UPDATE)) == 1

    def _as_read(self, card: ShownCard) -> Update:
        return self._gate.update(outbox).where(
            outbox.c.id == card.outbox_id, outbox.c.fence == card.fence, outbox.c.ts == card.ts, *_AT_REST
        )

    async def _mark(self) -> Row | None:
        """None where it was made just now: then it is somebody's turn next time."""
        found = await self._gate.prepared_rows(_mark())
        if not found:
            await lease_rows.create(self._gate, _NAME)
        return found[0] if found else None

    async def _move(self, mark: Row, to: int, rest: timedelta) -> bool:
        this = self._gate.update(leases).where(
            leases.c.name == _NAME, leases.c.fence == mark["fence"], leases.c.expires_at == mark["expires_at"]
        )
        return await self._gate.changed(this.values(fence=to, expires_at=self._gate.now + rest)) == 1

    async def _following(self, after: int) -> int | None:
        """By two queries: each has an index of its own."""
        found = [
            await self._first(after, incidents.c.status.in_(_OPEN)),
            await self._first(after, incidents.c.resolved_time >= self._gate.now - _LATELY),
        ]
        return min((one for one in found if one is not None), default=None)

    async def _first(self, after: int, which: ColumnElement[bool]) -> int | None:
        statement = self._gate.select(incidents, incidents.c.id).where(which, incidents.c.id > after)
        found: int | None = await self._gate.scalar(statement.order_by(incidents.c.id).limit(1))
        return found

    async def _cards(self, incident_id: int) -> list[ShownCard]:
        cards = self._gate.select(outbox).where(
            outbox.c.incident_id == incident_id,
            outbox.c.kind == OutboxKind.CARD.value,
            outbox.c.ts.is_not(None),
            outbox.c.channel_id.is_not(None),
            *_AT_REST,
        )
        return [_card(row) for row in await self._gate.rows(cards)]


_AT_REST: tuple[Any, ...] = (outbox.c.due_at.is_(None), outbox.c.lease_until.is_(None))


@cache
def _mark() -> Select[Any]:
    return prepared(leases).where(leases.c.name == _NAME)


def _card(row: Row) -> ShownCard:
    return ShownCard(
        outbox_id=row["id"],
        incident_id=row["incident_id"],
        channel_id=row["channel_id"],
        ts=row["ts"],
        rev=row["sent_rev"],
        fence=row["fence"],
        refused_sha256=row["refused_sha256"],
    )
