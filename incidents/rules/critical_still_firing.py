"""When does a critical incident come back that was closed by hand while it fired?"""

from datetime import datetime, timedelta

from incidents.model import Incident, Resolution, Severity

COMES_BACK_AFTER = timedelta(minutes=30)


def comes_back_at(incident: Incident) -> datetime | None:
    """When it opens again if it fires still; None where it never does by itself. What is snoozed comes back after that.

    Noise is noise, what was merged lives on elsewhere, and below critical the person who closed it is trusted.
    """
    if incident.resolution is not Resolution.MANUAL or incident.resolved_time is None:
        return None
    if incident.severity is not Severity.CRITICAL or incident.firing <= 0:
        return None
    if incident.is_noise or incident.merged_into_id is not None:
        return None
    back = incident.resolved_time + COMES_BACK_AFTER
    return max(back, incident.snoozed_until or back)
