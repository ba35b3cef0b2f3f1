"""The timeline and the episodes of incidents."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, or_

from db import dialect, rows
from db.gate import Gate
from db.tables import incident_episodes, incident_events, incidents
from incidents.model import Episode, Event, Incident


class TimelineQueries:
    """Implements ``incidents.ports.Timeline``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def add(self, incident_id: int, events: Sequence[Event]) -> list[Event]:
        return [replace(event, id=await self._insert(incident_id, event)) for event in events]

    async def of(self, incident_id: int, *, limit: int) -> list[Event]:
        statement = (
            self._gate.select(incident_events)
            .where(incident_events.c.incident_id == incident_id)
            .order_by(incident_events.c.id.desc())
            .limit(limit)
        )
        return [rows.event(row) for row in reversed(await self._gate.rows(statement))]

    async def get(self, event_id: int) -> Event:
        row = await self._gate.row(self._gate.select(incident_events).where(incident_events.c.id == event_id))
        if row is None:
            raise LookupError(f"there is no event {event_id}")
        return rows.event(row)

    async def _insert(self, incident_id: int, event: Event) -> int:
        return await self._gate.insert_one(
            incident_events,
            incident_id=incident_id,
            episode=event.episode,
            at=event.at,
            actor=event.actor,
            kind=event.kind.value,
            data=dict(event.data),
        )


class EpisodeQueries:
    """Implements ``incidents.ports.Episodes``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def current(self, incident: Incident) -> Episode:
        statement = self._gate.select(incident_episodes).where(
            incident_episodes.c.incident_id == incident.id, incident_episodes.c.number == incident.episode
        )
        row = await self._gate.row(statement)
        if row is None:
            raise LookupError(f"{incident.name} has no episode {incident.episode}: its tables were changed by hand")
        return rows.episode(row)

    async def opened_since(self, keys: Iterable[str], since: datetime) -> Mapping[str, int]:
        wanted = sorted(set(keys))
        if not wanted:
            return {}
        episodes = func.count(incident_episodes.c.id)
        statement = (
            self._gate.select(incidents, incidents.c.incident_key, episodes.label("n"))
            .join(incident_episodes, incident_episodes.c.incident_id == incidents.c.id)
            .where(incidents.c.incident_key.in_(wanted), incident_episodes.c.opened_at >= since)
            .where(or_(incidents.c.resolved_time.is_(None), incidents.c.resolved_time >= since))
            .group_by(incidents.c.incident_key)
        )
        return {row["incident_key"]: row["n"] for row in await self._gate.rows(statement)}

    async def save(self, episode: Episode) -> None:
        values = {name: getattr(episode, name) for name in Episode.__slots__}
        values["severity"] = episode.severity.value
        values["resolution"] = episode.resolution.value if episode.resolution else None
        await self._gate.execute(
            dialect.insert_or_update(
                self._gate.connection,
                incident_episodes,
                unique=("incident_id", "number"),
                rows=[{"tenant_id": self._gate.tenant_id, **values}],
            )
        )
