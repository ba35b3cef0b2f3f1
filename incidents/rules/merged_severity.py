"""How grave is an incident once another was merged into it?"""

from incidents.model import Incident, Severity


def merged_severity(into: Incident, merged: Incident) -> Severity:
    """As grave as the graver, but where a person has said how grave it is: their word stands."""
    return into.severity if into.told_severity is not None else _graver(into.severity, merged.severity)


def merged_told(into: Incident, merged: Incident) -> Severity | None:
    """The gravest that alerts have told of both, where a person has set another; None where nobody has."""
    return None if into.told_severity is None else _graver(into.told_severity, merged.told_severity or merged.severity)


def _graver(one: Severity, other: Severity) -> Severity:
    return max(one, other, key=lambda severity: severity.rank)
