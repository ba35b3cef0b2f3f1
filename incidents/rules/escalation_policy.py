"""By which policy is an incident escalated?"""

from datetime import timedelta

from incidents.escalation.model import DEFAULT, NONE, EscalationPolicy, Step
from incidents.model import Severity
from incidents.policy import Policy, Route

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)

CRITICAL = EscalationPolicy(
    "built-in critical",
    tuple(Step(minutes * _MINUTE, broadcast=True) for minutes in (5, 15, 30)),
    repeat=30 * _MINUTE,
    acknowledge_timeout=_HOUR,
    severities=frozenset({Severity.CRITICAL}),
)
ERROR = EscalationPolicy(
    "built-in error",
    (Step(15 * _MINUTE, broadcast=True), Step(_HOUR, broadcast=True)),
    repeat=2 * _HOUR,
    acknowledge_timeout=4 * _HOUR,
    severities=frozenset({Severity.ERROR}),
)
WARNING = EscalationPolicy("built-in warning", (Step(_HOUR, broadcast=True),), severities=frozenset({Severity.WARNING}))

MORNING = EscalationPolicy("built-in morning", (Step(timedelta(0)),), severities=frozenset())
"""What opens in quiet hours mentions nobody then: whom its route mentions hear of it as they end."""

BUILT_IN = (CRITICAL, ERROR, WARNING, MORNING)
"""What holds where the file has no ``default``: nothing below a warning, nor what no label explained, is escalated.

Whom to mention is not known then, so each step is shown in the channel; and nobody is reminded of what they have been
asked about every hour."""


def policy_for(policy: Policy, route: Route, severity: Severity) -> EscalationPolicy | None:
    """The one that ``route`` names for this severity, else the file's default one, else the built-in one.

    None: nobody is paged, because the route says ``none`` or because that policy is for other severities.
    """
    name = route.escalation.get(severity, DEFAULT)
    if name == NONE:
        return None
    chosen = known(policy, name) or known(policy, DEFAULT) or _built_in(severity)
    return chosen if chosen is not None and severity in chosen.severities else None


def known(policy: Policy, name: str) -> EscalationPolicy | None:
    """The policy of this name, the file's or a built-in one. None: it is gone from the file, or is ``none``."""
    return policy.escalations.get(name) or next((one for one in BUILT_IN if one.name == name), None)


def _built_in(severity: Severity) -> EscalationPolicy | None:
    return next((one for one in BUILT_IN if severity in one.severities), None)
