"""May Bongsu say that it is alive? Only while it does what others rely on."""

from datetime import datetime, timedelta
from enum import StrEnum

LONGEST_WAIT = timedelta(minutes=10)
"""Of a message that nobody has seen yet."""


class Withheld(StrEnum):
    """Why it says nothing."""

    STEPS_OVERDUE = "steps_overdue"
    """Escalation steps should have been done by now."""
    SLACK_WAITS = "slack_waits"
    """A message has waited for too long to be shown in Slack."""
    DATABASE = "database"
    """Nothing can be written."""


def withheld(*, overdue_steps: int, waiting_since: datetime | None, now: datetime) -> Withheld | None:
    """None: all is well. ``waiting_since``: since when the message waits that nobody has seen for longest."""
    if overdue_steps:
        return Withheld.STEPS_OVERDUE
    if waiting_since is not None and now - waiting_since > LONGEST_WAIT:
        return Withheld.SLACK_WAITS
    return None
