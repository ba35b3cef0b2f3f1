"""What was clicked is compared with what has its id now, whatever it is and wherever it stood."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot import clicked
from bot.blocks.approval_clicks import Request, request_value
from bot.blocks.clicks import Do, Target, button_value, choice_value, option_value, snooze_value
from bot.blocks.details_clicks import Sheet, sheet_value
from bot.blocks.maintenance_clicks import window_value
from bot.blocks.oncall_clicks import OncallClick, click_value
from bot.blocks.storm_clicks import Shown, Turn, value_of
from bot.clicked import Clicked, Thing, clicked_in
from incidents.errors import AnotherIncident, AnotherThing, IncidentGone
from tests.unit.bot.samples import a_view, an_approval, an_incident, minutes
from tests.unit.bot.test_oncall import override
from tests.unit.bot.test_rollups import STORM
from tests.unit.maintenance.windows import a_window

SNAPSHOTS = sorted((Path(__file__).parent / "snapshots").glob("*.json"))
TARGET = Target.of(a_view())
INCIDENT = Clicked(Thing.INCIDENT, 12, an_incident().birth)
APPROVAL, WINDOW, OVERRIDE = an_approval(), a_window(), override(5)
VALUES = {
    "button": (button_value(TARGET), INCIDENT),
    "form that snoozes": (snooze_value(TARGET, extends=True), INCIDENT),
    "details": (sheet_value(Sheet(12, 142, birth=TARGET.birth)), INCIDENT),
    "roll-up": (value_of(Shown(7, 1, 4, "0a1b2c3d")), Clicked(Thing.STORM, 7, "0a1b2c3d")),
    "list of a roll-up": (value_of(Turn(7, 1, "0a1b2c3d")), Clicked(Thing.STORM, 7, "0a1b2c3d")),
    "request": (request_value(Request(3, 142, "0a1b2c3d")), Clicked(Thing.APPROVAL, 3, "0a1b2c3d")),
    "window": (window_value(WINDOW), Clicked(Thing.WINDOW, WINDOW.id, WINDOW.birth)),
    "override": (click_value(OncallClick("", 5, birth="0a1b2c3d")), Clicked(Thing.OVERRIDE, 5, "0a1b2c3d")),
}


@pytest.mark.parametrize(("value", "thing"), VALUES.values(), ids=VALUES)
def test_each_is_read_wherever_slack_puts_it(value: str, thing: Clicked) -> None:
    assert clicked_in({"actions": [{"value": value}]}) == (thing,)
    assert clicked_in({"type": "view_submission", "view": {"private_metadata": value}}) == (thing,)


def test_an_option_and_a_choice_are_read_as_well_as_the_form_around_them() -> None:
    option, other = option_value(Do.NOTE, TARGET), an_incident(id=14, incident_key="other")
    assert clicked_in({"actions": [{"selected_option": {"value": option}}]}) == (INCIDENT,)
    fields = {
        "into": {"into": {"selected_option": {"value": choice_value(other)}}},
        "text": {"text": {"value": option}},
    }
    view = {"private_metadata": button_value(TARGET), "state": {"values": fields}}
    assert clicked_in({"view": view}) == (INCIDENT, Clicked(Thing.INCIDENT, 14, other.birth)), "what was typed is no id"
    chosen = {"selected_option": {"value": choice_value(other)}}
    assert len(clicked_in({"actions": [chosen], "view": view})) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"actions": [{"value": '{"id":7,"number":1}'}]},
        {"actions": [{"value": button_value(replace(TARGET, birth=""))}]},
        {"actions": [{"value": '{"id":0,"birth":"x"}'}, {"value": f'{{"id":{2**63},"birth":"x"}}'}]},
        {"actions": [{"value": '{"id":"7","birth":"x"}'}, {"value": '{"id":7,"birth":1}'}, {"value": '{"birth":"x"}'}]},
        {"actions": [{"value": "["}, {"value": "[7]"}, {"value": 7}, None, {"selected_option": "x"}], "view": "x"},
        {"view": {"private_metadata": None, "state": {"values": {"a": None, "b": {"c": None}}}}},
        {"view": {"state": "x"}, "actions": "x"},
        {"command": "/incident", "text": button_value(TARGET)},
        {"value": button_value(TARGET), "view": {}},
    ],
)
def test_what_has_no_mark_is_not_compared(body: dict[str, Any]) -> None:
    assert clicked_in(body) == ()


class Now:
    """What has each id now."""

    def __init__(self, thing: Any) -> None:
        self._thing = thing

    async def get(self, id_: int) -> Any:
        if self._thing is KeyError:
            raise IncidentGone(id_)
        return self._thing


def unit_of_work(**now: Any) -> Any:
    return SimpleNamespace(**{name: Now(thing) for name, thing in now.items()})


async def done_to(value: str, uow: Any) -> list[str]:
    done: list[str] = []

    async def work(_: Any) -> None:
        done.append("done")

    clicked.bind({"actions": [{"value": value}]})
    try:
        await clicked.compared(work)(uow)
    except (AnotherIncident, AnotherThing, IncidentGone) as error:
        done.append(type(error).__name__)
    finally:
        clicked.bind({})
    return done


SAME_AND_OTHER: dict[str, tuple[str, str, Any, Any]] = {
    "incidents": (
        "AnotherIncident", button_value(TARGET), an_incident(version=9), an_incident(created_at=minutes(0.001))
    ),
    "storms": (
        "AnotherThing",
        value_of(Shown(STORM.id, 1, 4, STORM.birth)),
        replace(STORM, rev=9, coming=7),
        replace(STORM, began_at=minutes(99)),
    ),
    "approvals": (
        "AnotherThing",
        request_value(Request(3, 142, APPROVAL.birth)),
        replace(APPROVAL, until=minutes(99)),
        replace(APPROVAL, asked_at=minutes(99)),
    ),
    "maintenance": (
        "AnotherThing", window_value(WINDOW), replace(WINDOW, reason="x"), replace(WINDOW, created_at=minutes(99))
    ),
    "overrides": (
        "AnotherThing",
        click_value(OncallClick("", 5, birth=OVERRIDE.birth)),
        replace(OVERRIDE, end=minutes(99)),
        replace(OVERRIDE, start=minutes(99)),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("where", "given"), SAME_AND_OTHER.items(), ids=SAME_AND_OTHER)
async def test_what_has_changed_is_the_same_and_what_was_born_at_another_time_is_not(where: str, given: Any) -> None:
    refused, value, same, other = given
    assert await done_to(value, unit_of_work(**{where: same})) == ["done"]
    assert await done_to(value, unit_of_work(**{where: other})) == [refused]


async def test_another_key_at_the_same_time_is_another_incident() -> None:
    assert await done_to(button_value(TARGET), unit_of_work(incidents=an_incident(incident_key="x"))) == [
        "AnotherIncident"
    ]


async def test_what_is_not_there_is_told_by_who_looks_for_it() -> None:
    assert await done_to(button_value(TARGET), unit_of_work(incidents=KeyError)) == ["IncidentGone"]
    assert await done_to(window_value(WINDOW), unit_of_work(maintenance=None)) == ["done"]
    assert await done_to(click_value(OncallClick("", 5, birth="x")), unit_of_work(overrides=None)) == ["done"]


async def test_a_click_without_a_mark_asks_for_nothing() -> None:
    assert await done_to(button_value(replace(TARGET, birth="")), unit_of_work()) == ["done"]


def ids_in(told: Any) -> list[dict[str, Any]]:
    """All that what Slack is given carries with an id in it, as JSON."""
    if isinstance(told, list):
        return [found for one in told for found in ids_in(one)]
    if not isinstance(told, dict):
        return []
    found = [one for name in ("value", "private_metadata") if (one := as_object(told.get(name)))]
    return [one for one in found if any(one.get(thing) for thing in Thing)] + ids_in(list(told.values()))


def as_object(value: Any) -> dict[str, Any]:
    try:
        told = json.loads(value) if isinstance(value, str) else None
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def test_whatever_carries_an_id_carries_a_mark() -> None:
    unmarked = {
        path.name: one
        for path in SNAPSHOTS
        for one in ids_in(json.loads(path.read_text(encoding="utf-8")))
        if len(str(one.get("birth") or one.get("b") or "")) != 8
    }
    assert unmarked == {}
    assert len([one for path in SNAPSHOTS for one in ids_in(json.loads(path.read_text(encoding="utf-8")))]) > 300
