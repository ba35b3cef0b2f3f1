"""What needs which role: everything that people can press, choose, submit, type or send, in one table.

What is not in it needs a responder. A refusal begins with the sentence that stands here.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.blocks.clicks import ActionId
from bot.commands.command import Command
from bot.commands.parse import parse
from bot.language import mark
from incidents.roles import Role


class Kind(StrEnum):
    """How something is asked of us, as metrics call it."""

    CLICK = "click"
    OPTION = "option"
    MODAL = "modal"
    COMMAND = "command"
    SHORTCUT = "shortcut"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Need:
    """``refusal`` says whose it is, in one sentence; what needs a viewer is refused to nobody for their role."""

    role: Role
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """``name``: the ``action_id``, the option's ``do``, the ``callback_id``, the verb or the event's type."""

    kind: Kind
    name: str

    @property
    def need(self) -> Need:
        return NEEDS.get((self.kind, self.name), OTHERWISE)


TAKE_OVER = "oncall take"
"""Who looks who is on call needs less than who changes it."""
LOOK_AT_MAINTENANCE = "maintenance list"
"""The same of maintenance."""

_LOOK = Need(Role.VIEWER)
_ACKNOWLEDGE = Need(Role.RESPONDER, mark("Only responders may acknowledge incidents."))
_RESOLVE = Need(Role.RESPONDER, mark("Only responders may resolve incidents."))
_APPROVE = Need(Role.RESPONDER, mark("Only responders may decide on what others want to close."))
_REOPEN = Need(Role.RESPONDER, mark("Only responders may reopen incidents."))
_NOISE = Need(Role.RESPONDER, mark("Only responders may say what is noise and what is real."))
_ASSIGN = Need(Role.RESPONDER, mark("Only responders may assign incidents."))
_NOTE = Need(Role.RESPONDER, mark("Only responders may write notes on incidents."))
_SEVERITY = Need(Role.RESPONDER, mark("Only responders may set the severity of incidents."))
_SNOOZE = Need(Role.RESPONDER, mark("Only responders may snooze incidents and wake them."))
_MERGE = Need(Role.RESPONDER, mark("Only responders may merge and split incidents."))
_TIMELINE = Need(Role.RESPONDER, mark("Only responders may add to the timeline of incidents."))
_SUMMARY = Need(Role.RESPONDER, mark("Only responders may sum up incidents."))
_DECLARE = Need(Role.RESPONDER, mark("Only responders may declare incidents."))
_ON_CALL = Need(Role.RESPONDER, mark("Only responders may change who is on call."))
_MAINTENANCE = Need(Role.RESPONDER, mark("Only responders may plan maintenance and end it."))
_ESCALATE = Need(Role.RESPONDER, mark("Only responders may call others."))
OTHERWISE = Need(Role.RESPONDER, mark("Only responders may do that."))

_CLICKS = {
    "incident_acknowledge": _ACKNOWLEDGE,
    "incident_confirm": _ACKNOWLEDGE,
    "incident_resolve": _RESOLVE,
    "incident_reopen": _REOPEN,
    "incident_real": _NOISE,
    "incident_noise": _NOISE,
    "incident_note": _NOTE,
    "incident_assign": _ASSIGN,
    "incident_severity": _SEVERITY,
    "incident_snooze": _SNOOZE,
    "incident_wake": _SNOOZE,
    "incident_merge": _MERGE,
    "incident_merge_into": _MERGE,
    "incident_split": _MERGE,
    "incident_unmerge": _MERGE,
    "incident_add_to_timeline": _TIMELINE,
    "incident_declare": _DECLARE,
    "incident_why": _LOOK,
    "incident_details": _LOOK,
    "incident_details_page": _LOOK,
    "incident_open_other": _LOOK,
    "home_more": _LOOK,
    "home_less": _LOOK,
    "list_page": _LOOK,
    "list_page_back": _LOOK,
    "oncall_take": _ON_CALL,
    "oncall_end": _ON_CALL,
    "maintenance_end": _MAINTENANCE,
    "home_maintenance_end": _MAINTENANCE,
    "approval_approve": _APPROVE,
    "approval_decline": _APPROVE,
    "approval_withdraw": _APPROVE,
    "storm_acknowledge": _ACKNOWLEDGE,
    "storm_list": _LOOK,
    "storm_list_back": _LOOK,
    "storm_list_on": _LOOK,
}
"""The ⋯ menu, ``incident_more``, needs what the chosen option does."""

_OPTIONS = {
    "assign": _ASSIGN,
    "note": _NOTE,
    "noise": _NOISE,
    "unack": _ACKNOWLEDGE,
    "snooze": _SNOOZE,
    "extend": _SNOOZE,
    "summary": _SUMMARY,
    "more": _LOOK,
}

_MODALS = {
    "incident_note": _NOTE,
    "add_to_incident": _TIMELINE,
    "incident_noise": _NOISE,
    "incident_assign": _ASSIGN,
    "incident_snooze": _SNOOZE,
    "incident_severity": _SEVERITY,
    "incident_merge": _MERGE,
    "incident_split": _MERGE,
    "incident_declare": _DECLARE,
    "incident_summary": _SUMMARY,
    "incident_timeline": _TIMELINE,
    "oncall_take": _ON_CALL,
    "incident_maintenance": _MAINTENANCE,
    "incident_maintenance_confirm": _MAINTENANCE,
    "approval_decline": _APPROVE,
    "incident_more": _LOOK,
    "incident_why": _LOOK,
    "incident_details": _LOOK,
    "storm_list": _LOOK,
}

_COMMANDS = {
    "list": _LOOK,
    "show": _LOOK,
    "stats": _LOOK,
    "help": _LOOK,
    "ack": _ACKNOWLEDGE,
    "unack": _ACKNOWLEDGE,
    "resolve": _RESOLVE,
    "approve": _APPROVE,
    "decline": _APPROVE,
    "withdraw": _APPROVE,
    "reopen": _REOPEN,
    "noise": _NOISE,
    "real": _NOISE,
    "assign": _ASSIGN,
    "note": _NOTE,
    "snooze": _SNOOZE,
    "wake": _SNOOZE,
    "escalate": _ESCALATE,
    "merge": _MERGE,
    "split": _MERGE,
    "declare": _DECLARE,
    "oncall": _LOOK,
    TAKE_OVER: _ON_CALL,
    "maintenance": _MAINTENANCE,
    LOOK_AT_MAINTENANCE: _LOOK,
}

_SHORTCUTS = {
    "declare_incident": _DECLARE,
    "declare_from_message": _DECLARE,
    "add_to_incident": _TIMELINE,
}

_EVENTS = {
    "app_home_opened": _LOOK,
    "message": _NOTE,
    "reaction_added": _TIMELINE,
    "reaction_removed": _TIMELINE,
}
"""Those behind which somebody stands."""

NEEDS: Mapping[tuple[Kind, str], Need] = {
    **{(Kind.CLICK, name): need for name, need in _CLICKS.items()},
    **{(Kind.OPTION, name): need for name, need in _OPTIONS.items()},
    **{(Kind.MODAL, name): need for name, need in _MODALS.items()},
    **{(Kind.COMMAND, name): need for name, need in _COMMANDS.items()},
    **{(Kind.SHORTCUT, name): need for name, need in _SHORTCUTS.items()},
    **{(Kind.EVENT, name): need for name, need in _EVENTS.items()},
}


def asked(body: Mapping[str, Any]) -> Asked | None:
    """What a payload of Slack's asks for; of several things, what needs most. None: for nothing that changes anything.

    A command that is not understood is answered by how to write it, so it needs what help does.
    """
    if "command" in body:
        command = parse(str(body.get("text") or ""))
        return Asked(Kind.COMMAND, _meant(command) if isinstance(command, Command) else "help")
    match body.get("type"):
        case "block_actions":
            return _gravest(_pressed(action) for action in _mappings(body.get("actions")))
        case "view_submission":
            return Asked(Kind.MODAL, _text(body.get("view"), "callback_id"))
        case "shortcut" | "message_action":
            return Asked(Kind.SHORTCUT, _text(body, "callback_id"))
        case "event_callback":
            return Asked(Kind.EVENT, _text(body.get("event"), "type"))
        case _:
            return None


def _meant(command: Command) -> str:
    if command.looks_at_maintenance:
        return LOOK_AT_MAINTENANCE
    return TAKE_OVER if command.takes_over else command.verb.value


def _pressed(action: Mapping[str, Any]) -> Asked:
    name = _text(action, "action_id")
    if name != ActionId.MORE:
        return Asked(Kind.CLICK, name)
    return Asked(Kind.OPTION, _do(_text(action.get("selected_option"), "value")))


def _do(value: str) -> str:
    try:
        return _text(json.loads(value), "do")
    except ValueError:
        return ""


def _gravest(asked_for: Iterable[Asked]) -> Asked:
    return max(asked_for, key=lambda one: one.need.role, default=Asked(Kind.CLICK, ""))


def _mappings(value: object) -> Sequence[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _text(value: object, name: str) -> str:
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else ""
