"""What the buttons of a roll-up and of its list carry: which storm, and what the person saw."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class StormAction(StrEnum):
    """The ``action_id`` of everything that can be pressed there. These names never change."""

    ACKNOWLEDGE = "storm_acknowledge"
    LIST = "storm_list"
    BACK = "storm_list_back"
    ON = "storm_list_on"


LIST_CALLBACK = "storm_list"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the roll-up showed: of which revision, and how many incidents the button was for."""

    storm: int
    rev: int
    count: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A page of the list, the first is 0."""

    storm: int
    page: int


def value_of(told: Shown | Turn) -> str:
    return json.dumps(asdict(told), separators=(",", ":"))


def read_shown(value: str) -> Shown | None:
    """None: no button of ours, or of a version that we don't know."""
    told = _numbers(value, "storm", "rev", "count")
    return None if told is None else Shown(**told)


def read_turn(value: str) -> Turn | None:
    """The same for a page."""
    told = _numbers(value, "storm", "page")
    return None if told is None else Turn(**told)


def _numbers(value: str, *names: str) -> dict[str, int] | None:
    try:
        told: Any = json.loads(value)
        return {name: max(0, int(told[name])) for name in names}
    except (KeyError, TypeError, ValueError):
        return None
