"""Asking Slack to show something: rows whose ``desired_rev`` runs ahead of ``sent_rev``."""

from collections.abc import Iterable

from sqlalchemy import Update, case, func, or_

from db import dialect
from db.gate import Gate
from db.tables import outbox
from incidents.ports import OutboxKind, Priority


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

    async def add_card(self, incident_id: int, *, channel: str, priority: Priority) -> None:
        await self._add(incident_id, channel=channel, kind=OutboxKind.CARD, subject="", priority=priority)

    async def touch_cards(self, incident_ids: Iterable[int], *, priority: Priority) -> None:
        ids = sorted(set(incident_ids))
        if ids:
            cards = self._gate.update(outbox).where(
                outbox.c.incident_id.in_(ids), outbox.c.kind == OutboxKind.CARD.value
            )
            await self._gate.execute(bump(cards, self._gate, priority))

    async def add_thread(self, incident_id: int, event_id: int, *, priority: Priority) -> None:
        await self._add_below_cards(incident_id, event_id, kind=OutboxKind.THREAD, priority=priority)

    async def add_reminder(self, incident_id: int, event_id: int, *, priority: Priority) -> None:
        await self._add_below_cards(incident_id, event_id, kind=OutboxKind.REMINDER, priority=priority)

    async def _add_below_cards(self, incident_id: int, event_id: int, *, kind: OutboxKind, priority: Priority) -> None:
        cards = self._gate.select(outbox, outbox.c.channel).where(
            outbox.c.incident_id == incident_id, outbox.c.kind == OutboxKind.CARD.value
        )
        for row in await self._gate.rows(cards):
            await self._add(
                incident_id, channel=row["channel"], kind=kind, subject=f"event:{event_id}", priority=priority
            )

    async def _add(self, incident_id: int, *, channel: str, kind: OutboxKind, subject: str, priority: Priority) -> None:
        keep = dialect.insert_or_keep(
            self._gate.connection, outbox, unique=("tenant_id", "incident_id", "channel", "kind", "subject")
        )
        await self._gate.execute(
            keep.values(
                tenant_id=self._gate.tenant_id,
                incident_id=incident_id,
                channel=channel,
                kind=kind.value,
                subject=subject,
                desired_rev=1,
                sent_rev=0,
                priority=int(priority),
                due_at=self._gate.now,
                fence=0,
                attempts=0,
                created_at=self._gate.now,
            )
        )
