"""What the buttons of a roll-up and of its list carry: which storm, and what the person saw."""

import json
from collections.abc import Mapping
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
    """What the roll-up showed: of which revision, and how many incidents the button was for.

    ``birth`` is the storm's, "": of a message that is older than marks.
    """

    storm: int
    rev: int
    count: int
    birth: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A page of the list, the first is 0."""

    storm: int
    page: int
    birth: str = ""


def value_of(told: Shown | Turn) -> str:
    return json.dumps(asdict(told), separators=(",", ":"))


def read_shown(value: str) -> Shown | None:
    """None: no button of ours, or of a version that we don't know."""
    told = _object(value)
    try:
        return Shown(_number(told["storm"]), _number(told["rev"]), _number(told["count"]), _birth(told))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def read_turn(value: str) -> Turn | None:
    """The same for a page."""
    told = _object(value)
    try:
        return Turn(_number(told["storm"]), _number(told["page"]), _birth(told))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _number(told: Any) -> int:
    return max(0, int(told))


def _birth(told: Mapping[str, Any]) -> str:
    return str(told.get("birth", ""))


def _object(value: str) -> Mapping[str, Any]:
    try:
        told = json.loads(value)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
