"""Messages in Slack that are on timelines, whose threads are whose, and which events were heard."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from db import rows
from db.gate import Gate, Row
from db.queries.ordering import GRAVEST_FIRST
from db.tables import incidents, outbox
from db.thread_tables import former_cards, slack_events, told_messages
from incidents.model import Incident
from incidents.outbox import OutboxKind
from incidents.threads import Pin, Told, ToldAs

_LONGEST_ID = 64


class ThreadQueries:
    """Implements ``incidents.threads.Threads``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def hear(self, event_id: str) -> bool:
        """Of two that hear it at once the second fails to insert it, runs again, and finds it."""
        known = event_id if len(event_id) <= _LONGEST_ID else hashlib.sha256(event_id.encode()).hexdigest()
        before = self._gate.select(slack_events, slack_events.c.id).where(slack_events.c.event_id == known)
        if await self._gate.scalar(before) is not None:
            return False
        await self._gate.insert_one(slack_events, event_id=known, received_at=self._gate.now)
        return True

    async def forget(self, *, before: datetime, limit: int) -> int:
        old = self._gate.select(slack_events, slack_events.c.id).where(slack_events.c.received_at < before)
        found = await self._gate.rows(old.order_by(slack_events.c.received_at).limit(limit))
        ids = [row["id"] for row in found]
        return await self._gate.changed(self._gate.delete(slack_events).where(slack_events.c.id.in_(ids))) if ids else 0

    async def incident_of(self, channel_id: str, thread_ts: str) -> int | None:
        card = self._gate.select(outbox, outbox.c.incident_id).where(
            outbox.c.channel_id == channel_id, outbox.c.ts == thread_ts, outbox.c.kind == OutboxKind.CARD.value
        )
        former = self._gate.select(former_cards, former_cards.c.incident_id).where(
            former_cards.c.channel_id == channel_id, former_cards.c.ts == thread_ts
        )
        found: int | None = await self._gate.scalar(card)
        return found if found is not None else await self._gate.scalar(former)

    async def has_cards(self, channel_id: str) -> bool:
        card = self._gate.select(outbox, outbox.c.id).where(
            outbox.c.channel_id == channel_id, outbox.c.kind == OutboxKind.CARD.value
        )
        return await self._gate.scalar(card.limit(1)) is not None

    async def told(self, channel_id: str, ts: str) -> Sequence[Told]:
        statement = self._gate.select(told_messages).where(
            told_messages.c.channel_id == channel_id, told_messages.c.ts == ts
        )
        return [_told(row) for row in await self._gate.rows(statement.order_by(told_messages.c.id))]

    async def save(self, told: Told) -> None:
        if told.id is None:
            await self._gate.insert_one(told_messages, **_values(told))
        else:
            this = self._gate.update(told_messages).where(told_messages.c.id == told.id)
            await self._gate.execute(this.values(**_values(told)))

    async def choices(self, *, limit: int) -> Sequence[Incident]:
        newest = (GRAVEST_FIRST, incidents.c.start_time.desc(), incidents.c.id.desc())
        statement = self._gate.select(incidents).where(incidents.c.open_key.is_not(None)).order_by(*newest)
        return [rows.incident(row) for row in await self._gate.rows(statement.limit(limit))]


def _told(row: Row) -> Told:
    pins: Mapping[str, Sequence[Any]] = row["pins"] or {}
    values = {name: row[name] for name in _COLUMNS}
    return Told(
        **{**values, "kind": ToldAs(row["kind"])},
        pins={who: Pin(str(at), bool(is_on)) for who, (at, is_on) in pins.items()},
        id=row["id"],
    )


def _values(told: Told) -> dict[str, Any]:
    values = {name: getattr(told, name) for name in _COLUMNS}
    pins = {who: [pin.at, pin.is_on] for who, pin in told.pins.items()}
    return {**values, "kind": told.kind.value, "pins": pins or None}


_COLUMNS = (
    "channel_id", "ts", "incident_id", "kind", "author", "text", "is_clipped", "files", "event_id", "edited_ts",
    "is_gone",
)  # fmt: skip
