"""When is somebody paged next, and when had a page better wait for the morning?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.escalation.model import EscalationPolicy
from incidents.model import Severity
from incidents.policy import Paging
from incidents.schedules.windows import edges, is_in

_A_WEEK_AND_ITS_EDGES = timedelta(days=9)


@dataclass(frozen=True, slots=True)
class Paged:
    """The step ``position`` of a policy, from 1, in its ``round``, from 1. Times are aware UTC.

    ``began_at`` is when the round began: what its steps' ``after`` counts from.
    """

    position: int
    round: int
    began_at: datetime
    due_at: datetime


def first_page(policy: EscalationPolicy, *, since: datetime) -> Paged | None:
    """``since`` is when the incident opened, or became nobody's again. None: the policy pages nobody."""
    if not policy.steps:
        return None
    return Paged(1, 1, since, since + policy.steps[0].after)


def next_page(
    policy: EscalationPolicy,
    *,
    position: int,
    round: int,  # noqa: A002 - as the column and the field are called
    began_at: datetime,
    done_at: datetime,
) -> Paged | None:
    """What follows the step ``position`` of ``round``, which was done at ``done_at``. None: it was the last.

    A step that was done late doesn't make the next one late, but none comes before the one before it. ``position`` may
    lie past the end: a policy that was shortened meanwhile is at the end of its round.
    """
    if not policy.steps:
        return None
    if position < len(policy.steps):
        due_at = max(began_at + policy.steps[position].after, done_at)
        return Paged(position + 1, round, began_at, due_at)
    if policy.repeat is None:
        return None
    due_at = done_at + policy.repeat
    return Paged(1, round + 1, due_at - policy.steps[0].after, due_at)


def quiet_until(at: datetime, paging: Paging, severity: Severity) -> datetime | None:
    """When the quiet hours end that hold for this severity at ``at``, aware UTC. None: none do.

    Hours that touch, such as two whole days, are one night. Where they never end there are none, or nobody would ever
    be paged.
    """
    quiet = paging.quiet_hours
    if quiet is None or severity not in quiet.severities or not is_in(quiet.window, at, quiet.zone):
        return None
    later = sorted(edge for edge in edges(quiet.window, at, at + _A_WEEK_AND_ITS_EDGES, quiet.zone) if edge > at)
    return next((edge for edge in later if not is_in(quiet.window, edge, quiet.zone)), None)
