"""What the incident looks like that alerts open."""

from collections.abc import Mapping
from dataclasses import dataclass

from incidents.keys import incident_key
from incidents.model import Alert, Place
from incidents.policy import Limit, Limits
from incidents.ports import NewIncident
from incidents.rules.grouping import grouping
from incidents.rules.limits_open import rest, rest_title


@dataclass(slots=True)
class Opening:
    """An incident that is to open, with the alerts that arrive in it, the first of which opens it.

    ``limit`` is what keeps these from having incidents of their own, None where this one is theirs.
    """

    key: str
    alerts: list[Alert]
    limit: Limit | None = None

    @property
    def labels(self) -> Mapping[str, str]:
        """What routes may ask: of what a limit keeps out, which is of many kinds, nothing."""
        return self.alerts[0].told.labels if self.limit is None else {}


def opening_of(alert: Alert, limit: Limit | None) -> Opening:
    return Opening(alert.incident_key if limit is None else rest_key(limit, alert), [alert], limit)


def rest_key(limit: Limit, alert: Alert) -> str:
    """The key of the incident that takes what this limit keeps out."""
    return incident_key(*rest(limit, kind=alert.told.kind, rule_uid=alert.told.rule_uid, source=alert.source))


def new_incident(opening: Opening, limits: Limits) -> NewIncident:
    """From the gravest and the earliest that these alerts tell."""
    first, limit = opening.alerts[0], opening.limit
    _, place = grouping(first.told, first.place)
    title = first.told.summary
    of_rule = limit is not Limit.OPEN_INCIDENTS
    if limit is not None:
        place = Place(cluster=place.cluster)
        title = rest_title(limit, alert_name=first.told.alert_name, limits=limits)
    return NewIncident(
        incident_key=opening.key,
        title=title,
        severity=max((alert.severity for alert in opening.alerts), key=lambda one: one.rank),
        source=first.source,
        rule_uid=first.told.rule_uid if of_rule else "",
        alert_name=first.told.alert_name if of_rule else "",
        place=place,
        start_time=min(alert.starts_at for alert in opening.alerts),
        kind=first.told.kind,
        is_overflow=limit is not None,
    )
