"""From what the sender told to what the rules read: the label map applied."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from base.records import made
from incidents.keys import incident_key, series_key
from incidents.model import Alert, Delivery, Place, Severity, SourceAlert
from incidents.policy import LabelMap
from incidents.rules.cluster import cluster
from incidents.rules.default_labels import default_labels, filled_in
from incidents.rules.grouping import grouping
from incidents.rules.place import place
from incidents.rules.severity import severity
from incidents.rules.shown_value import shown_value


class _Read(NamedTuple):
    """What an alert's labels say. ``assumed_cluster``: of its sender or a default, "" where its labels tell it."""

    place: Place
    assumed_cluster: str
    severity: Severity
    severity_raw: str
    incident_key: str


def mapped(delivery: Delivery, labels: LabelMap, *, now: datetime) -> list[Alert]:
    """The delivery's alerts, in its order. ``now`` stands in for a start that the sender does not tell."""
    defaults = default_labels(delivery.default_labels, labels.defaults.get(delivery.source, {}))
    # The alerts of a delivery nearly always say the same of all that counts here: it is read once.
    known: dict[tuple[object, ...], _Read] = {}
    alerts = []
    for told in delivery.alerts:
        says = _what_it_says(told, labels)
        read = known.get(says)
        if read is None:
            read = known[says] = _read(told, labels, defaults, delivery.sender)
        alerts.append(_alert(delivery.source, told, read, now))
    return alerts


def _what_it_says(told: SourceAlert, labels: LabelMap) -> tuple[object, ...]:
    """All of it that ``_read`` looks at."""
    read = labels.places
    said = [label for label in told.labels.items() if label[0] in read]
    return (told.rule_uid, told.kind, told.datasource_uid, *said)


def _read(told: SourceAlert, labels: LabelMap, defaults: Mapping[str, str], sender: str) -> _Read:
    by_labels = place(told.labels, labels)
    where = _where(by_labels, defaults, sender)
    grave, raw = _severity(told.labels, labels, defaults)
    assumed = "" if by_labels.cluster else where.cluster
    return _Read(where, assumed, grave, raw, incident_key(*grouping(told, where)))


def _alert(source: str, told: SourceAlert, read: _Read, now: datetime) -> Alert:
    values = {
        "source": source,
        "told": told,
        "starts_at": told.starts_at or now,
        "place": read.place,
        "severity": read.severity,
        "severity_raw": read.severity_raw,
        "incident_key": read.incident_key,
        "series_key": series_key(source, told.rule_uid, told.fingerprint, read.assumed_cluster),
        "value": shown_value(told.metric_values),
    }
    return made(Alert, values)


def _where(by_labels: Place, defaults: Mapping[str, str], sender: str) -> Place:
    where = filled_in(by_labels, defaults)
    name = cluster(where.cluster, sender=sender)
    return where if name == where.cluster else replace(where, cluster=name)


def _severity(told: Mapping[str, str], labels: LabelMap, defaults: Mapping[str, str]) -> tuple[Severity, str]:
    by_labels = severity(told, labels.severity)
    return by_labels if by_labels[1] else severity(defaults, ("severity",))
