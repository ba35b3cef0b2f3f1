"""Requests for a second person."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_

from db.approval_tables import approvals
from db.gate import Gate, Row
from incidents.approvals.errors import ApprovalNotFound
from incidents.approvals.model import Approval, NewApproval, Outcome, Wanted
from incidents.model import Actor


class ApprovalQueries:
    """Implements ``incidents.approvals.keeping.Approvals``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def add(self, new: NewApproval) -> None:
        row = {
            "incident_id": new.incident_id,
            "open_incident_id": new.incident_id,
            "incident_number": new.incident_number,
            "episode": new.episode,
            "wanted": new.wanted.value,
            "words": new.words,
            "asked_by": str(new.by),
            "asked_via": new.by.via,
            "asked_at": self._gate.now,
            "until": new.until,
            "event_id": new.event_id,
            "outcome": Outcome.OPEN.value,
            "decided_via": "",
            "reason": "",
        }
        await self._gate.insert_many(approvals, [row])

    async def get(self, approval_id: int) -> Approval:
        row = await self._gate.row(self._gate.select(approvals).where(approvals.c.id == approval_id))
        if row is None:
            raise ApprovalNotFound(approval_id)
        return _approval(row)

    async def lock(self, approval_id: int) -> Approval:
        this = self._gate.select(approvals).where(approvals.c.id == approval_id).with_for_update()
        row = await self._gate.row(this)
        if row is None:
            raise ApprovalNotFound(approval_id)
        return _approval(row)

    async def open_of(self, incident_id: int) -> Approval | None:
        row = await self._gate.row(self._gate.select(approvals).where(approvals.c.open_incident_id == incident_id))
        return None if row is None else _approval(row)

    async def open_from(self, asked_by: str) -> Sequence[Approval]:
        """Few are open at a time: the index leads to these."""
        waiting = self._gate.select(approvals).where(approvals.c.outcome == Outcome.OPEN.value)
        theirs = waiting.where(approvals.c.asked_by == asked_by).order_by(approvals.c.asked_at, approvals.c.id)
        return [_approval(row) for row in await self._gate.rows(theirs)]

    async def told_by(self, incident_id: int, event_id: int) -> Approval | None:
        this = self._gate.select(approvals).where(
            approvals.c.incident_id == incident_id, approvals.c.event_id == event_id
        )
        row = await self._gate.row(this)
        return None if row is None else _approval(row)

    async def end(self, approval_id: int, outcome: Outcome, *, by: Actor | None, reason: str = "") -> None:
        ended = self._gate.update(approvals).where(approvals.c.id == approval_id)
        await self._gate.execute(
            ended.values(
                open_incident_id=None,
                outcome=outcome.value,
                decided_by=None if by is None else str(by),
                decided_via="" if by is None else by.via,
                decided_at=self._gate.now,
                reason=reason,
            )
        )

    async def page(
        self,
        *,
        is_open: bool | None,
        incident_id: int | None,
        before: tuple[datetime, int] | None,
        limit: int,
    ) -> Sequence[Approval]:
        """Through an index from where the page begins: what lies before it is not looked at."""
        found = self._gate.select(approvals).order_by(approvals.c.asked_at.desc(), approvals.c.id.desc()).limit(limit)
        if is_open:
            found = found.where(approvals.c.outcome == Outcome.OPEN.value)
        elif is_open is False:
            found = found.where(approvals.c.outcome != Outcome.OPEN.value)
        if incident_id is not None:
            found = found.where(approvals.c.incident_id == incident_id)
        if before is not None:
            at, last = before
            earlier = or_(approvals.c.asked_at < at, and_(approvals.c.asked_at == at, approvals.c.id < last))
            found = found.where(approvals.c.asked_at <= at, earlier)
        return [_approval(row) for row in await self._gate.rows(found)]


def _approval(row: Row) -> Approval:
    told = {name: row[name] for name in Approval.__slots__}
    return Approval(**{**told, "wanted": Wanted(row["wanted"]), "outcome": Outcome(row["outcome"])})
