"""A turn that has passed from one person to the next."""

from dataclasses import dataclass
from datetime import datetime

_PREFIX = "handover:"


@dataclass(frozen=True, slots=True)
class Handover:
    """From ``at`` on ``person`` has it. ``before`` is who had it, None: nobody is known, so nobody is told.

    ``until`` is when it passes on, as far as was known then; None: until further notice.
    """

    schedule: str
    at: datetime
    person: str
    before: str | None = None
    until: datetime | None = None
    id: int = 0

    @property
    def subject(self) -> str:
        """Its name in the outbox."""
        return f"{_PREFIX}{self.id}"
