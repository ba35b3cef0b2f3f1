"""A row of their table of incidents, as our incident."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bongsu.takeover.values import Row, Unreadable
from incidents.actor import SYSTEM
from incidents.keys import incident_key
from incidents.model import Place, Resolution, Severity, Status
from incidents.policy import LabelMap
from incidents.rules.place import place
from incidents.rules.severity import severity
from incidents.takeover.model import PastIncident
from receiver.sources.text import one_line

_STATUS = {
    Status.ACTIVE: ("active", "open", "opened", "new", "firing", "alerting", "triggered", "unacknowledged"),
    Status.ACKNOWLEDGED: ("acknowledged", "acked", "ack", "investigating", "in_progress"),
    Status.RESOLVED: ("resolved", "closed", "ok", "normal", "recovered", "done"),
}
_BY_NAME = {name: status for status, names in _STATUS.items() for name in names}
_MACHINES = frozenset({"", "system", "auto", "automatic", "grafana", "alertmanager", "bot", "webhook", "null", "none"})
_LONGEST_ID, _LONGEST_PERSON = 64, 120
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_SLACK_PERSON = re.compile(r"[UW][A-Z0-9]{4,}")
_SLACK_CHANNEL = re.compile(r"[CGD][A-Z0-9]{4,}")
_UNKNOWN = "app:somebody"
_TOLERANCE = timedelta(seconds=10)
"""Their clocks need not agree to the second."""
UNNAMED = "(unnamed alert)"


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows are read: by our label map, with ``rules`` (uids by their names) where theirs name only alerts.

    ``resolved_as``: how those ended of which nobody says that a person closed them.
    """

    labels: LabelMap = field(default_factory=LabelMap)
    rules: Mapping[str, str] = field(default_factory=dict)
    resolved_as: Resolution = Resolution.RECOVERED


def past_incident(row: Row, reading: Reading) -> PastIncident:
    """Raises Unreadable, InvalidInput."""
    labels = row.texts("labels")
    name = one_line(row.text("name")) or labels.get("alertname", "") or one_line(row.text("title")) or UNNAMED
    where = place_of(row, labels, reading.labels)
    uid = row.text("rule_uid") or reading.rules.get(name, name)
    start_time, opened_at = _begun(row)
    acknowledged_time, resolved_time = row.time("acknowledged_time"), row.time("resolved_time")
    status = _status(row, acknowledged_time, resolved_time)
    _refuse_nonsense(status, start_time, acknowledged_time, resolved_time)
    acknowledged_time = _acknowledged(row, status, (start_time, opened_at), acknowledged_time, resolved_time)
    is_noise, is_over = row.truth("is_noise"), status is Status.RESOLVED
    resolved_by = person(row.text("resolved_by")) if is_over else None
    return PastIncident(
        their_id=id_of(row),
        incident_key=incident_key(uid, where),
        title=one_line(row.text("title")) or name,
        status=status,
        severity=severity_of(row, labels, reading.labels)[0],
        rule_uid=uid,
        alert_name=name,
        place=where,
        opened_at=opened_at,
        start_time=start_time,
        last_alert_time=row.time("last_alert_time"),
        acknowledged_time=acknowledged_time,
        acknowledged_by=None if acknowledged_time is None else person(row.text("acknowledged_by")) or _UNKNOWN,
        resolved_time=resolved_time if is_over else None,
        resolved_by=(resolved_by or str(SYSTEM)) if is_over else None,
        resolution=_resolution(row, resolved_by, is_noise, reading) if is_over else None,
        assignee=person(row.text("assignee")),
        alert_count=row.count("alert_count"),
        is_noise=is_noise and is_over,
        noise_reason=row.text("noise_reason") or None,
        note=_in_slack(row.text("slack_channel"), row.text("slack_ts")),
    )


def id_of(row: Row) -> str:
    """Raises Unreadable."""
    told = row.id("id")
    if not told:
        raise Unreadable("id: it is missing")
    if len(told) > _LONGEST_ID:
        raise Unreadable(f"id: {told[:60]!r} has more than {_LONGEST_ID} characters")
    return told


def place_of(row: Row, labels: Mapping[str, str], label_map: LabelMap) -> Place:
    """By their columns, where they are empty by the labels."""
    by_labels = place(labels, label_map)
    return Place(*(one_line(row.text(name)) or getattr(by_labels, name) for name in Place.__slots__))


def severity_of(row: Row, labels: Mapping[str, str], label_map: LabelMap) -> tuple[Severity, str]:
    """And the text that told it."""
    told = row.text("severity")
    return severity({"severity": told}, ("severity",)) if told else severity(labels, label_map.severity)


def person(told: str) -> str | None:
    """``str(Actor)``: a Slack user by their id, anybody else by the name that they have there. None: no person."""
    mentioned = _MENTION.fullmatch(told)
    name = mentioned[1] if mentioned else told.removeprefix("@")
    if name.lower() in _MACHINES:
        return None
    return name if _SLACK_PERSON.fullmatch(name) else f"app:{name[:_LONGEST_PERSON]}"


def _begun(row: Row) -> tuple[datetime, datetime]:
    start_time = row.time("start_time") or row.time("opened_at")
    if start_time is None:
        raise Unreadable("start_time: it is missing")
    return start_time, max(row.time("opened_at") or start_time, start_time)


def _status(row: Row, acknowledged: datetime | None, resolved: datetime | None) -> Status:
    told = row.text("status").lower().replace(" ", "_")
    if told:
        if told not in _BY_NAME:
            raise Unreadable(f"status: {told[:60]!r} is none of {', '.join(sorted(_BY_NAME))}")
        return _BY_NAME[told]
    if resolved is not None:
        return Status.RESOLVED
    return Status.ACTIVE if acknowledged is None else Status.ACKNOWLEDGED


def _refuse_nonsense(status: Status, start: datetime, acknowledged: datetime | None, resolved: datetime | None) -> None:
    if status is Status.RESOLVED and resolved is None:
        raise Unreadable("resolved_time: it is missing, though the status is resolved")
    if status is Status.ACKNOWLEDGED and acknowledged is None:
        raise Unreadable("acknowledged_time: it is missing, though the status is acknowledged")
    if status is Status.RESOLVED and resolved is not None and resolved < start:
        raise Unreadable(f"resolved_time: {resolved:%Y-%m-%d %H:%M:%S} UTC is before it began ({start:%H:%M:%S} UTC)")


def _acknowledged(
    row: Row,
    status: Status,
    begun: tuple[datetime, datetime],
    acknowledged: datetime | None,
    resolved: datetime | None,
) -> datetime | None:
    """None where it was not, or at a time that can't be: it would be a response after 0 s, or one to what is over.

    Raises Unreadable where the incident is still acknowledged: without it, somebody would be called again.
    """
    if acknowledged is None:
        return None
    if acknowledged < max(begun) - _TOLERANCE:
        why = "before it began"
    elif status is Status.RESOLVED and resolved is not None and acknowledged > resolved + _TOLERANCE:
        why = "after it ended"
    else:
        return acknowledged
    if status is Status.ACKNOWLEDGED:
        raise Unreadable(f"acknowledged_time: {acknowledged:%Y-%m-%d %H:%M:%S} UTC is {why}")
    row.notes.add(f"acknowledged {why}: left out")
    return None


def _resolution(row: Row, resolved_by: str | None, is_noise: bool, reading: Reading) -> Resolution:
    if is_noise:
        return Resolution.NOISE
    told = row.text("resolution").lower()
    if told in set(Resolution):
        return Resolution(told)
    return Resolution.MANUAL if resolved_by is not None else reading.resolved_as


def _in_slack(channel: str, ts: str) -> str:
    """Where people talked about it then; "" where that is not known."""
    if not (channel and re.fullmatch(r"[0-9]+\.[0-9]+", ts)):
        return ""
    if _SLACK_CHANNEL.fullmatch(channel):
        return f"Its message before the move: https://slack.com/archives/{channel}/p{ts.replace('.', '')}"
    return f"Its message before the move: {ts} in {channel}"
