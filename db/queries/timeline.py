"""The timeline and the episodes of incidents."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Select, bindparam, func, literal, or_, union_all

from db import rows
from db.gate import Gate, among, prepared
from db.queries.standing import as_they_stand, event_as_it_stands
from db.tables import incident_episodes, incident_events, incidents
from db.types import UtcDateTime
from incidents.history import Past
from incidents.model import Episode, Event, Incident


class TimelineQueries:
    """Implements ``incidents.history.Timeline``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def add(self, incident_id: int, events: Sequence[Event]) -> list[Event]:
        return [replace(event, id=await self._insert(incident_id, event)) for event in events]

    async def add_many(self, events: Sequence[tuple[int, Event]]) -> None:
        await self._gate.insert_many(
            incident_events, [rows.event_values(incident_id, event) for incident_id, event in events]
        )

    async def of(self, incident_id: int, *, limit: int) -> list[Event]:
        statement = (
            as_they_stand(self._gate)
            .where(incident_events.c.incident_id == incident_id)
            .order_by(incident_events.c.id.desc())
            .limit(limit)
        )
        return [event_as_it_stands(row) for row in reversed(await self._gate.rows(statement))]

    async def get(self, event_id: int) -> Event:
        row = await self._gate.row(self._gate.select(incident_events).where(incident_events.c.id == event_id))
        if row is None:
            raise LookupError(f"there is no event {event_id}")
        return rows.event(row)

    async def _insert(self, incident_id: int, event: Event) -> int:
        return await self._gate.insert_one(incident_events, **rows.event_values(incident_id, event))


class EpisodeQueries:
    """Implements ``incidents.history.Episodes``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def current(self, incident: Incident) -> Episode:
        return (await self.current_of([incident]))[incident.id]

    async def current_of(self, incidents: Sequence[Incident]) -> dict[int, Episode]:
        numbers = {incident.id: incident.episode for incident in incidents}
        if not numbers:
            return {}
        told = await self._gate.prepared_rows(_of(), ids=sorted(numbers), numbers=sorted(set(numbers.values())))
        found = [rows.episode(row) for row in told]
        current = {one.incident_id: one for one in found if one.number == numbers[one.incident_id]}
        if missing := numbers.keys() - current.keys():
            raise LookupError(f"incidents {sorted(missing)} have no present episode: tables were changed by hand")
        return current

    async def past_of(self, keys: Iterable[str], since: datetime) -> Past:
        wanted = sorted(set(keys))
        if not wanted:
            return Past()
        found = await self._gate.prepared_rows(_past_of(), keys=wanted, since=since, now=self._gate.now)
        opened = {row["incident_key"]: row["n"] for row in found if not row["snoozed_id"]}
        return Past(opened, frozenset(row["snoozed_id"] for row in found if row["snoozed_id"]))

    async def save(self, episodes: Sequence[Episode]) -> None:
        ordered = sorted(episodes, key=lambda one: (one.incident_id, one.number))
        values = [rows.episode_values(one) for one in ordered]
        await self._gate.insert_many_or_update(incident_episodes, values, unique=("incident_id", "number"))


@cache
def _past_of() -> CompoundSelect[Any]:
    """In one round trip, since all that opens waits for it. What is snoozed, hardly any, has an index of its own."""
    since, now = bindparam("since", type_=UtcDateTime()), bindparam("now", type_=UtcDateTime())
    opened = (
        prepared(
            incidents,
            incidents.c.incident_key,
            func.count(incident_episodes.c.id).label("n"),
            literal(0).label("snoozed_id"),
        )
        .join(incident_episodes, incident_episodes.c.incident_id == incidents.c.id)
        .where(incidents.c.incident_key.in_(among("keys")), incident_episodes.c.opened_at >= since)
        .where(or_(incidents.c.resolved_time.is_(None), incidents.c.resolved_time >= since))
        .group_by(incidents.c.incident_key)
    )
    snoozed = prepared(incidents, incidents.c.incident_key, literal(0), incidents.c.id).where(
        incidents.c.incident_key.in_(among("keys")), incidents.c.snoozed_until > now
    )
    return union_all(opened, snoozed)


@cache
def _of() -> Select[Any]:
    """By the numbers too, which lets through a few of other incidents, but spares all the older ones."""
    return (
        prepared(incident_episodes)
        .where(incident_episodes.c.incident_id.in_(among("ids")))
        .where(incident_episodes.c.number.in_(among("numbers")))
    )
