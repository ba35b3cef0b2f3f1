"""From what the sender told to what the rules read: the label map applied."""

from incidents.keys import incident_key, series_key
from incidents.model import Alert, Delivery, SourceAlert
from incidents.policy import LabelMap
from incidents.rules.place import place
from incidents.rules.severity import severity


def mapped(delivery: Delivery, labels: LabelMap) -> list[Alert]:
    """The delivery's alerts, in its order."""
    return [_alert(delivery.source, told, labels) for told in delivery.alerts]


def _alert(source: str, told: SourceAlert, labels: LabelMap) -> Alert:
    where = place(told.labels, labels)
    grave, raw = severity(told.labels, labels.severity)
    return Alert(
        source=source,
        told=told,
        place=where,
        severity=grave,
        severity_raw=raw,
        incident_key=incident_key(told.rule_uid, where),
        series_key=series_key(source, told.rule_uid, told.fingerprint),
    )
