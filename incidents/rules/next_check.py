"""When must the clock look at an incident next?"""

from datetime import datetime, timedelta

from incidents.model import Incident
from incidents.rules.critical_still_firing import comes_back_at
from incidents.rules.flapping import quiet_at
from incidents.rules.stale import stale_at
from incidents.rules.trial import over_at

_SOON = timedelta(seconds=1)


def next_check(incident: Incident, *, now: datetime, stale_after: timedelta) -> datetime | None:
    """The earliest of what may become due, at least a second from ``now``; None: nothing ever does by itself.

    What becomes due later than was said, since something was heard meanwhile, the clock finds out when it looks. A
    question that was asked is looked at again, too: what is heard after it does not move the clock.
    """
    if not incident.is_open:
        due = due_when_closed(incident)
        return due if due is not None and due > now else None
    stale = stale_at(incident, now=now, stale_after=stale_after)
    if stale is None and not incident.is_declared:
        stale = now + stale_after
    may_come = (
        incident.confirm_by,
        incident.snoozed_until,
        incident.approval_until,
        quiet_at(incident),
        over_at(incident),
        stale,
    )
    may_be = [at for at in may_come if at is not None]
    return max(min(may_be), now + _SOON) if may_be else None


def due_when_closed(incident: Incident) -> datetime | None:
    """What may become due of a resolved one: it comes back, its snooze or a request ends. None: nothing."""
    may_come = (incident.snoozed_until, incident.approval_until, comes_back_at(incident))
    return min((at for at in may_come if at is not None), default=None)
