"""The timeline and the episodes of incidents."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Select, bindparam, func, literal, or_, union_all

from db import rows
from db.gate import Gate, among, prepared
from db.queries.standing import as_they_stand, event_as_it_stands
from db.tables import incident_episodes, incident_events, incidents, key_aliases
from db.types import UtcDateTime
from incidents.history import Past
from incidents.merges import Alias
from incidents.model import Episode, Event, EventKind, Incident


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

    async def add_numbered(self, events: Sequence[tuple[int, Event]]) -> list[Event]:
        told = [rows.event_values(incident_id, event) for incident_id, event in events]
        ids = await self._gate.insert_numbered(incident_events, told)
        return [replace(event, id=event_id) for (_, event), event_id in zip(events, ids, strict=True)]

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

    async def openings(self, incident_ids: Sequence[int]) -> Mapping[int, int]:
        of_these = incident_events.c.incident_id.in_(sorted(incident_ids))
        opened = incident_events.c.kind == EventKind.OPENED.value
        found = await self._gate.rows(
            self._gate.select(incident_events, incident_events.c.id, incident_events.c.incident_id).where(
                of_these, opened
            )
        )
        return {row["incident_id"]: row["id"] for row in found}

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

    async def past_of(self, keys: Iterable[str], *, opened_since: datetime, alive_since: datetime) -> Past:
        wanted = sorted(set(keys))
        told = {"keys": wanted, "opened_since": opened_since, "alive_since": alive_since, "now": self._gate.now}
        found = await self._gate.prepared_rows(_past_of(), **told) if wanted else []
        aliases = sorted((row for row in found if row["alias_id"]), key=lambda row: row["alias_id"])
        return Past(
            {row["incident_key"]: row["n"] for row in found if row["n"]},
            frozenset(row["snoozed_id"] for row in found if row["snoozed_id"]),
            {row["incident_key"]: _alias(row) for row in aliases},
        )

    async def save(self, episodes: Sequence[Episode]) -> None:
        ordered = sorted(episodes, key=lambda one: (one.incident_id, one.number))
        values = [rows.episode_values(one) for one in ordered]
        await self._gate.insert_many_or_update(incident_episodes, values, unique=("incident_id", "number"))


def _alias(row: Mapping[str, Any]) -> Alias:
    return Alias(row["incident_key"], row["incident_id"], row["merged_id"], row["other_key"])


@cache
def _past_of() -> CompoundSelect[Any]:
    """In one round trip, since all that opens waits for it: what is snoozed or merged, hardly any, has indexes."""
    return union_all(_opened(), _snoozed(), _aliases())


def _opened() -> Select[Any]:
    since = bindparam("opened_since", type_=UtcDateTime())
    nothing = (literal(0).label(name) for name in ("snoozed_id", "alias_id", "incident_id", "merged_id"))
    count, other_key = func.count(incident_episodes.c.id).label("n"), literal("").label("other_key")
    return (
        prepared(incidents, incidents.c.incident_key, count, *nothing, other_key)
        .join(incident_episodes, incident_episodes.c.incident_id == incidents.c.id)
        .where(incidents.c.incident_key.in_(among("keys")), incident_episodes.c.opened_at >= since)
        .where(or_(incidents.c.resolved_time.is_(None), incidents.c.resolved_time >= since))
        .group_by(incidents.c.incident_key)
    )


def _snoozed() -> Select[Any]:
    now, zero = bindparam("now", type_=UtcDateTime()), literal(0)
    columns = (incidents.c.incident_key, zero, incidents.c.id, zero, zero, zero, literal(""))
    return prepared(incidents, *columns).where(
        incidents.c.incident_key.in_(among("keys")), incidents.c.snoozed_until > now
    )


def _aliases() -> Select[Any]:
    alive_since, zero, alias = bindparam("alive_since", type_=UtcDateTime()), literal(0), key_aliases.c
    columns = (alias.incident_key, zero, zero, alias.id, alias.incident_id, alias.merged_id, incidents.c.incident_key)
    return (
        prepared(key_aliases, *columns)
        .join(incidents, incidents.c.id == alias.incident_id)
        .where(alias.incident_key.in_(among("keys")))
        .where(or_(incidents.c.resolved_time.is_(None), incidents.c.resolved_time >= alive_since))
    )


@cache
def _of() -> Select[Any]:
    """By the numbers too, which lets through a few of other incidents, but spares all the older ones."""
    return (
        prepared(incident_episodes)
        .where(incident_episodes.c.incident_id.in_(among("ids")))
        .where(incident_episodes.c.number.in_(among("numbers")))
    )
