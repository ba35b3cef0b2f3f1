"""What the buttons of the details carry: which incident, which list, and which page of it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from incidents.inspection import FIRST, Mark, Turn

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Listed(StrEnum):
    """What is listed. These names never change."""

    SERIES = "series"
    ALERTS = "alerts"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of one list. ``page`` counts from 1; it is only told, ``turn`` is what leads there."""

    incident_id: int
    number: int
    listed: Listed = Listed.SERIES
    page: int = 1
    turn: Turn = FIRST
    birth: str = ""
    """The incident's, "": of a card that is older than marks."""

    @property
    def name(self) -> str:
        return f"INC-{self.number}"


def sheet_value(sheet: Sheet) -> str:
    """JSON for a button's value."""
    mark = sheet.turn.mark
    told = {
        "id": sheet.incident_id,
        "number": sheet.number,
        "list": sheet.listed.value,
        "page": sheet.page,
        "back": sheet.turn.back,
        "birth": sheet.birth,
        "mark": None if mark is None else [(mark.at - _EPOCH) // _MICROSECOND, mark.id, mark.rank],
    }
    return json.dumps(told, separators=(",", ":"))


def read_sheet(value: str) -> Sheet | None:
    """None: no button of ours, or of a version that we don't know."""
    try:
        told: Any = json.loads(value)
        turn = Turn(_mark(told["mark"]), bool(told["back"]))
        page, birth = max(1, int(told["page"])), str(told.get("birth", ""))
        return Sheet(int(told["id"]), int(told["number"]), Listed(told["list"]), page, turn, birth)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _mark(told: Any) -> Mark | None:
    if told is None:
        return None
    micros, id_, rank = told
    return Mark(_EPOCH + int(micros) * _MICROSECOND, int(id_), int(rank))
