"""What a slash command can mean."""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.snooze_time import SnoozeTime
from incidents.browse import Filter


class Verb(StrEnum):
    LIST = "list"
    SHOW = "show"
    ACK = "ack"
    UNACK = "unack"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    NOISE = "noise"
    REAL = "real"
    ASSIGN = "assign"
    NOTE = "note"
    SNOOZE = "snooze"
    WAKE = "wake"
    ESCALATE = "escalate"
    DECLARE = "declare"
    ONCALL = "oncall"
    STATS = "stats"
    MERGE = "merge"
    SPLIT = "split"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Command:
    """``number`` is 0 for verbs that mean no incident. ``text`` is a note, a reason or a title, as typed.

    ``person``: a Slack user id, ``ME`` for who typed it, ``NOBODY`` to take it away. ASSIGN has one, and ONCALL
    where somebody takes a schedule over, whose name is the ``text``: "" where none was typed.
    ``filter``: which incidents LIST and STATS mean; its owner may be ``ME``. ``until``: when SNOOZE
    or what ONCALL takes over ends.
    ``other``: into which incident MERGE merges; 0: the person is to choose.
    """

    verb: Verb
    number: int = 0
    text: str = ""
    person: str = ""
    until: SnoozeTime | None = None
    filter: Filter = field(default=Filter())
    other: int = 0

    @property
    def takes_over(self) -> bool:
        """A schedule: ``/incident oncall payments me 4h``."""
        return self.verb is Verb.ONCALL and self.until is not None


ME = "me"
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Mistake:
    """What was wrong, as a sentence of harmless mrkdwn, and an example of how to write it.

    ``number_missing``: the person must choose, so the open incidents are shown.
    """

    problem: str
    example: str
    number_missing: bool = False
