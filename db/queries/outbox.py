"""Asking Slack to show something: rows whose ``desired_rev`` runs ahead of ``sent_rev``."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Update, case, func, or_

from db.gate import Gate, Row
from db.tables import outbox
from incidents.ports import NewCard, OutboxKind, Priority

_UNIQUE = ("tenant_id", "incident_id", "channel", "kind", "subject")


def bump(statement: Update, gate: Gate, priority: Priority) -> Update:
    """One more revision is wanted. A row that waits for Slack's Retry-After keeps waiting.

    The order matters: MySQL evaluates assignments from left to right with the values already assigned.
    """
    raised = or_(outbox.c.due_at.is_(None), outbox.c.priority > int(priority))
    return statement.ordered_values(
        (outbox.c.desired_rev, outbox.c.desired_rev + 1),
        (outbox.c.priority, case((raised, int(priority)), else_=outbox.c.priority)),
        (outbox.c.due_at, func.coalesce(outbox.c.due_at, gate.now)),
    )


class OutboxQueries:
    """Implements ``incidents.ports.Outbox``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def add_cards(self, cards: Sequence[NewCard]) -> None:
        wanted = [self._row(one.incident_id, one.channel, OutboxKind.CARD, "", one.priority) for one in cards]
        await self._gate.insert_many_or_keep(outbox, wanted, unique=_UNIQUE)

    async def touch_cards(self, incident_ids: Iterable[int], *, priority: Priority) -> None:
        ids = sorted(set(incident_ids))
        if ids:
            cards = self._gate.update(outbox).where(
                outbox.c.incident_id.in_(ids), outbox.c.kind == OutboxKind.CARD.value
            )
            await self._gate.execute(bump(cards, self._gate, priority))

    async def add_thread(self, incident_id: int, event_id: int, *, priority: Priority) -> None:
        cards = self._gate.select(outbox, outbox.c.channel).where(
            outbox.c.incident_id == incident_id, outbox.c.kind == OutboxKind.CARD.value
        )
        channels = [row["channel"] for row in await self._gate.rows(cards)]
        subject = f"event:{event_id}"
        wanted = [self._row(incident_id, channel, OutboxKind.THREAD, subject, priority) for channel in channels]
        await self._gate.insert_many_or_keep(outbox, wanted, unique=_UNIQUE)

    def _row(self, incident_id: int, channel: str, kind: OutboxKind, subject: str, priority: Priority) -> Row:
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
        }
