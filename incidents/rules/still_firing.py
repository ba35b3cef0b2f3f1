"""An incident that somebody closed is told to fire still: must they hear of it?"""

from incidents.model import Incident, Resolution


def reminds_resolver(incident: Incident, *, firing: int) -> bool:
    """True once for each episode that a person closed over series that fire. Who called it noise knows already.

    While it is snoozed they wanted to hear nothing of it.
    """
    return (
        incident.resolution is Resolution.MANUAL
        and incident.reminded_episode != incident.episode
        and firing > 0
        and not incident.is_noise
        and not incident.is_snoozed
    )
