"""From what the sender told to what the rules read: the label map applied."""

from collections.abc import Mapping
from datetime import datetime

from base.records import replace
from incidents.keys import incident_key, series_key
from incidents.model import Alert, Delivery, Place, Severity, SourceAlert
from incidents.policy import LabelMap
from incidents.rules.cluster import cluster
from incidents.rules.default_labels import default_labels, filled_in
from incidents.rules.grouping import grouping
from incidents.rules.place import place
from incidents.rules.severity import severity
from incidents.rules.shown_value import shown_value


def mapped(delivery: Delivery, labels: LabelMap, *, now: datetime) -> list[Alert]:
    """The delivery's alerts, in its order. ``now`` stands in for a start that the sender does not tell."""
    defaults = default_labels(delivery.default_labels, labels.defaults.get(delivery.source, {}))
    return [_alert(delivery, told, labels, defaults, now) for told in delivery.alerts]


def _alert(
    delivery: Delivery, told: SourceAlert, labels: LabelMap, defaults: Mapping[str, str], now: datetime
) -> Alert:
    by_labels = place(told.labels, labels)
    where = _where(by_labels, defaults, delivery.sender)
    grave, raw = _severity(told.labels, labels, defaults)
    return Alert(
        source=delivery.source,
        told=told,
        starts_at=told.starts_at or now,
        place=where,
        severity=grave,
        severity_raw=raw,
        incident_key=incident_key(*grouping(told, where)),
        series_key=series_key(
            delivery.source, told.rule_uid, told.fingerprint, "" if by_labels.cluster else where.cluster
        ),
        value=shown_value(told.metric_values),
    )


def _where(by_labels: Place, defaults: Mapping[str, str], sender: str) -> Place:
    where = filled_in(by_labels, defaults)
    name = cluster(where.cluster, sender=sender)
    return where if name == where.cluster else replace(where, cluster=name)


def _severity(told: Mapping[str, str], labels: LabelMap, defaults: Mapping[str, str]) -> tuple[Severity, str]:
    by_labels = severity(told, labels.severity)
    return by_labels if by_labels[1] else severity(defaults, ("severity",))
