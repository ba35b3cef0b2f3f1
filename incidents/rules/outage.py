"""Is Slack away, or was that a hiccup?"""

from datetime import datetime, timedelta

from incidents.rules.pace import Pace

OUTAGE_AFTER = timedelta(minutes=5)
"""So long nothing that was due got through: then it is an outage, and what was missed is told in one digest."""

TRIALS = Pace(interval=timedelta(seconds=10), burst={})
"""During an outage one message is tried at a time, by all processes together."""


def is_outage(since: datetime, *, now: datetime) -> bool:
    """``since``: when the first call failed after which none succeeded."""
    return now - since >= OUTAGE_AFTER
