"""What another tool had, in our words. All frozen, all times aware and UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from incidents.model import Alert, Place, Resolution, Severity, Status


class Kind(StrEnum):
    """Of what a row of theirs tells."""

    ALERT = "alert"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True)
class PastIncident:
    """An incident of theirs, of one episode.

    ``opened_at`` is when they first heard of it, ``start_time`` since when it fired. ``acknowledged_by``,
    ``resolved_by`` and ``assignee`` are ``str(Actor)``, None: nobody. ``alert_count`` None: theirs did not count.
    ``note`` is kept on its timeline, "" for none.
    """

    their_id: str
    incident_key: str
    title: str
    status: Status
    severity: Severity
    rule_uid: str
    alert_name: str
    place: Place
    opened_at: datetime
    start_time: datetime
    source: str = "grafana"
    last_alert_time: datetime | None = None
    acknowledged_time: datetime | None = None
    acknowledged_by: str | None = None
    resolved_time: datetime | None = None
    resolved_by: str | None = None
    resolution: Resolution | None = None
    assignee: str | None = None
    alert_count: int | None = None
    is_noise: bool = False
    noise_reason: str | None = None
    note: str = ""

    @property
    def is_open(self) -> bool:
        return self.status is not Status.RESOLVED


@dataclass(frozen=True, slots=True)
class PastAlert:
    """An alert of theirs. ``their_incident`` is the id of the incident that they counted it to, None: not known."""

    their_id: str
    their_incident: str | None
    alert: Alert
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of some rows: how many are taken, and were before; why not, by their id.

    ``opened``: by their incident keys, the names of those that are open.
    """

    new: int = 0
    known: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)
    opened: Mapping[str, str] = field(default_factory=dict)
