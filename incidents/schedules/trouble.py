"""What is wrong with schedules and the people in them: told to who runs Bongsu once, and again when it is over."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

_PREFIX = "trouble:"
_LONGEST_NAME = 40


class TroubleKind(StrEnum):
    """CALENDAR: it can't be read. STALE: for a day. UNMAPPED: events are about people whom bongsu.yaml does not know.

    GROUP: a Slack user group can't be kept in step. LEFT: somebody is gone from Slack, or was never there.
    """

    CALENDAR = "calendar"
    STALE = "stale"
    UNMAPPED = "unmapped"
    GROUP = "group"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Trouble:
    """``schedule`` "" where it is about none alone. ``about`` tells those of one kind apart: a person's id, or "".

    ``detail`` is what there is to say of it: an error, names.
    """

    kind: TroubleKind
    schedule: str
    about: str
    detail: str
    id: int = 0

    @property
    def subject(self) -> str:
        """Its name in the outbox, at most 64 characters; it says of which schedule it was when it is over."""
        return f"{_PREFIX}{self.id}:{self.schedule[:_LONGEST_NAME]}"

    def as_told(self, detail: str) -> "Trouble":
        return replace(self, detail=detail)


def trouble_named(subject: str) -> tuple[int, str] | None:
    """The id and the schedule of a trouble's ``subject``; None for any other text."""
    if not subject.startswith(_PREFIX):
        return None
    number, _, schedule = subject.removeprefix(_PREFIX).partition(":")
    return int(number), schedule


Found = Mapping[tuple[str, str], str]
"""What is wrong now, of one kind: by schedule and ``about``, its detail."""
