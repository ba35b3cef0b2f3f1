"""What a slash command can mean."""

from dataclasses import dataclass
from enum import StrEnum


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
    MERGE = "merge"
    SPLIT = "split"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Command:
    """``number`` is 0 for verbs that mean no incident. ``text`` is a note or a reason, as typed.

    ``person``: a Slack user id, ``ME`` for who typed it, ``NOBODY`` to take it away. Only ASSIGN has one.
    ``other``: into which incident MERGE merges; 0: the person is to choose.
    """

    verb: Verb
    number: int = 0
    text: str = ""
    person: str = ""
    other: int = 0


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
