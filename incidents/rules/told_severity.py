"""An alert says how grave it is: is that news, where a person may have set the severity?"""

from incidents.model import Incident, Severity


def is_graver_than_told(incident: Incident, severity: Severity) -> bool:
    """Whether it is graver than all that alerts have told of this incident.

    What was told before changes nothing, however often it is told again: a person who lowered the severity knew it.
    """
    return severity.rank > (incident.told_severity or incident.severity).rank
