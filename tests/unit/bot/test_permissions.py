"""The table of what needs which role names everything that people can do, and what it does not name is closed."""

import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from slack_bolt.async_app import AsyncApp

from bot.blocks.approval_clicks import ApprovalAction
from bot.blocks.clicks import ActionId, CallbackId, Do
from bot.blocks.home_clicks import HomeAction
from bot.blocks.maintenance_clicks import MaintenanceAction
from bot.blocks.oncall_clicks import OncallAction
from bot.blocks.storm_clicks import LIST_CALLBACK, StormAction
from bot.commands.command import Verb
from bot.desk import Desk
from bot.listeners import register
from bot.permissions import NEEDS, OTHERWISE, Asked, Kind, asked
from incidents.roles import Role

READING = {
    Kind.CLICK: {"incident_why", "incident_details", "incident_open_other", "storm_list", "storm_list_back",
                 "storm_list_on", "incident_details_page", "home_more", "home_less", "list_page",
                 "list_page_back"},
    Kind.OPTION: {"more"},
    Kind.MODAL: {"incident_more", "incident_why", "incident_details", "storm_list"},
    Kind.COMMAND: {"list", "show", "stats", "oncall", "maintenance list", "why", "details",
                   "help"},
    Kind.SHORTCUT: set[str](),
    Kind.EVENT: {"app_home_opened"},
}  # fmt: skip
MENU = "incident_more"
ACTIONS = (*ActionId, *ApprovalAction, *StormAction, *HomeAction, *OncallAction, *MaintenanceAction)


class Recorder:
    """Takes listeners as Bolt does, and remembers for what."""

    def __init__(self) -> None:
        self.names: set[tuple[Kind, str]] = set()

    def _taking(self, kind: Kind) -> Callable[..., Callable[[object], None]]:
        def take(constraint: object, *_: object, **_options: object) -> Callable[[object], None]:
            told = constraint.get("callback_id") if isinstance(constraint, dict) else constraint
            if isinstance(told, str):
                self.names.add((kind, told))
            return lambda _listener: None

        return take

    def __getattr__(self, name: str) -> Any:
        kinds = {"action": Kind.CLICK, "view": Kind.MODAL, "command": Kind.COMMAND}
        kinds |= dict.fromkeys(("shortcut", "global_shortcut", "message_shortcut"), Kind.SHORTCUT)
        kinds |= {"block_action": Kind.CLICK, "view_submission": Kind.MODAL, "event": Kind.EVENT}
        return self._taking(kinds[name]) if name in kinds else lambda *_, **__: lambda _listener: None


def registered() -> set[tuple[Kind, str]]:
    recorder = Recorder()
    register(cast("AsyncApp", recorder), cast("Desk", None))
    return recorder.names - {(Kind.CLICK, MENU)}


def named() -> set[tuple[Kind, str]]:
    """Everything that the code has a name for."""
    return {
        *((Kind.CLICK, one.value) for one in ACTIONS if one != MENU),
        *((Kind.OPTION, one.value) for one in Do),
        *((Kind.MODAL, one) for one in (*CallbackId, LIST_CALLBACK)),
        *((Kind.COMMAND, one.value) for one in Verb),
    }


def test_everything_that_is_listened_for_is_in_the_table() -> None:
    assert (Kind.CLICK, "incident_acknowledge") in registered()
    assert (Kind.MODAL, "incident_note") in registered()
    assert sorted(registered() - set(NEEDS)) == []


def test_everything_that_has_a_name_is_in_the_table() -> None:
    assert sorted(named() - set(NEEDS)) == []


@pytest.mark.parametrize(("kind", "name"), NEEDS)
def test_only_reading_needs_a_viewer(kind: Kind, name: str) -> None:
    assert (NEEDS[kind, name].role is Role.VIEWER) == (name in READING[kind])


@pytest.mark.parametrize(("kind", "name"), NEEDS)
def test_what_can_be_refused_says_whose_it_is(kind: Kind, name: str) -> None:
    need = NEEDS[kind, name]
    assert (need.refusal == "") == (need.role is Role.VIEWER)


@pytest.mark.parametrize("kind", Kind)
def test_what_is_not_in_the_table_needs_a_responder(kind: Kind) -> None:
    assert Asked(kind, "never_heard_of").need is OTHERWISE
    assert OTHERWISE.role is Role.RESPONDER


def pressed(*actions: dict[str, Any]) -> dict[str, Any]:
    return {"type": "block_actions", "actions": list(actions)}


def chosen(value: str) -> dict[str, Any]:
    return pressed({"action_id": MENU, "selected_option": {"value": value}})


@pytest.mark.parametrize(
    ("body", "kind", "name"),
    [
        (pressed({"action_id": "incident_why"}), Kind.CLICK, "incident_why"),
        (pressed({"action_id": "incident_why"}, {"action_id": "incident_resolve"}), Kind.CLICK, "incident_resolve"),
        (chosen(json.dumps({"do": "noise", "id": 1})), Kind.OPTION, "noise"),
        (chosen("nonsense"), Kind.OPTION, ""),
        (chosen("[]"), Kind.OPTION, ""),
        (pressed({"action_id": MENU}), Kind.OPTION, ""),
        (pressed(), Kind.CLICK, ""),
        ({"type": "block_actions", "actions": 7}, Kind.CLICK, ""),
        ({"type": "view_submission", "view": {"callback_id": "incident_note"}}, Kind.MODAL, "incident_note"),
        ({"type": "view_submission"}, Kind.MODAL, ""),
        ({"type": "shortcut", "callback_id": "declare_incident"}, Kind.SHORTCUT, "declare_incident"),
        ({"type": "message_action", "callback_id": "add_to_incident"}, Kind.SHORTCUT, "add_to_incident"),
        ({"type": "event_callback", "event": {"type": "message"}}, Kind.EVENT, "message"),
        ({"command": "/incident", "text": "close 12 fixed"}, Kind.COMMAND, "resolve"),
        ({"command": "/incident", "text": "12"}, Kind.COMMAND, "show"),
        ({"command": "/incident", "text": "resolve"}, Kind.COMMAND, "help"),
        ({"command": "/incident"}, Kind.COMMAND, "help"),
    ],
)
def test_what_a_payload_asks_for(body: dict[str, Any], kind: Kind, name: str) -> None:
    assert asked(body) == Asked(kind, name)


@pytest.mark.parametrize("kind", ["view_closed", "block_suggestion", None])
def test_what_changes_nothing_is_not_asked_about(kind: str | None) -> None:
    assert asked({"type": kind}) is None


@pytest.mark.parametrize(("text", "needed"), [("oncall payments", Role.VIEWER), ("oncall me 4h", Role.RESPONDER)])
def test_to_look_who_is_on_call_needs_less_than_to_change_it(text: str, needed: Role) -> None:
    found = asked({"command": "/incident", "text": text})
    assert found is not None
    assert found.need.role is needed
