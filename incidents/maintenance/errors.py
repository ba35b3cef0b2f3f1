"""What is wrong with a window of maintenance. They belong to the tree in ``incidents.errors``."""

from collections.abc import Sequence
from enum import Enum

from incidents.errors import BongsuError, Refused


class NotPlannedBecause(Enum):
    BEGAN = "it begins in the past"
    PAST = "it ends in the past"
    BACKWARDS = "it ends before it begins"
    TOO_SHORT = "it lasts less than a minute"
    TOO_LONG = "it is too long"
    TOO_FAR = "it begins too late"
    OVERLAPS = "it would begin again before it has ended"
    EVERYTHING = "it names nothing, so it would match everything"
    TOO_MANY = "there are too many windows already"


_FIELDS = {
    NotPlannedBecause.BEGAN: "start",
    NotPlannedBecause.TOO_FAR: "start",
    NotPlannedBecause.OVERLAPS: "repeats",
    NotPlannedBecause.EVERYTHING: "service",
    NotPlannedBecause.TOO_MANY: "service",
}


class NotPlanned(Refused):
    """There will be no such window. ``field`` is what to correct: ``start``, ``length``, ``repeats`` or ``service``."""

    def __init__(self, why: NotPlannedBecause) -> None:
        super().__init__(f"The maintenance was not planned: {why.value}.")
        self.why = why

    @property
    def field(self) -> str:
        return _FIELDS.get(self.why, "length")


class UnknownWindow(BongsuError):
    """No window of that number or name stands. ``known`` are those that do, as (number, name)."""

    def __init__(self, name: str, known: Sequence[tuple[int, str]]) -> None:
        super().__init__(f"There is no maintenance {name!r}.")
        self.name, self.known = name, known


class AmbiguousWindow(UnknownWindow):
    """Several have that name: ``known`` are they."""


class WindowOver(Refused):
    """It has ended, by itself or by somebody's hand."""

    def __init__(self) -> None:
        super().__init__("That maintenance is over already, so nothing was changed.")
