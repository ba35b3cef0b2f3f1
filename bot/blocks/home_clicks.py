"""What the controls of a Home carry. What acts on an incident carries the same as on its card."""

import json
from enum import StrEnum


class HomeAction(StrEnum):
    """The ``action_id`` of what a card does not have. These names never change."""

    MORE = "home_more"
    LESS = "home_less"
    WAKE = "incident_wake"


HOME_CALLBACK = "home"
TOLD_CALLBACK = "told"


def page_value(page: int) -> str:
    """``page`` counts from 0."""
    return json.dumps({"page": page}, separators=(",", ":"))


def read_page(value: str) -> int | None:
    """None: no button of ours, or of a version that we don't know."""
    try:
        return max(0, int(json.loads(value)["page"]))
    except (KeyError, TypeError, ValueError):
        return None
