"""Which policy escalates an incident, and why that one."""

from base.durations import written
from incidents.escalation.model import DEFAULT, NONE, EscalationPolicy
from incidents.model import Severity
from incidents.policy import Policy, Route
from incidents.rules.escalation_policy import known, policy_for


def choice(policy: Policy, route: Route, severity: Severity) -> str:
    """One line."""
    chosen = policy_for(policy, route, severity)
    if chosen is None:
        return f"not escalated: {_why_not(policy, route, severity)}"
    why = ", as the route says" if route.escalation.get(severity) == chosen.name else ""
    return f"escalated by {named(chosen)}{why}: {_steps(chosen)}"


def named(policy: EscalationPolicy) -> str:
    return policy.name if policy.line is None else f"{policy.name} (line {policy.line})"


def _why_not(policy: Policy, route: Route, severity: Severity) -> str:
    name = route.escalation.get(severity, DEFAULT)
    if name == NONE:
        return "the route says none"
    missed = known(policy, name)
    return f"nothing is built in for {severity}" if missed is None else f"{named(missed)} is not for {severity}"


def _steps(policy: EscalationPolicy) -> str:
    times = ", ".join(written(step.after) for step in policy.steps)
    return times if policy.repeat is None else f"{times}, and {written(policy.repeat)} later from the start"
