"""Slack was away: need people still be reminded of this?"""

from incidents.model import SYSTEM, Event, EventKind, Incident, Status


def still_matters(event: Event, incident: Incident) -> bool:
    """Whether what the event asks is still open. What has passed since is on the timeline."""
    if event.episode != incident.episode:
        return False
    match event.kind:
        case EventKind.STILL_FIRING:
            return not incident.is_open
        case EventKind.UNACKNOWLEDGED:
            return incident.status is Status.ACTIVE
        case EventKind.ESCALATED if event.actor != str(SYSTEM):
            return incident.is_open
        case EventKind.OPENED | EventKind.ESCALATED:
            return incident.status is Status.ACTIVE and not incident.is_snoozed
        case EventKind.WORSENED:
            answered = bool(event.data.get("confirm_by")) and incident.confirm_by is None
            return incident.status is Status.ACKNOWLEDGED and not answered
        case EventKind.WOKE:
            return incident.is_open and not incident.is_snoozed
        case _:
            return incident.is_open
