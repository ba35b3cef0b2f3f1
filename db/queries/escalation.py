"""Planned escalation steps: what is due stands in one index, which forgets what is done."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Update, and_, bindparam, func, null, or_

from db import rows
from db.escalation_tables import escalation_steps
from db.gate import Gate, Row, among, prepared, prepared_update
from db.tables import incident_events, incidents, outbox
from db.types import UtcDateTime
from incidents.escalation.keeping import Page
from incidents.escalation.model import PlannedStep, StepState, Timer
from incidents.model import Incident
from incidents.outbox import OutboxKind

_IS_PLANNED = escalation_steps.c.due_at.is_not(None)


class EscalationQueries:
    """Implements ``incidents.escalation.keeping.Escalation``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def of(self, incident: Incident) -> list[PlannedStep]:
        theirs = self._gate.select(escalation_steps).where(*_of_episode(incident)).order_by(escalation_steps.c.step)
        return [_step(row) for row in await self._gate.rows(theirs)]

    async def last_step(self, incident: Incident) -> int:
        last = self._gate.select(escalation_steps, func.max(escalation_steps.c.step)).where(*_of_episode(incident))
        return await self._gate.scalar(last) or 0

    async def planned(self, incident_ids: Collection[int]) -> list[PlannedStep]:
        ids = sorted(set(incident_ids))
        if not ids:
            return []
        return [_step(row) for row in await self._gate.prepared_rows(_planned(), ids=ids)]

    async def planned_incidents(self) -> list[int]:
        waiting = self._gate.select(escalation_steps, escalation_steps.c.incident_id).where(_IS_PLANNED).distinct()
        return sorted(row["incident_id"] for row in await self._gate.rows(waiting))

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

    async def tell_in(self, steps: Sequence[PlannedStep], *, outbox_id: int) -> None:
        ids = [step.id for step in steps if step.id is not None]
        if ids:
            these = self._gate.update(escalation_steps).where(escalation_steps.c.id.in_(ids))
            await self._gate.execute(these.values(told_in_id=outbox_id))

    async def told_in(self, outbox_id: int) -> list[Page]:
        steps = (
            self._gate.select(escalation_steps)
            .where(escalation_steps.c.told_in_id == outbox_id)
            .order_by(escalation_steps.c.done_at, escalation_steps.c.id)
        )
        found = [_step(row) for row in await self._gate.rows(steps)]
        of = self._gate.select(incidents).where(incidents.c.id.in_({one.incident_id for one in found}))
        by_id = {row["id"]: rows.incident(row) for row in await self._gate.rows(of)}
        events = self._gate.select(incident_events).where(incident_events.c.id.in_({one.event_id for one in found}))
        told = {row["id"]: row["data"] for row in await self._gate.rows(events)}
        return [Page(one, by_id[one.incident_id], told.get(one.event_id, {})) for one in found]

    async def count_told_in(self, outbox_id: int) -> int:
        told = self._gate.select(escalation_steps, func.count()).where(escalation_steps.c.told_in_id == outbox_id)
        return int(await self._gate.scalar(told))

    async def cancel(self, incident_ids: Collection[int], *, reason: str) -> None:
        await self._cancel("incident_id", incident_ids, reason)

    async def cancel_steps(self, steps: Sequence[PlannedStep], *, reason: str) -> None:
        await self._cancel("id", [step.id for step in steps if step.id is not None], reason)

    async def _cancel(self, column: str, ids: Collection[int], reason: str) -> None:
        if ids:
            told = {"ids": sorted(set(ids)), "now": self._gate.now, "why": reason}
            await self._gate.prepared_write(_cancelled(column), **told)

    async def any_due(self) -> bool:
        return bool(await self._gate.prepared_rows(_any_due(), now=self._gate.now))

    async def due(self, *, limit: int) -> list[int]:
        due = (
            self._gate.select(escalation_steps, escalation_steps.c.incident_id)
            .where(escalation_steps.c.due_at <= self._gate.now)
            .order_by(escalation_steps.c.due_at, escalation_steps.c.id)
            .limit(limit)
        )
        return list(dict.fromkeys(row["incident_id"] for row in await self._gate.rows(due)))

    async def untaken(self, *, since: datetime, until: datetime, limit: int) -> list[PlannedStep]:
        waiting = self._gate.select(outbox, outbox.c.id, outbox.c.incident_id, outbox.c.subject).where(
            outbox.c.kind.in_((OutboxKind.REMINDER.value, OutboxKind.PAGE.value)),
            outbox.c.created_at.between(since, until),
            outbox.c.sent_rev == 0,
            outbox.c.due_at.is_not(None),
        )
        found = await self._gate.rows(waiting.order_by(outbox.c.created_at).limit(10 * limit))
        events = [int(row["subject"].removeprefix("event:")) for row in found if row["incident_id"]]
        merged = [row["id"] for row in found if not row["incident_id"]]
        told = or_(
            and_(
                escalation_steps.c.incident_id.in_({row["incident_id"] for row in found}),
                escalation_steps.c.event_id.in_(events),
            ),
            escalation_steps.c.told_in_id.in_(merged),
        )
        steps = self._gate.select(escalation_steps).where(told, escalation_steps.c.reason.is_(None))
        return [_step(row) for row in await self._gate.rows(steps.limit(limit))] if found else []

    async def overdue(self, *, since: datetime) -> tuple[int, datetime | None]:
        [row] = await self._gate.prepared_rows(_overdue(), since=since)
        return row["steps"], row["first"]


@cache
def _any_due() -> Select[Any]:
    now = bindparam("now", type_=UtcDateTime())
    return prepared(escalation_steps, escalation_steps.c.id).where(escalation_steps.c.due_at <= now).limit(1)


@cache
def _overdue() -> Select[Any]:
    due_at = escalation_steps.c.due_at
    told = (func.count().label("steps"), func.min(due_at).label("first"))
    return prepared(escalation_steps, *told).where(due_at < bindparam("since", type_=UtcDateTime()))


@cache
def _planned() -> Select[Any]:
    return (
        prepared(escalation_steps)
        .where(escalation_steps.c.incident_id.in_(among("ids")), _IS_PLANNED)
        .order_by(escalation_steps.c.due_at, escalation_steps.c.id)
    )


@cache
def _cancelled(column: str) -> Update:
    """``column``: whose ids are told."""
    return (
        prepared_update(escalation_steps)
        .where(escalation_steps.c[column].in_(among("ids")), _IS_PLANNED)
        .values(
            due_at=null(),
            state=StepState.CANCELLED.value,
            done_at=bindparam("now", type_=UtcDateTime()),
            reason=bindparam("why"),
        )
    )


def _of_episode(incident: Incident) -> tuple[ColumnElement[bool], ...]:
    return escalation_steps.c.incident_id == incident.id, escalation_steps.c.episode == incident.episode


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
