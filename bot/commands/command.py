"""What a slash command can mean."""

from dataclasses import dataclass, field
from enum import Enum, StrEnum

from bot.snooze_time import SnoozeTime
from incidents.browse import Filter
from incidents.maintenance.model import Scope


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
    MAINTENANCE = "maintenance"
    STATS = "stats"
    APPROVE = "approve"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    MERGE = "merge"
    SPLIT = "split"
    HELP = "help"


class MaintenanceDo(Enum):
    """What ``/incident maintenance`` does."""

    FORM = "form"
    LIST = "list"
    PREVIEW = "preview"
    PLAN = "plan"
    END = "end"


@dataclass(frozen=True, slots=True)
class MaintenanceOrder:
    """``at``: when it begins, None: now. ``until``: when it ends, reckoned from there; only PLAN has one.

    ``everything``: who typed it said so. ``window``: which one ENDs, by number or name; "": the only one.
    """

    do: MaintenanceDo
    scope: Scope = field(default=Scope())
    everything: bool = False
    at: SnoozeTime | None = None
    until: SnoozeTime | None = None
    reason: str = ""
    window: str = ""


@dataclass(frozen=True, slots=True)
class TypedIn:
    """Where a command was typed: a Slack channel's id, and what tells this command from all others."""

    channel: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """``number`` is 0 for verbs that mean no incident. ``text`` is a note, a reason or a title, as typed.

    ``person``: a Slack user id, ``ME`` for who typed it, ``NOBODY`` to take it away. ASSIGN has one, and ONCALL
    where somebody takes a schedule over, whose name is the ``text``: "" where none was typed.
    ``filter``: which incidents LIST and STATS mean; its owner may be ``ME``. ``until``: when SNOOZE
    or what ONCALL takes over ends.
    ``other``: into which incident MERGE merges; 0: the person is to choose. ``maintenance``: MAINTENANCE has it.
    """

    verb: Verb
    number: int = 0
    text: str = ""
    person: str = ""
    until: SnoozeTime | None = None
    filter: Filter = field(default=Filter())
    other: int = 0
    maintenance: MaintenanceOrder | None = None

    @property
    def takes_over(self) -> bool:
        """A schedule: ``/incident oncall payments me 4h``."""
        return self.verb is Verb.ONCALL and self.until is not None

    @property
    def looks_at_maintenance(self) -> bool:
        """And changes none: ``/incident maintenance list``."""
        return self.maintenance is not None and self.maintenance.do in {MaintenanceDo.LIST, MaintenanceDo.PREVIEW}


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
