"""Does an alert that fires bring a resolved incident back, or is it a new one?"""

from datetime import datetime, timedelta

from incidents.model import Incident


def reopens_until(incident: Incident, window: timedelta) -> datetime | None:
    """Until when a firing series opens it again. None while it is open, was merged away, or never had any."""
    if incident.resolved_time is None or incident.merged_into_id is not None or incident.is_declared:
        return None
    return incident.resolved_time + window


def reopens(incident: Incident, *, now: datetime, window: timedelta) -> bool:
    """True within the window, its last instant included."""
    until = reopens_until(incident, window)
    return until is not None and now <= until
