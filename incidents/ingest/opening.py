"""What the incident looks like that an alert opens."""

from collections.abc import Sequence

from incidents.model import Alert
from incidents.ports import NewIncident
from incidents.rules.grouping import grouping


def new_incident(incident_key: str, alerts: Sequence[Alert]) -> NewIncident:
    """From the gravest and the earliest that these alerts tell."""
    first = alerts[0]
    _, place = grouping(first.told, first.place)
    return NewIncident(
        incident_key=incident_key,
        title=first.told.summary,
        severity=max((alert.severity for alert in alerts), key=lambda one: one.rank),
        source=first.source,
        rule_uid=first.told.rule_uid,
        alert_name=first.told.alert_name,
        place=place,
        start_time=min(alert.starts_at for alert in alerts),
        kind=first.told.kind,
    )
