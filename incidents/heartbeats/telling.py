"""A silence told as any alert is: its incident opens, opens again, flaps and recovers by the same rules as all."""

import hashlib
from datetime import datetime, timedelta
from uuid import uuid4

from base import codec
from incidents.heartbeats.model import SOURCE, Heartbeat, Pulse
from incidents.model import AlertStatus, Delivery, Links, SourceAlert
from incidents.policy import LabelMap

_PARTS = ("cluster", "namespace", "service", "phase")
_UNITS = (("d", 86_400), ("h", 3600), ("min", 60))


def silence_told(heartbeat: Heartbeat, pulse: Pulse, labels: LabelMap, *, now: datetime) -> Delivery:
    """It is silent since ``pulse.silent_since``."""
    return _delivery(heartbeat, pulse, labels, AlertStatus.FIRING, now)


def end_told(heartbeat: Heartbeat, pulse: Pulse, labels: LabelMap, *, now: datetime) -> Delivery:
    """It was heard of again at ``pulse.last_seen_at``."""
    return _delivery(heartbeat, pulse, labels, AlertStatus.RESOLVED, now)


def rule_uid(name: str) -> str:
    """No rule of a monitoring system has such a uid."""
    return f"{SOURCE}:{name}"


def _delivery(heartbeat: Heartbeat, pulse: Pulse, labels: LabelMap, status: AlertStatus, now: datetime) -> Delivery:
    alert = _alert(heartbeat, pulse, labels, status)
    body = codec.canonical([alert.raw, now.isoformat()])
    return Delivery(
        source=SOURCE,
        request_id=uuid4().hex,
        body_sha256=hashlib.sha256(body.encode()).hexdigest(),
        headers={},
        envelope={},
        alerts=(alert,),
        default_labels={"severity": heartbeat.severity.value},
    )


def _alert(heartbeat: Heartbeat, pulse: Pulse, labels: LabelMap, status: AlertStatus) -> SourceAlert:
    """The series is told by its name alone: it ends though place or severity are configured otherwise meanwhile."""
    title = f"No heartbeat from {heartbeat.name} for {_span(heartbeat.within)}"
    since, seen = pulse.silent_since, pulse.last_seen_at
    ended = max(seen, since) if status is AlertStatus.RESOLVED and seen and since else None
    return SourceAlert(
        status=status,
        fingerprint=heartbeat.name,
        rule_uid=rule_uid(heartbeat.name),
        alert_name=f"No heartbeat from {heartbeat.name}",
        starts_at=since,
        ends_at=ended,
        labels={"heartbeat": heartbeat.name, **_place(heartbeat, labels), **heartbeat.labels},
        annotations={"summary": title},
        metric_values={},
        summary=title,
        links=Links(),
        raw={
            "status": status.value,
            "heartbeat": heartbeat.name,
            "silentSince": since.isoformat() if since else None,
            "lastSeenAt": seen.isoformat() if seen else None,
        },
    )


def _place(heartbeat: Heartbeat, labels: LabelMap) -> dict[str, str]:
    """As labels, by the first name that the label map reads for each part."""
    told = {part: getattr(heartbeat.place, part) for part in _PARTS}
    return {getattr(labels, part)[0]: value for part, value in told.items() if value and getattr(labels, part)}


def _span(within: timedelta) -> str:
    """``10 min``, ``26 h``, ``90 s``."""
    seconds = int(within.total_seconds())
    return next((f"{seconds // size} {unit}" for unit, size in _UNITS if seconds % size == 0), f"{seconds} s")
