"""A series comes, goes or can't be seen: does the timeline still tell it?"""

from incidents.model import Incident
from incidents.policy import Limits


def tells(incident: Incident, limits: Limits) -> bool:
    """Whether there is room for it. What opens and closes an incident, and what people do, is always told."""
    return incident.event_count < limits.timeline
