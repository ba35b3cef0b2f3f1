"""What the buttons of a list carry: which incidents it is of, and where the page begins."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from incidents.browse import Filter, Matching, PageTurn, Position
from incidents.model import Severity, Status


class ListAction(StrEnum):
    """The ``action_id`` of what can be pressed there. These names never change."""

    ON = "list_page"
    BACK = "list_page_back"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page of a list. ``first`` is the number of its first incident, as far as is known: others come and go."""

    wanted: Filter
    turn: PageTurn
    first: int


def leaf_value(leaf: Leaf) -> str:
    """JSON of at most 2,000 characters, which is what a button holds."""
    wanted, at = leaf.wanted, leaf.turn.position
    told = {
        "statuses": sorted(wanted.statuses),
        "severities": sorted(wanted.matching.severities),
        "words": wanted.matching.words,
        "owner": wanted.owner,
        "unassigned": wanted.unassigned,
        "noise": wanted.noise,
        "snoozed": wanted.snoozed,
        "within": None if wanted.within is None else int(wanted.within.total_seconds()),
        "at": [at.at.isoformat(), at.id, at.rank],
        "back": leaf.turn.back,
        "first": leaf.first,
    }
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


def read_leaf(value: str) -> Leaf | None:
    """None: no button of ours, or of a version that we don't know."""
    try:
        told: Any = json.loads(value)
        at, id_, rank = told["at"]
        position = Position(datetime.fromisoformat(at).astimezone(UTC), int(id_), int(rank))
        return Leaf(_filter(told), PageTurn(position, back=bool(told["back"])), int(told["first"]))
    except (KeyError, TypeError, ValueError):
        return None


def _filter(told: Any) -> Filter:
    return Filter(
        statuses=frozenset(map(Status, told["statuses"])),
        matching=Matching(frozenset(map(Severity, told["severities"])), tuple(map(str, told["words"]))),
        owner=told["owner"],
        unassigned=told["unassigned"],
        noise=told["noise"],
        snoozed=told["snoozed"],
        within=None if told["within"] is None else timedelta(seconds=told["within"]),
    )
