"""What a button carries, written by the card and read by the listener: which incident, and what the person saw.

Cards live for years in channels, so these names never change and a reader copes with what it doesn't know.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from incidents.model import Incident, IncidentView, Status
from incidents.rules.stale_click import Seen

_LARGEST_ID = 2**63 - 1


class ActionId(StrEnum):
    """The ``action_id`` of everything on a card, or on a reminder below it, that can be pressed."""

    ACKNOWLEDGE = "incident_acknowledge"
    RESOLVE = "incident_resolve"
    REOPEN = "incident_reopen"
    REAL = "incident_real"
    NOTE = "incident_note"
    MORE = "incident_more"
    CONFIRM = "incident_confirm"
    DECLARE = "incident_declare"
    WHY = "incident_why"
    WAKE = "incident_wake"
    SNOOZE = "incident_snooze"
    SEVERITY = "incident_severity"
    ASSIGN = "incident_assign"
    NOISE = "incident_noise"
    TIMELINE = "incident_add_to_timeline"
    DETAILS = "incident_details"
    MERGE = "incident_merge"
    SPLIT = "incident_split"
    UNMERGE = "incident_unmerge"
    OPEN_OTHER = "incident_open_other"
    DETAILS_PAGE = "incident_details_page"


class Do(StrEnum):
    """What the options of the ⋯ menu do."""

    ASSIGN = "assign"
    NOTE = "note"
    NOISE = "noise"
    UNACKNOWLEDGE = "unack"
    SNOOZE = "snooze"
    EXTEND = "extend"
    SUMMARY = "summary"
    MORE = "more"


class CallbackId(StrEnum):
    """The ``callback_id`` of each modal."""

    NOTE = "incident_note"
    NOISE = "incident_noise"
    ASSIGN = "incident_assign"
    SNOOZE = "incident_snooze"
    SEVERITY = "incident_severity"
    SUMMARY = "incident_summary"
    TIMELINE = "incident_timeline"
    MORE = "incident_more"
    ADD_TO_INCIDENT = "add_to_incident"
    DECLARE = "incident_declare"
    MERGE = "incident_merge"
    SPLIT = "incident_split"
    WHY = "incident_why"
    DETAILS = "incident_details"
    ONCALL = "oncall_take"
    MAINTENANCE = "incident_maintenance"
    MAINTENANCE_CONFIRM = "incident_maintenance_confirm"
    DECLINE = "approval_decline"


@dataclass(frozen=True, slots=True)
class Target:
    """The incident that a click means, and what its card showed. ``birth`` "": of a card that is older than marks."""

    incident_id: int
    number: int
    seen: Seen
    birth: str = ""

    @property
    def name(self) -> str:
        return f"INC-{self.number}"

    @classmethod
    def of(cls, view: IncidentView) -> "Target":
        return cls.to(view.incident, firing=view.firing)

    @classmethod
    def to(cls, incident: Incident, *, firing: int) -> "Target":
        seen = Seen(incident.version, incident.status, incident.episode, firing)
        return cls(incident.id, incident.number, seen, incident.birth)


def button_value(target: Target) -> str:
    """JSON for a button's value or a modal's private_metadata."""
    return _json(_told(target))


def snooze_value(target: Target, *, extends: bool) -> str:
    """The same for the form that snoozes: ``extends``, it says that the incident is snoozed already."""
    return _json({**_told(target), "extends": extends})


def _told(target: Target) -> Mapping[str, Any]:
    seen = target.seen
    return {
        "id": target.incident_id,
        "number": target.number,
        "version": seen.version,
        "status": seen.status.value,
        "episode": seen.episode,
        "firing": seen.firing,
        "birth": target.birth,
    }


def option_value(do: Do, target: Target) -> str:
    """The same with what to do, in short: an option's value has at most 150 characters."""
    seen = target.seen
    return _json(
        {
            "do": do.value,
            "id": target.incident_id,
            "n": target.number,
            "v": seen.version,
            "s": seen.status.value,
            "e": seen.episode,
            "f": seen.firing,
            "b": target.birth,
        }
    )


def read_button(value: str) -> Target | None:
    """None: no button of ours, or of a version that we don't know."""
    told = _object(value)
    try:
        seen = Seen(int(told["version"]), Status(told["status"]), int(told["episode"]), int(told["firing"]))
        return Target(_id(told["id"]), int(told["number"]), seen, str(told.get("birth", "")))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def read_extends(value: str) -> bool:
    """Whether a form that snoozes told that the incident is snoozed already."""
    return _object(value).get("extends") is True


def read_option(value: str) -> tuple[Do, Target] | None:
    """None: no option of ours, or of a version that we don't know."""
    told = _object(value)
    try:
        seen = Seen(int(told["v"]), Status(told["s"]), int(told["e"]), int(told["f"]))
        return Do(told["do"]), Target(_id(told["id"]), int(told["n"]), seen, str(told.get("b", "")))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def choice_value(incident: Incident) -> str:
    """Of an incident that is offered in a list to choose from."""
    return _json({"id": incident.id, "birth": incident.birth})


def read_choice(value: Any) -> int | None:
    """The id of the incident that was chosen. None: none was, or it is of a version that we don't know."""
    if not isinstance(value, str):
        return None
    if value.isdecimal():
        return _id_or_none(value)  # as lists had it before there were marks
    return _id_or_none(_object(value).get("id"))


def incident_in(body: Mapping[str, Any]) -> int | None:
    """The incident that something pressed, chosen or submitted is about; None: no single one, or not by its id."""
    view = body.get("view")
    pressed = body.get("actions")
    said = [_said(action) for action in pressed] if isinstance(pressed, list) else []
    if isinstance(view, Mapping):
        said.append(view.get("private_metadata"))
    for value in said:
        target = _target(value) if isinstance(value, str) else None
        if target is not None:
            return target.incident_id
    return None


def _said(action: Any) -> Any:
    if not isinstance(action, Mapping):
        return None
    chosen = action.get("selected_option")
    return chosen.get("value") if isinstance(chosen, Mapping) else action.get("value")


def _target(value: str) -> Target | None:
    option = read_option(value)
    return option[1] if option is not None else read_button(value)


def _id_or_none(told: Any) -> int | None:
    try:
        return _id(told)
    except (TypeError, ValueError, OverflowError):
        return None


def _id(told: Any) -> int:
    """Raises ValueError for what no database has as an id, and what ``int`` raises."""
    if not 0 < int(told) <= _LARGEST_ID:
        raise ValueError(told)
    return int(told)


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))


def _object(value: str) -> Mapping[str, Any]:
    try:
        told = json.loads(value)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
