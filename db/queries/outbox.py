"""Asking Slack to show something: rows whose ``desired_rev`` runs ahead of ``sent_rev``."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, String, Update, and_, bindparam, case, exists, func, or_, update

from base import tracing
from db.gate import Gate, among
from db.tables import incidents, outbox, storms
from db.types import UtcDateTime
from incidents.outbox import Mention, NewCard, OutboxKind, Priority
from incidents.pages import Home, NewPage

_UNIQUE = ("tenant_id", "incident_id", "channel", "kind", "subject")

_NOTICE_SETTLES = timedelta(seconds=10)
"""A notice is updated so long after the first news, and tells the news of all that time."""


def bump(statement: Update, gate: Gate, priority: Priority) -> Update:
    return _bumped(statement, gate.now, priority, tracing.current().traceparent)


def _bumped(statement: Update, now: Any, priority: Priority, traceparent: Any) -> Update:
    """One more revision is wanted. A row that waits for Slack's Retry-After keeps waiting.

    ``traceparent`` None: nothing is traced here, and nothing of it written.

    The order matters: MySQL evaluates assignments from left to right with the values already assigned.
    """
    raised = or_(outbox.c.due_at.is_(None), outbox.c.priority > int(priority))
    traced = [] if traceparent is None else [(outbox.c.traceparent, traceparent)]
    return statement.ordered_values(
        (outbox.c.desired_rev, outbox.c.desired_rev + 1),
        (outbox.c.priority, case((raised, int(priority)), else_=outbox.c.priority)),
        (outbox.c.due_at, func.coalesce(outbox.c.due_at, now)),
        *traced,
    )


_STANDS_FOR_IT = and_(storms.c.tenant_id == outbox.c.tenant_id, storms.c.rollup_id == outbox.c.shown_in_id)


_ASKS_NOTHING = {"desired_rev": 2}
"""A reminder without a question is never shown anew: see ``_SETTLED``."""


class OutboxQueries:
    """Implements ``incidents.outbox.Outbox``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def add_cards(self, cards: Sequence[NewCard]) -> None:
        wanted = [self._row(one.incident_id, one.channel, OutboxKind.CARD, "", one.priority) for one in cards]
        await self._gate.insert_many_or_keep(outbox, wanted, unique=_UNIQUE)

    async def add_cards_beside(self, incident_id: int, *, of: int, priority: Priority) -> None:
        cards = self._gate.select(outbox, outbox.c.channel).where(
            outbox.c.incident_id == of, outbox.c.kind == OutboxKind.CARD.value
        )
        await self.add_cards([NewCard(incident_id, row["channel"], priority) for row in await self._gate.rows(cards)])

    async def touch_cards(self, incident_ids: Iterable[int], *, priority: Priority) -> None:
        ids = sorted(set(incident_ids))
        if ids:
            trace = tracing.current().traceparent
            traced = {} if trace is None else {"trace": trace}
            statement = _touch_cards(priority, is_traced=bool(traced))
            await self._gate.prepared_write(statement, ids=ids, now=self._gate.now, **traced)

    async def add_thread(self, incident_id: int, event_id: int, *, priority: Priority) -> None:
        await self._add_below_cards(incident_id, event_id, kind=OutboxKind.THREAD, priority=priority)

    async def add_reminder(self, incident_id: int, event_id: int, *, priority: Priority, asks: bool = True) -> None:
        await self._add_below_cards(incident_id, event_id, kind=OutboxKind.REMINDER, priority=priority, asks=asks)
        elsewhere = self._gate.update(outbox).where(
            outbox.c.incident_id == incident_id,
            outbox.c.kind == OutboxKind.CARD.value,
            outbox.c.shown_in_id.is_not(None),
        )
        await self._gate.execute(bump(elsewhere, self._gate, priority))

    async def touch_reminder(self, incident_id: int, event_id: int) -> None:
        this = self._gate.update(outbox).where(
            outbox.c.incident_id == incident_id,
            outbox.c.kind == OutboxKind.REMINDER.value,
            outbox.c.subject == f"event:{event_id}",
        )
        await self._gate.execute(bump(this, self._gate, Priority.CLICK))

    async def add_mentions(self, mentions: Sequence[Mention]) -> None:
        wanted = [
            self._row(one.incident_id, one.channel, OutboxKind.REMINDER, f"event:{one.event_id}", one.priority)
            | _ASKS_NOTHING
            for one in mentions
        ]
        await self._gate.insert_many_or_keep(outbox, wanted, unique=_UNIQUE)

    async def homes(self, incident_ids: Collection[int]) -> Mapping[int, Home]:
        ids = sorted(set(incident_ids))
        cards = (
            self._gate.select(outbox, outbox.c.incident_id, outbox.c.channel, storms.c.id.label("storm_id"))
            .outerjoin(storms, _STANDS_FOR_IT)
            .where(outbox.c.incident_id.in_(ids), outbox.c.kind == OutboxKind.CARD.value)
            .order_by(outbox.c.id.desc())
        )
        found = await self._gate.rows(cards) if ids else []
        return {row["incident_id"]: Home(row["channel"], row["storm_id"]) for row in found}

    async def add_page(self, page: NewPage) -> int:
        row = self._row(page.incident_id, page.channel, OutboxKind.PAGE, page.subject, Priority.ESCALATION)
        await self._gate.insert_many_or_keep(outbox, [{**row, "due_at": page.due_at}], unique=_UNIQUE)
        it = [outbox.c[name] == row[name] for name in _UNIQUE[1:]]
        before = self._gate.update(outbox).where(*it, outbox.c.ts.is_(None), outbox.c.created_at < self._gate.now)
        again = {"desired_rev": outbox.c.desired_rev + 1, "due_at": func.coalesce(outbox.c.due_at, page.due_at)}
        await self._gate.execute(before.values(**again, **_traced()))
        return int(await self._gate.scalar(self._gate.select(outbox, outbox.c.id).where(*it)))

    async def calls_since(self, channel: str, *, since: datetime) -> int:
        calling = (OutboxKind.REMINDER.value, OutboxKind.PAGE.value)
        counted = self._gate.select(outbox, func.count()).where(
            outbox.c.kind.in_(calling), outbox.c.created_at > since, outbox.c.channel == channel
        )
        return int(await self._gate.scalar(counted))

    async def waiting_page(self, channel: str, *, after: datetime) -> int | None:
        waiting = self._gate.select(outbox, outbox.c.id).where(
            outbox.c.incident_id == 0,
            outbox.c.channel == channel,
            outbox.c.kind == OutboxKind.PAGE.value,
            outbox.c.due_at > after,
            outbox.c.sent_rev == 0,
        )
        found = await self._gate.scalar(waiting.order_by(outbox.c.id).limit(1).with_for_update())
        if found is not None and self._gate.in_cluster:
            # Or a publisher on another node could take it in the same moment: a lock of ours holds for this node alone.
            this = self._gate.update(outbox).where(outbox.c.id == found)
            await self._gate.execute(this.values(lease_holder=uuid.uuid4().hex))
        return None if found is None else int(found)

    async def add_notice(self, subject: str, *, channel: str) -> None:
        """Read without a lock first: a flood of calls must not queue up for one row.

        Whoever finds it due leaves it alone, for it is rendered later than they commit. One that is being published
        may have been rendered already, so it gets one more revision, once.
        """
        row = await self._gate.row(self._gate.select(outbox).where(*_is_notice(subject), outbox.c.channel == channel))
        if row is None:
            new = self._row(0, channel, OutboxKind.NOTICE, subject, Priority.UPDATE)
            await self._gate.insert_many_or_keep(outbox, [new], unique=_UNIQUE)
        elif row["due_at"] is None or (row["lease_until"] is not None and row["desired_rev"] - row["sent_rev"] < 2):
            this = self._gate.update(outbox).where(outbox.c.id == row["id"], outbox.c.desired_rev == row["desired_rev"])
            soon = func.coalesce(outbox.c.due_at, self._gate.now + _NOTICE_SETTLES)
            await self._gate.execute(this.values(desired_rev=row["desired_rev"] + 1, due_at=soon))

    async def add_notice_once(self, subject: str, *, channel: str) -> None:
        new = self._row(0, channel, OutboxKind.NOTICE, subject, Priority.UPDATE)
        await self._gate.insert_many_or_keep(outbox, [new], unique=_UNIQUE)

    async def add_report(self, subject: str, *, channel: str) -> None:
        new = self._row(0, channel, OutboxKind.REPORT, subject, Priority.UPDATE)
        await self._gate.insert_many_or_keep(outbox, [new], unique=_UNIQUE)

    async def touch_notice(self, subject: str) -> None:
        notices = self._gate.update(outbox).where(*_is_notice(subject))
        await self._gate.execute(bump(notices, self._gate, Priority.UPDATE))

    async def _add_below_cards(
        self, incident_id: int, event_id: int, *, kind: OutboxKind, priority: Priority, asks: bool = True
    ) -> None:
        cards = self._gate.select(outbox, outbox.c.channel).where(
            outbox.c.incident_id == incident_id, outbox.c.kind == OutboxKind.CARD.value
        )
        channels = [row["channel"] for row in await self._gate.rows(cards)]
        subject = f"event:{event_id}"
        wanted = [
            self._row(incident_id, channel, kind, subject, priority) | ({} if asks else _ASKS_NOTHING)
            for channel in channels
        ]
        await self._gate.insert_many_or_keep(outbox, wanted, unique=_UNIQUE)

    def _row(
        self, incident_id: int, channel: str, kind: OutboxKind, subject: str, priority: Priority
    ) -> dict[str, Any]:
        return {
            "incident_id": incident_id,
            "channel": channel,
            "kind": kind.value,
            "subject": subject,
            "desired_rev": 1,
            "sent_rev": 0,
            "priority": int(priority),
            "due_at": self._gate.now,
            "fence": 0,
            "attempts": 0,
            "created_at": self._gate.now,
            **_traced(),
        }


def _traced() -> dict[str, str]:
    """Nothing, and so no column more to write, where nothing is traced."""
    traceparent = tracing.current().traceparent
    return {} if traceparent is None else {"traceparent": traceparent}


_SETTLED = and_(
    outbox.c.kind == OutboxKind.REMINDER.value,
    outbox.c.desired_rev == 1,
    or_(outbox.c.sent_rev > 0, outbox.c.lease_holder.is_not(None)),
    exists().where(
        incidents.c.tenant_id == outbox.c.tenant_id,
        incidents.c.id == outbox.c.incident_id,
        incidents.c.confirm_by.is_(None),
    ),
)
"""A reminder is shown anew once: when nothing waits for an answer any more, it loses the button for it.

One that nobody has begun to send is left alone: it is rendered as things stand then.
"""


@cache
def _touch_cards(priority: Priority, *, is_traced: bool) -> Update:
    """The cards of incidents, and reminders that nobody need answer any more."""
    shown = or_(outbox.c.kind == OutboxKind.CARD.value, _SETTLED)
    cards = update(outbox).where(outbox.c.tenant_id == bindparam("of_tenant"), outbox.c.incident_id.in_(among("ids")))
    traceparent = bindparam("trace", type_=String()) if is_traced else None
    return _bumped(cards.where(shown), bindparam("now", type_=UtcDateTime()), priority, traceparent)


def _is_notice(subject: str) -> tuple[ColumnElement[bool], ...]:
    return (outbox.c.incident_id == 0, outbox.c.kind == OutboxKind.NOTICE.value, outbox.c.subject == subject)
