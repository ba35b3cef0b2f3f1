"""What cards, lists and details show: read in one snapshot, never written."""

from collections.abc import Coroutine, Iterable, Sequence
from functools import cache, partial
from typing import Any

from sqlalchemy import Select, bindparam, case, func

from db import rows
from db.gate import Row, among, prepared, prepared_narrow
from db.queries.approvals import ApprovalQueries
from db.queries.browsing import BrowsingQueries
from db.queries.maintenance import MaintenanceQueries
from db.queries.ordering import GRAVEST_FIRST
from db.queries.standing import STANDS, event_as_it_stands, prepared_as_they_stand
from db.tables import incident_episodes, incident_events, incident_series, incidents, outbox
from incidents.approvals.model import Approval
from incidents.errors import IncidentGone
from incidents.maintenance.model import InMaintenance
from incidents.maintenance.occurrences import occurrence_at
from incidents.model import AlertStatus, Event, EventKind, Incident, IncidentView, Status
from incidents.other import OtherIncident
from incidents.outbox import OutboxKind

_SERIES_SHOWN = 5
_WORDS_SEARCHED = 10
_WITH_WORDS = (EventKind.NOTED.value, EventKind.RESOLVED.value)
_WORDS = ("text", "note", "files")
_FIRING_FIRST = case((incident_series.c.status == AlertStatus.FIRING.value, 0), else_=1)


class ViewQueries(BrowsingQueries):
    """Implements ``incidents.views.Views``."""

    async def incident(self, incident_id: int) -> IncidentView:
        found, *of_it = await self._gate.together(
            self._gate.prepared_rows(_incident(), id=incident_id), *self._of(incident_id)
        )
        if not found:
            raise IncidentGone(incident_id)
        return await self._view(found[0], of_it)

    async def browse(self, *, statuses: Iterable[Status], limit: int) -> list[IncidentView]:
        statement = (
            self._gate.select(incidents)
            .where(incidents.c.status.in_(_values(statuses)))
            .order_by(GRAVEST_FIRST, incidents.c.start_time, incidents.c.id)
            .limit(limit)
        )
        found = await self._gate.rows(statement)
        return [await self._view(row, await self._gate.together(*self._of(row["id"]))) for row in found]

    async def count(self, *, statuses: Iterable[Status]) -> int:
        [row] = await self._gate.prepared_rows(_count(), statuses=_values(statuses))
        return int(row["n"])

    async def card_places(self, incident_id: int) -> list[tuple[str, str]]:
        found = await self._gate.prepared_rows(_places(), incident=incident_id)
        return [(row["channel_id"], row["ts"]) for row in found]

    def _of(self, incident_id: int) -> tuple[Coroutine[Any, Any, Any], ...]:
        """What a view tells beside the incident, to be asked in one round trip."""
        ask = partial(self._gate.prepared_rows, incident=incident_id)
        return self._counts(incident_id), ask(_shown()), ask(_last_episodes()), self._words(incident_id)

    async def _view(self, row: Row, of_it: Sequence[Any]) -> IncidentView:
        incident = rows.incident(row)
        counts, shown, episodes, words = of_it
        by_number = {one["number"]: one for one in episodes}
        return IncidentView(
            incident=incident,
            episode=rows.episode(by_number[incident.episode]),
            firing=counts.get(AlertStatus.FIRING.value, 0),
            resolved=counts.get(AlertStatus.RESOLVED.value, 0),
            series=tuple(rows.series(one) for one in shown),
            last_note=next(iter(words), None),
            closing=next((event for event in words if _is_closing(event, incident)), None),
            merged_into=await self.merged_into(incident),
            maintenance=await self._maintenance(incident),
            approval=await self._approval(incident),
        )

    async def _approval(self, incident: Incident) -> Approval | None:
        """Most wait for nobody, and nothing is asked of the database."""
        if incident.approval_until is None:
            return None
        return await ApprovalQueries(self._gate).open_of(incident.id)

    async def _maintenance(self, incident: Incident) -> InMaintenance | None:
        """None, too, where its window has just ended: it is about to be let go."""
        if incident.maintenance_id is None:
            return None
        window = await MaintenanceQueries(self._gate).get(incident.maintenance_id)
        present = occurrence_at(window, self._gate.now) if window is not None else None
        return InMaintenance(window.name, window.reason, present.end) if window and present else None

    async def merged_into(self, incident: Incident) -> OtherIncident | None:
        """None: it was not merged, or that one was deleted."""
        if incident.merged_into_id is None:
            return None
        columns = (incidents.c.id, incidents.c.number)
        row = await self._gate.row(
            self._gate.select(incidents, *columns).where(incidents.c.id == incident.merged_into_id)
        )
        if row is None:
            return None
        return OtherIncident(row["id"], row["number"], next(iter(await self.card_places(row["id"])), None))

    async def _counts(self, incident_id: int) -> dict[str, int]:
        return {row["status"]: row["n"] for row in await self._gate.prepared_rows(_counts(), incident=incident_id)}

    async def _words(self, incident_id: int) -> list[Event]:
        """What may hold the newest words of a person: a note, or what was said on closing. Newest first."""
        events = [event_as_it_stands(row) for row in await self._gate.prepared_rows(_words(), incident=incident_id)]
        return [event for event in events if any(event.data.get(name) for name in _WORDS)]


@cache
def _incident() -> Select[Any]:
    return prepared(incidents).where(incidents.c.id == bindparam("id"))


@cache
def _count() -> Select[Any]:
    return prepared(incidents, func.count().label("n")).where(incidents.c.status.in_(among("statuses")))


@cache
def _shown() -> Select[Any]:
    return (
        prepared_narrow(incident_series)
        .where(incident_series.c.incident_id == bindparam("incident"), incident_series.c.is_blind.is_(False))
        .order_by(_FIRING_FIRST, incident_series.c.starts_at, incident_series.c.id)
        .limit(_SERIES_SHOWN)
    )


@cache
def _counts() -> Select[Any]:
    return (
        prepared_narrow(incident_series, incident_series.c.status, func.count().label("n"))
        .where(incident_series.c.incident_id == bindparam("incident"), incident_series.c.is_blind.is_(False))
        .group_by(incident_series.c.status)
    )


@cache
def _places() -> Select[Any]:
    return prepared(outbox, outbox.c.channel_id, outbox.c.ts).where(
        outbox.c.incident_id == bindparam("incident"),
        outbox.c.kind == OutboxKind.CARD.value,
        outbox.c.ts.is_not(None),
    )


@cache
def _last_episodes() -> Select[Any]:
    """Two, since the next may have begun after the incident was read."""
    episodes = prepared_narrow(incident_episodes).where(incident_episodes.c.incident_id == bindparam("incident"))
    return episodes.order_by(incident_episodes.c.number.desc()).limit(2)


@cache
def _words() -> Select[Any]:
    of_it = incident_events.c.incident_id == bindparam("incident")
    return (
        prepared_as_they_stand()
        .where(of_it, incident_events.c.kind.in_(_WITH_WORDS), STANDS)
        .order_by(incident_events.c.id.desc())
        .limit(_WORDS_SEARCHED)
    )


def _is_closing(event: Event, incident: Incident) -> bool:
    """Whether these are words on how the incident's present episode ended."""
    said = event.data.get("note") if event.kind is EventKind.RESOLVED else event.data.get("is_closing")
    return not incident.is_open and event.episode == incident.episode and bool(said)


def _values(statuses: Iterable[Status]) -> list[str]:
    return [status.value for status in statuses]
