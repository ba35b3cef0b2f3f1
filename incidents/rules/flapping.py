"""Does an incident come and go so often that its end is no news, and when is it quiet enough to have ended?"""

from datetime import datetime, timedelta

from incidents.model import AlertKind, Incident
from incidents.rules.closing import is_held_blind

FLAPPING_HOUR = timedelta(hours=1)
FLAPPING_EPISODES = 3
QUIET = timedelta(minutes=15)


def flaps(incident: Incident, *, episodes: int) -> bool:
    """``episodes`` of its key opened within the last hour, this one included. Tests are pressed again on purpose."""
    return episodes >= FLAPPING_EPISODES and not incident.flapping and incident.kind is not AlertKind.TEST


def quiet_at(incident: Incident) -> datetime | None:
    """When an incident that flaps will have been quiet for long enough; None while it fires, can't see or doesn't flap.

    Nothing was heard of it since its last series ended, else something would fire.
    """
    over = incident.is_open and incident.firing <= 0 and not is_held_blind(incident, incident.doubts)
    return incident.last_alert_time + QUIET if incident.flapping and over else None
