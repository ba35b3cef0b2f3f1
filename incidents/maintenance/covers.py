"""Is an incident in maintenance, and by which window?"""

from collections.abc import Iterable
from datetime import datetime

from incidents.maintenance.model import Scope, Window
from incidents.maintenance.occurrences import occurrence_at
from incidents.model import DECLARED, Incident, Place, Severity


def matches(scope: Scope, place: Place, *, rules: Iterable[str], severity: Severity) -> bool:
    """``rules``: the rule's uid and the alert's name, of which one must be named."""
    told = {
        "service": (place.service,),
        "cluster": (place.cluster,),
        "namespace": (place.namespace,),
        "phase": (place.phase,),
        "rule": tuple(rules),
        "severity": (severity.value,),
    }
    return all(any(value.lower() in wanted for value in told[field]) for field, wanted in scope.limits())


def covers(window: Window, incident: Incident, *, at: datetime) -> bool:
    """What a person has declared is never covered: whoever declares something wants it to be heard."""
    if incident.source == DECLARED or occurrence_at(window, at) is None:
        return False
    rules = (incident.rule_uid, incident.alert_name)
    return matches(window.scope, incident.place, rules=rules, severity=incident.severity)


def covering(incident: Incident, windows: Iterable[Window], *, at: datetime) -> Window | None:
    """The window that it stands in then: the one that it is in already, else the one that lasts longest."""
    found = [window for window in windows if covers(window, incident, at=at)]
    if (present := next((one for one in found if one.id == incident.maintenance_id), None)) is not None:
        return present
    return max(found, key=lambda one: (_ends(one, at), -one.id), default=None)


def _ends(window: Window, at: datetime) -> datetime:
    occurrence = occurrence_at(window, at)
    return occurrence.end if occurrence is not None else at
