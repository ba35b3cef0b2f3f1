"""Has an incident become worse than what its owner took?"""

from datetime import datetime, timedelta
from typing import NamedTuple

from incidents.model import Incident, Severity, Status
from incidents.reasons import Reason

TIMES_THE_SERIES = 3
CONFIRM_WITHIN = timedelta(minutes=5)


class Worsening(NamedTuple):
    """``reason`` is ``severity`` or ``series``; ``before`` and ``after`` are severities or counts, ready for JSON."""

    reason: Reason
    before: str | int
    after: str | int


def worsening(incident: Incident, *, firing: int) -> Worsening | None:
    """What has worsened since it was acknowledged, or since that was last told; None where nothing has.

    Where both have, the severity says more. None, too, where nobody knows what it was like when it was taken, and
    while it is snoozed: what is graver than that wakes it first.
    """
    took, of = incident.acknowledged_severity, incident.acknowledged_firing
    if incident.status is not Status.ACKNOWLEDGED or took is None or of is None or incident.is_snoozed:
        return None
    if incident.severity.rank > took.rank:
        return Worsening(Reason.SEVERITY, took.value, incident.severity.value)
    if firing >= TIMES_THE_SERIES * max(of, 1):
        return Worsening(Reason.SERIES, of, firing)
    return None


def confirm_by(incident: Incident, *, now: datetime) -> datetime | None:
    """Until when somebody must say that they still have it, after it worsened; None: nobody must.

    A question that stands keeps its deadline, however often it worsens meanwhile.
    """
    if incident.severity is not Severity.CRITICAL:
        return None
    return incident.confirm_by or now + CONFIRM_WITHIN


def is_unconfirmed(incident: Incident, *, now: datetime) -> bool:
    """Whether the time to confirm is over."""
    return incident.status is Status.ACKNOWLEDGED and incident.confirm_by is not None and incident.confirm_by <= now
