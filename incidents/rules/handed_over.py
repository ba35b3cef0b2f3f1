"""Does whoever takes over a schedule take over this incident, too?"""

from incidents.escalation.model import DEFAULT, EscalationPolicy
from incidents.model import Incident
from incidents.policy import SCHEDULE, Policy, Route, Traits
from incidents.schedules.model import Schedule


def is_handed_over(incident: Incident, schedule: Schedule, policy: Policy) -> bool:
    """Its route, or what escalates it, names the schedule. Where nothing names it: it is in the schedule's channel.

    The labels that opened it are not known any more: routes that ask for labels don't match.
    """
    traits = Traits(
        incident.place, incident.severity, incident.source, alert=incident.alert_name, rule=incident.rule_uid
    )
    route = policy.route_for(traits)
    if not _is_named_anywhere(schedule, policy):
        return schedule.handover_channel in route.channels
    escalated_by = policy.escalations.get(route.escalation.get(incident.severity, DEFAULT))
    return _mentions(route, schedule) or (escalated_by is not None and _pages(escalated_by, schedule))


def _is_named_anywhere(schedule: Schedule, policy: Policy) -> bool:
    routed = any(_mentions(route, schedule) for route in policy.routes)
    return routed or any(_pages(one, schedule) for one in policy.escalations.values())


def _mentions(route: Route, schedule: Schedule) -> bool:
    return f"{SCHEDULE}{schedule.name}" in route.mention


def _pages(policy: EscalationPolicy, schedule: Schedule) -> bool:
    return any(f"{SCHEDULE}{schedule.name}" in (*step.mention, *step.direct) for step in policy.steps)
