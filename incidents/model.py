"""The nouns: alerts, series, incidents, episodes and their timeline. All frozen, all times aware and UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from incidents.actor import CLI as CLI  # noqa: PLC0414
from incidents.actor import SYSTEM as SYSTEM  # noqa: PLC0414 - who did it is one of the nouns
from incidents.actor import Actor as Actor  # noqa: PLC0414
from incidents.approvals.model import Approval
from incidents.birth import birth_mark
from incidents.event_kind import EventKind as EventKind  # noqa: PLC0414 - what happened
from incidents.maintenance.model import InMaintenance
from incidents.other import OtherIncident
from incidents.where import Links as Links  # noqa: PLC0414 - so is where to look, and where it is
from incidents.where import Place as Place  # noqa: PLC0414


class Status(StrEnum):
    """Where an incident stands. Only one incident per key is not ``resolved`` at a time."""

    ACTIVE = "active"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Severity(StrEnum):
    """How grave, in falling order. ``unknown`` is what no label explained."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """Higher is graver: unknown 0 … critical 4."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(reversed(Severity))}


class Resolution(StrEnum):
    """Why an episode ended. Only ``recovered`` counts as mended."""

    RECOVERED = "recovered"
    MANUAL = "manual"
    NOISE = "noise"
    MERGED = "merged"
    STALE = "stale"
    NO_DATA = "no_data"
    SOURCE_ERROR = "source_error"
    SERIES_MISSING = "series_missing"
    PAUSED = "paused"
    RULE_DELETED = "rule_deleted"
    RULE_CHANGED = "rule_changed"
    TEST = "test"


class AlertStatus(StrEnum):
    """What one alert says of its series."""

    FIRING = "firing"
    RESOLVED = "resolved"


class AlertKind(StrEnum):
    """What an alert, and the incident that it opens, is about."""

    DATA = "data"
    """What the rule measures."""
    NO_DATA = "no_data"
    """The rule's query found nothing: whether all is well is not known."""
    ERROR = "error"
    """The rule's query failed: neither."""
    TEST = "test"
    """Somebody tries the contact point."""

    is_blindness: bool
    """Whether it says that a rule can't see, rather than what the rule saw. Asked several times for each alert."""

    def __init__(self, text: str) -> None:
        self.is_blindness = text in {"no_data", "error"}


DECLARED = "slack"
"""The source of an incident that a person declared."""


@dataclass(frozen=True)
class SourceAlert:
    """One element of a delivery as its normaliser read it, before any configuration touched it.

    ``starts_at`` is aware UTC; None where the sender never tells it (legacy alerting). ``ends_at`` is None while it
    fires, or where the sender gave no usable time. ``metric_values`` maps query names to floats; None where the sender
    had no number. ``raw`` is the element as received. ``state_reason`` is why the sender's state is what it is, where
    that is not the metric: for a resolved alert, why its end is no recovery; for a firing one, ``no_data`` or
    ``source_error``. ``datasource_uid`` is ``""`` where the sender tells none.
    """

    status: AlertStatus
    fingerprint: str
    rule_uid: str
    alert_name: str
    starts_at: datetime | None
    ends_at: datetime | None
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    metric_values: Mapping[str, float | None]
    summary: str
    links: Links
    raw: Mapping[str, Any]
    kind: AlertKind = AlertKind.DATA
    state_reason: Resolution | None = None
    datasource_uid: str = ""


@dataclass(frozen=True)
class Delivery:
    """One HTTP request from a monitoring system, normalised.

    ``envelope`` is the body without its alert list. ``request_id`` is ours, new for each request: by it a retry
    after a lost COMMIT reply recognises its own work. ``body_sha256`` is lower-case hex of the raw bytes.
    ``default_labels`` are what the sender's URL says of all its alerts, by part of the place (``cluster``) or
    ``severity``. ``sender`` tells one installation from another (Grafana: orgId and externalURL), ``""`` where nothing
    does. ``hidden`` counts the alerts that the sender has cut off.
    """

    source: str
    request_id: str
    body_sha256: str
    headers: Mapping[str, str]
    envelope: Mapping[str, Any]
    alerts: tuple[SourceAlert, ...]
    default_labels: Mapping[str, str] = field(default_factory=dict)
    sender: str = ""
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class RejectedDelivery:
    """An authenticated request that could not be taken: kept with its body, to be replayed after a fix."""

    source: str
    request_id: str
    body_sha256: str
    headers: Mapping[str, str]
    error: str
    raw_body: bytes
    default_labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Alert:
    """A source alert after the label map: ready for the rules.

    ``starts_at`` is aware UTC: as told, else the time of arrival, until it is known whether its series fires already.
    ``value`` is the number that a person looks at: the first by query name, None if the sender had none.
    """

    source: str
    told: SourceAlert
    starts_at: datetime
    place: Place
    severity: Severity
    severity_raw: str
    incident_key: str
    series_key: str
    value: float | None = None

    @property
    def is_firing(self) -> bool:
        return self.told.status is AlertStatus.FIRING


@dataclass(frozen=True)
class Series:
    """One series within one incident: its present state and the values that the card shows.

    ``key`` hashes (source, rule_uid, fingerprint). ``value_fired`` is the value when it fired, ``value_peak`` the
    largest in magnitude since, ``value_now`` the last told. None: the sender had no number. ``is_blind``: it only tells
    that the rule can't see, and holds no incident open. ``doubt`` is why its end was no recovery or, while it fires,
    why the rule fires without having seen anything; None where the metric says so. ``ended_episode`` is the incident's
    episode in which it ended, None while it fires; 0: before it came there. ``merged_from_id`` is the merged incident
    that it is of, and goes back to where that is undone; None: none.
    """

    key: str
    incident_id: int
    source: str
    rule_uid: str
    fingerprint: str
    name: str
    status: AlertStatus
    starts_at: datetime
    ends_at: datetime | None
    value_fired: float | None
    value_peak: float | None
    value_now: float | None
    summary: str
    links: Links
    last_delivery_id: int
    last_alert_at: datetime
    is_blind: bool = False
    doubt: Resolution | None = None
    ended_episode: int | None = None
    merged_from_id: int | None = None
    id: int | None = None

    @property
    def is_firing(self) -> bool:
        return self.status is AlertStatus.FIRING


@dataclass(frozen=True)
class Incident:
    """What people handle: one per incident key at a time.

    ``number`` is what people say (INC-12). ``version`` grows with every change that people can see. ``start_time`` is
    the earliest ``starts_at`` of the present episode, as the source told it. ``acknowledged_by``, ``resolved_by``,
    ``snoozed_by`` and ``assignee`` are ``str(Actor)``; None: nobody.
    ``firing`` counts the series that fire, blind ones apart. ``doubts`` counts, by resolution, the series that ended in
    this episode without having recovered. ``acknowledged_severity`` and ``acknowledged_firing`` are what it was like
    when somebody took it. ``confirm_by``: until then its owner must say that they still have it, as it worsened, or for
    ``confirm_reason``. ``check_at``: the clock must look at it then, or a little later. ``asked_at``: when people were
    last asked about its silence. ``reminded_episode``: the last episode whose resolver was told that it still fires.
    ``series_count`` counts the series that are followed, ``unfollowed`` the alerts of others; ``event_count`` its
    events, ``untold`` those left out. ``is_overflow``: it holds what a limit keeps from having incidents of its own.
    ``split_from_id`` is the incident whose series people gave it. ``maintenance_id`` is the window of maintenance that
    it stands in, None: in none. ``approval_until``: until then a second
    person may confirm what somebody wants to close, None: nobody waits for that. ``approved_by`` did, before it was
    closed; ``str(Actor)``. ``created_at`` is when it was stored, None: it is not, yet.

    ``snoozed_by`` asked for quiet until ``snoozed_until``, when it was as grave as ``snoozed_severity``; None: nobody
    did. ``told_severity`` is the gravest that alerts have told, None where that is ``severity`` itself.
    """

    id: int
    number: int
    incident_key: str
    title: str
    status: Status
    severity: Severity
    source: str
    rule_uid: str
    alert_name: str
    place: Place
    start_time: datetime
    last_alert_time: datetime
    episode: int
    version: int
    acknowledged_time: datetime | None = None
    acknowledged_by: str | None = None
    resolved_time: datetime | None = None
    resolved_by: str | None = None
    resolution: Resolution | None = None
    assignee: str | None = None
    alert_count: int = 0
    is_noise: bool = False
    noise_reason: str | None = None
    snoozed_until: datetime | None = None
    merged_into_id: int | None = None
    flapping: bool = False
    blind_since: datetime | None = None
    kind: AlertKind = AlertKind.DATA
    firing: int = 0
    doubts: Mapping[Resolution, int] = field(default_factory=dict)
    acknowledged_severity: Severity | None = None
    acknowledged_firing: int | None = None
    confirm_by: datetime | None = None
    confirm_reason: str | None = None
    check_at: datetime | None = None
    asked_at: datetime | None = None
    reminded_episode: int | None = None
    unfollowed: int = 0
    event_count: int = 0
    series_count: int = 0
    untold: int = 0
    is_overflow: bool = False
    split_from_id: int | None = None
    snoozed_by: str | None = None
    snoozed_severity: Severity | None = None
    told_severity: Severity | None = None
    maintenance_id: int | None = None
    approval_until: datetime | None = None
    approved_by: str | None = None
    created_at: datetime | None = None

    @property
    def name(self) -> str:
        """What people call it: ``INC-12``."""
        return f"INC-{self.number}"

    @property
    def birth(self) -> str:
        """By which it is told from another one with its id, in a database that was restored; ``""``: not stored yet."""
        return "" if self.created_at is None else birth_mark(self.created_at, self.incident_key)

    @property
    def is_open(self) -> bool:
        return self.status is not Status.RESOLVED

    @property
    def is_snoozed(self) -> bool:
        """Until somebody, or the clock, wakes it."""
        return self.snoozed_until is not None

    @property
    def is_declared(self) -> bool:
        """A person declared it: nothing measures whether it is over, so it is closed by hand."""
        return self.source == DECLARED

    @property
    def owner(self) -> str | None:
        """Who has it: the assignee, else who acknowledged it. None: nobody."""
        return self.assignee or self.acknowledged_by


@dataclass(frozen=True)
class Event:
    """One entry of an incident's timeline, append-only. ``data`` is JSON."""

    at: datetime
    actor: str
    kind: EventKind
    data: Mapping[str, Any] = field(default_factory=dict)
    episode: int = 1
    id: int | None = None


@dataclass(frozen=True)
class Episode:
    """From opening or reopening to resolving. A time that is set is never set again, but an end by a merge is undone.

    ``opened_at`` is when the alert (or the click) that opened it was received; ``responded_at`` the first human
    acknowledge, assign or resolve. ``inherited`` marks an acknowledgement that came over from the episode before.
    ``recovered_at`` is the latest ``ends_at`` that the source told, None unless it recovered.
    """

    incident_id: int
    number: int
    opened_at: datetime
    started_at: datetime
    severity: Severity
    opened_reason: str
    inherited: bool = False
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    responded_at: datetime | None = None
    responded_by: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    resolution: Resolution | None = None
    recovered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IncidentView:
    """All that a card or a list line shows of one incident, read in one snapshot.

    ``series`` holds the first few, firing first; the counts are of all, blind ones apart. ``last_note`` is the newest
    event with words of a person: a note, or what was said on closing. ``closing``: the words of a person on its present
    end. ``merged_into``: None, too, where it was deleted. ``maintenance``: what it stands in now, None: nothing.
    ``approval``: what a second person is asked to confirm, None: nothing.
    """

    incident: Incident
    episode: Episode
    firing: int
    resolved: int
    series: tuple[Series, ...]
    last_note: Event | None = None
    merged_into: OtherIncident | None = None
    closing: Event | None = None
    maintenance: InMaintenance | None = None
    approval: Approval | None = None
