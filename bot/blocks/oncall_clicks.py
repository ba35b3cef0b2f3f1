"""What the buttons of ``/incident oncall`` carry."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

_LONGEST_URL = 1000


class OncallAction(StrEnum):
    """The ``action_id`` of what can be pressed there. These names never change."""

    TAKE = "oncall_take"
    END = "oncall_end"


@dataclass(frozen=True, slots=True)
class OncallClick:
    """``shown``: the one schedule that the answer shows, "" for all. ``override``: which one ends, 0 for none.

    ``answer``, of a form: the response_url of the answer in which its button was pressed, None: not known.
    ``birth`` is the override's, "": of none, or of an answer that is older than marks.
    """

    shown: str = ""
    override: int = 0
    answer: str | None = None
    birth: str = ""


def click_value(click: OncallClick) -> str:
    """JSON for a button's value or a modal's private_metadata. Slack's own addresses are short; others are left out."""
    told = asdict(click)
    if click.answer and len(click.answer) > _LONGEST_URL:
        told["answer"] = None
    return json.dumps(told, separators=(",", ":"))


def read_click(value: str) -> OncallClick | None:
    """None: no button of ours, or of a version that we don't know."""
    try:
        told: Any = json.loads(value)
        answer = told.get("answer")
        shown, override = str(told["shown"]), int(told["override"])
        return OncallClick(shown, override, None if answer is None else str(answer), str(told.get("birth", "")))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
