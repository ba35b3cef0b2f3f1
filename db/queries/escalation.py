"""Planned escalation steps: what is due stands in one index, which forgets what is done."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func

from db.escalation_tables import escalation_steps
from db.gate import Gate, Row
from db.tables import incidents
from incidents.escalation.model import PlannedStep, StepState, Timer

_IS_PLANNED = escalation_steps.c.due_at.is_not(None)


class EscalationQueries:
    """Implements ``incidents.escalation.keeping.Escalation``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def of(self, incident_ids: Collection[int]) -> list[PlannedStep]:
        ids = sorted(set(incident_ids))
        if not ids:
            return []
        present = (
            self._gate.select(escalation_steps)
            .join(incidents, incidents.c.id == escalation_steps.c.incident_id)
            .where(escalation_steps.c.incident_id.in_(ids), escalation_steps.c.episode == incidents.c.episode)
            .order_by(escalation_steps.c.incident_id, escalation_steps.c.step)
        )
        return [_step(row) for row in await self._gate.rows(present)]

    async def planned(self, incident_ids: Collection[int]) -> list[PlannedStep]:
        ids = sorted(set(incident_ids))
        if not ids:
            return []
        waiting = (
            self._gate.select(escalation_steps)
            .where(escalation_steps.c.incident_id.in_(ids), _IS_PLANNED)
            .order_by(escalation_steps.c.due_at, escalation_steps.c.id)
        )
        return [_step(row) for row in await self._gate.rows(waiting)]

    async def plan(self, steps: Sequence[PlannedStep]) -> None:
        await self._gate.insert_many(escalation_steps, [_values(one) for one in steps])

    async def settle(self, step: PlannedStep) -> None:
        this = self._gate.update(escalation_steps).where(escalation_steps.c.id == step.id)
        await self._gate.execute(
            this.values(
                due_at=None,
                state=step.state.value,
                done_at=step.done_at,
                reason=step.reason,
                event_id=step.event_id,
            )
        )

    async def cancel(self, incident_ids: Collection[int], *, reason: str) -> None:
        ids = sorted(set(incident_ids))
        if ids:
            theirs = self._gate.update(escalation_steps).where(escalation_steps.c.incident_id.in_(ids), _IS_PLANNED)
            over = {"due_at": None, "state": StepState.CANCELLED.value, "done_at": self._gate.now, "reason": reason}
            await self._gate.execute(theirs.values(**over))

    async def any_due(self) -> bool:
        due = self._gate.select(escalation_steps, escalation_steps.c.id).where(
            escalation_steps.c.due_at <= self._gate.now
        )
        return await self._gate.scalar(due.limit(1)) is not None

    async def due(self, *, limit: int) -> list[int]:
        due = (
            self._gate.select(escalation_steps, escalation_steps.c.incident_id)
            .where(escalation_steps.c.due_at <= self._gate.now)
            .order_by(escalation_steps.c.due_at, escalation_steps.c.id)
            .limit(limit)
        )
        return list(dict.fromkeys(row["incident_id"] for row in await self._gate.rows(due)))

    async def overdue(self, *, since: datetime) -> tuple[int, datetime | None]:
        late = self._gate.select(
            escalation_steps,
            func.count().label("steps"),
            func.min(escalation_steps.c.due_at).label("first"),
        ).where(escalation_steps.c.due_at < since)
        [row] = await self._gate.rows(late)
        return row["steps"], row["first"]


def _values(step: PlannedStep) -> Row:
    return {
        "incident_id": step.incident_id,
        "episode": step.episode,
        "step": step.step,
        "timer": step.timer.value,
        "policy": step.policy,
        "position": step.position,
        "round": step.round,
        "began_at": step.began_at,
        "planned_for": step.due_at,
        "due_at": step.due_at if step.state is StepState.PLANNED else None,
        "state": step.state.value,
        "done_at": step.done_at,
        "reason": step.reason,
        "event_id": step.event_id,
    }


def _step(row: Row) -> PlannedStep:
    return PlannedStep(
        incident_id=row["incident_id"],
        episode=row["episode"],
        step=row["step"],
        timer=Timer(row["timer"]),
        policy=row["policy"],
        position=row["position"],
        round=row["round"],
        began_at=row["began_at"],
        due_at=row["planned_for"],
        state=StepState(row["state"]),
        done_at=row["done_at"],
        reason=row["reason"],
        event_id=row["event_id"],
        id=row["id"],
    )
