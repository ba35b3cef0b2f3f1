"""Nothing was heard of an open incident for too long: is it closed, or is somebody asked?"""

from datetime import datetime, timedelta

from incidents.model import AlertKind, Incident, Severity
from incidents.reasons import Reason


def heard_at(incident: Incident, *, now: datetime) -> datetime:
    """When it was last heard of: by an alert, or by who opened it again. A start in the future is no such time."""
    opened = incident.start_time if incident.start_time <= now else incident.last_alert_time
    return max(incident.last_alert_time, opened)


def stale_at(incident: Incident, *, now: datetime, stale_after: timedelta) -> datetime | None:
    """When its silence will have lasted too long; None where it never does, or where people were asked about it.

    A test closes by itself, and no alert ever tells of what a person declared. Who snoozes an incident has said until
    when they want to hear nothing of it.
    """
    if not incident.is_open or incident.kind is AlertKind.TEST or incident.is_declared:
        return None
    heard = heard_at(incident, now=now)
    if incident.asked_at is not None and incident.asked_at >= heard:
        return None
    return max(heard + stale_after, incident.snoozed_until or heard)


def staleness(incident: Incident, *, now: datetime, stale_after: timedelta) -> Reason | None:
    """``stale``: it is closed. ``silent``: somebody is asked, once for each silence. None: neither.

    A critical one is never closed by silence. Nor is one whose rule can't see: there silence says nothing.
    """
    at = stale_at(incident, now=now, stale_after=stale_after)
    if at is None or at > now:
        return None
    asks = incident.severity is Severity.CRITICAL or incident.blind_since is not None
    return Reason.SILENT if asks else Reason.STALE
