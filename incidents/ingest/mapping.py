"""From what the sender told to what the rules read: the label map applied."""

from datetime import datetime

from incidents.keys import incident_key, series_key
from incidents.model import Alert, Delivery, SourceAlert
from incidents.policy import LabelMap
from incidents.rules.grouping import grouping
from incidents.rules.place import place
from incidents.rules.severity import severity


def mapped(delivery: Delivery, labels: LabelMap, *, now: datetime) -> list[Alert]:
    """The delivery's alerts, in its order. ``now`` stands in for a start that the sender does not tell."""
    return [_alert(delivery.source, told, labels, now) for told in delivery.alerts]


def _alert(source: str, told: SourceAlert, labels: LabelMap, now: datetime) -> Alert:
    where = place(told.labels, labels)
    grave, raw = severity(told.labels, labels.severity)
    return Alert(
        source=source,
        told=told,
        starts_at=told.starts_at or now,
        place=where,
        severity=grave,
        severity_raw=raw,
        incident_key=incident_key(*grouping(told, where)),
        series_key=series_key(source, told.rule_uid, told.fingerprint),
    )
