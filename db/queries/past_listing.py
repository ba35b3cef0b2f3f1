"""Timelines and episodes, page by page."""

from collections.abc import Sequence

from db import rows
from db.gate import Gate
from db.queries.standing import as_they_stand, event_as_it_stands
from db.tables import incident_episodes, incident_events
from incidents.model import Episode, Event


class PastListing:
    """The part of ``incidents.listing.Listing`` that tells what has happened to one incident."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def timeline(self, incident_id: int, *, newest_first: bool, after: int | None, limit: int) -> Sequence[Event]:
        id_ = incident_events.c.id
        statement = as_they_stand(self._gate).where(incident_events.c.incident_id == incident_id)
        # In the order of ids MySQL would rather walk through everybody's.
        statement = statement.with_hint(incident_events, "FORCE INDEX (ix_incident_events_incident_id)", "mysql")
        if after is not None:
            statement = statement.where(id_ < after if newest_first else id_ > after)
        ordered = statement.order_by(id_.desc() if newest_first else id_).limit(limit)
        return [event_as_it_stands(row) for row in await self._gate.rows(ordered)]

    async def episodes(self, incident_id: int, *, after: int, limit: int) -> Sequence[Episode]:
        number = incident_episodes.c.number
        statement = (
            self._gate.select_narrow(incident_episodes)
            .where(incident_episodes.c.incident_id == incident_id, number > after)
            .order_by(number)
            .limit(limit)
        )
        return [rows.episode(row) for row in await self._gate.rows(statement)]
