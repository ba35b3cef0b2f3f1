"""Which incidents and alerts a client wants to read, and the pages in which it gets them. ``db`` implements the port.

No page costs more than so much, however many rows there are and however deep it is. So a page may hold fewer than were
asked for, even none, though there is one after it: looking for few among very many is done in steps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from incidents.inspection import Mark
from incidents.model import AlertStatus, Episode, Event, Incident, Place, Severity, Status


class Sort(StrEnum):
    """What a list of incidents is ordered by; each by an index. Ties: by id, in the same direction."""

    NEWEST = "-start_time"
    OLDEST = "start_time"
    LAST_RESOLVED = "-resolved_time"
    """Only what is resolved has such a time: others are left out."""
    GRAVEST = "severity"
    """Of the same severity the newest first."""
    NUMBER = "number"
    LAST_NUMBER = "-number"


@dataclass(frozen=True, slots=True)
class IncidentsWanted:
    """Each field narrows it down; empty or None: any.

    Of several values any will do, exactly as written. ``assignee`` is ``str(Actor)``. Each of ``words``, as
    ``incidents.search.words`` writes them, must begin one of the incident's. Times: from, and before. ``snoozed``: now.
    """

    statuses: frozenset[Status] = frozenset()
    severities: frozenset[Severity] = frozenset()
    clusters: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    phases: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    assignee: str | None = None
    unassigned: bool = False
    words: tuple[str, ...] = ()
    noise: bool | None = None
    in_maintenance: bool | None = None
    snoozed: bool | None = None
    flapping: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    resolved_since: datetime | None = None
    resolved_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class IncidentMark:
    """Between two incidents of a list, by the one before it: its id (number, where that is the order) and the time.

    ``severity`` counts only where the list is ordered by it.
    """

    id: int
    at: datetime | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """``after`` leads to the next page, None: there is none."""

    incidents: Sequence[Incident]
    after: IncidentMark | None


@dataclass(frozen=True, slots=True)
class AlertsWanted:
    """The same of alerts. ``incident_id``: those that arrived in this one. Times: of receiving, from and before."""

    sources: frozenset[str] = frozenset()
    statuses: frozenset[AlertStatus] = frozenset()
    clusters: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    phases: frozenset[str] = frozenset()
    rule_uids: frozenset[str] = frozenset()
    incident_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListedAlert:
    """One stored alert, without what may be large. ``reason`` is what became of it, as stored."""

    id: int
    delivery_id: int
    incident_id: int | None
    received_at: datetime
    source: str
    status: AlertStatus
    reason: str
    fingerprint: str
    rule_uid: str
    alert_name: str
    place: Place
    severity: Severity
    severity_raw: str
    starts_at: datetime
    ends_at: datetime | None
    summary: str


@dataclass(frozen=True, slots=True)
class WholeAlert:
    """With what it brought. ``metric_values``: by query, None: the sender had no number."""

    alert: ListedAlert
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    metric_values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AlertPage:
    """Newest first. ``after`` leads to the next page, None: there is none."""

    alerts: Sequence[ListedAlert]
    after: Mark | None


class Listing(Protocol):
    """Read, never written."""

    async def incidents(
        self, wanted: IncidentsWanted, *, sort: Sort, after: IncidentMark | None, limit: int
    ) -> IncidentPage: ...

    async def alerts(self, wanted: AlertsWanted, *, after: Mark | None, limit: int) -> AlertPage: ...

    async def alert(self, alert_id: int) -> WholeAlert:
        """Raises AlertNotFound."""

    async def raw_alert(self, alert_id: int) -> str:
        """The payload, JSON, as it is stored. Raises AlertNotFound."""

    async def timeline(self, incident_id: int, *, newest_first: bool, after: int | None, limit: int) -> Sequence[Event]:
        """Those behind the event ``after``. Messages of threads that they tell read as they stand now."""

    async def episodes(self, incident_id: int, *, after: int, limit: int) -> Sequence[Episode]:
        """Those with higher numbers than ``after``, in their order."""
