"""Messages of their own that call people, and where their incidents are seen."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NewPage:
    """A message of its own in ``channel`` (a name, an id, or a person's) is wanted, from ``due_at`` on.

    ``incident_id`` 0: it tells of several.
    """

    incident_id: int
    channel: str
    subject: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Home:
    """Where people see an incident: the channel of its first card, and the storm whose roll-up stands for it there."""

    channel: str
    storm_id: int | None = None
