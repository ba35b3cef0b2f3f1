"""For how long may an incident be snoozed, and what wakes it?

A snooze belongs to the incident's key until its end, so it says nothing of status: what resolves and comes back, or
opens anew, is still snoozed. It keeps reminders quiet, and stops no figures.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from incidents.model import Incident, Severity
from incidents.reasons import Reason

LONGEST = timedelta(days=30)
LONGEST_WHEN_CRITICAL = timedelta(hours=4)


def longest(severity: Severity) -> timedelta:
    """For how long what is so grave may be snoozed at once."""
    return LONGEST_WHEN_CRITICAL if severity is Severity.CRITICAL else LONGEST


def is_graver(incident: Incident) -> bool:
    """Whether a snoozed incident is graver by now than what somebody wanted to hear nothing of."""
    of = incident.snoozed_severity
    return incident.is_snoozed and of is not None and incident.severity.rank > of.rank


def wakes(incident: Incident, *, now: datetime) -> Reason | None:
    """Why a snoozed incident is awake from now on; None where it is not snoozed, or sleeps on."""
    if is_graver(incident):
        return Reason.GRAVER_THAN_SNOOZED
    is_over = incident.snoozed_until is not None and incident.snoozed_until <= now
    return Reason.SNOOZE_OVER if is_over else None


def hands_on(older: Iterable[Incident], *, now: datetime) -> Incident | None:
    """Of older incidents of a key, the one whose snooze a new one takes over: the longest. None: none lasts."""
    snoozed = [(one.snoozed_until, one.id, one) for one in older if one.snoozed_until is not None]
    lasting = [(until, id_, one) for until, id_, one in snoozed if until > now]
    return max(lasting)[2] if lasting else None
