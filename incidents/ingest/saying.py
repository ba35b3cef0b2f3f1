"""Telling on the timeline what a series does, as long as there is room."""

from incidents import lifecycle
from incidents.change import Change
from incidents.ingest.desk import Case, Desk
from incidents.model import SYSTEM
from incidents.policy import Limit
from incidents.rules.limits_timeline import tells


def say(desk: Desk, case: Case, change: Change) -> None:
    """The change counts, and is seen, in any case. Where the timeline is full it tells only that, once."""
    if tells(case.incident, desk.policy.limits):
        case.apply(change)
        return
    desk.limit(Limit.TIMELINE, change.after.rule_uid)
    case.leave_out(change)
    if case.untold == 1:
        case.apply(lifecycle.fill_timeline(case.incident, by=SYSTEM, now=desk.now))
