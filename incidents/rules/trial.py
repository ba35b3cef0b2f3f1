"""When is a test of the contact point over?"""

from datetime import datetime, timedelta

from incidents.model import AlertKind, Incident

SHOWN_FOR = timedelta(seconds=15)
"""Long enough to be seen in Slack: the sender never says that a test has ended."""


def over_at(incident: Incident) -> datetime | None:
    """None where it is no test, or over already. Pressed again it is shown for as long again."""
    is_on = incident.is_open and incident.kind is AlertKind.TEST
    return incident.last_alert_time + SHOWN_FOR if is_on else None
