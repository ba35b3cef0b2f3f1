"""The answer to /incident oncall, the form that takes a schedule over, and the line in a Home."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.blocks.oncall import Shown, given_back, home_line, oncall, oncall_modal, taken
from bot.blocks.oncall_clicks import OncallClick, click_value, read_click
from incidents.schedules import Override
from incidents.schedules.model import Standing, StoredCalendar
from sandbox.blockkit import problems_in_message
from tests.unit.bot.snapshots import expect_message, expect_view

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def override(number: int, schedule: str = "payments") -> Override:
    start = NOW + number * HOUR
    return Override(number, schedule, "U0CAROL", start, start + 4 * HOUR, by="U0ALICE")


def standing(name: str, overrides: int = 0, source: str = "") -> Standing:
    taken_over = tuple(override(n, name) for n in range(1, overrides + 1))
    known = StoredCalendar(name, "", read_at=NOW, error="x" * 500, failing_since=NOW)
    return Standing(name, "U0BOB", NOW + 24 * HOUR, "U0ALICE", taken_over, source, known if source else None)


AWAY = StoredCalendar("away", "", read_at=NOW, error="its server answers <HTTP 500>", failing_since=NOW + HOUR)
SHOWN = {
    "none": Shown([]),
    "one": Shown([standing("payments", 2)], "payments", taken(override(1))),
    "all": Shown(
        [standing("payments", 1), Standing("search", "U0ALICE", None, None), Standing("office", None, NOW, "U0BOB")]
    ),
    "calendars": Shown(
        [
            Standing("new", None, None, None, source="x.ics"),
            Standing(
                "well", "U0BOB", NOW, None, source="a.example.com", calendar=StoredCalendar("well", "", read_at=NOW)
            ),
            Standing("away", "U0BOB", NOW, None, source="<x>", calendar=AWAY),
        ]
    ),
    "many": Shown([standing(f"schedule-{number}", 9) for number in range(50)]),
}


@pytest.mark.parametrize("name", SHOWN)
def test_each_answer_is_as_it_was_looked_at(name: str) -> None:
    expect_message(f"oncall-{name}", oncall(SHOWN[name]))


def test_many_fit_into_one_answer() -> None:
    told = oncall(SHOWN["many"])
    assert len(told.blocks) <= 50
    assert "30 more schedules" in str(told.blocks)
    assert len(oncall(Shown([standing("payments", 40)], "payments")).blocks) <= 50
    calendars = [standing(f"schedule-{number}", 9, "s" * 200) for number in range(50)]
    assert problems_in_message({"text": "", "blocks": oncall(Shown(calendars)).blocks}) == []


def test_the_form_is_as_it_was_looked_at() -> None:
    click = OncallClick("payments", answer="http://127.0.0.1/answer")
    expect_view("oncall-form", oncall_modal(["payments", "search"], click, user="U0ALICE"))


def test_of_one_schedule_it_is_chosen_already() -> None:
    [field, *_] = oncall_modal(["payments"], OncallClick(), user="U0ALICE")["blocks"]
    assert field["element"]["initial_option"]["value"] == "payments"


def test_a_home_has_one_line() -> None:
    assert home_line([]) == ""
    assert home_line([standing("payments"), Standing("office", None, NOW, None)]) == (
        "On call now: payments <@U0BOB>, office nobody"
    )
    assert home_line([standing(f"s{number}") for number in range(9)]).endswith("s5 <@U0BOB>, 3 more")


def test_what_was_given_back_is_said() -> None:
    assert given_back(override(1)) == "It is over that <@U0CAROL> has *payments*."


@pytest.mark.parametrize("click", [OncallClick(), OncallClick("payments", 12), OncallClick("a", answer="http://x")])
def test_what_a_button_carries_is_read_again(click: OncallClick) -> None:
    assert read_click(click_value(click)) == click


def test_an_address_that_is_too_long_is_left_out() -> None:
    assert read_click(click_value(OncallClick("a", answer="x" * 3000))) == OncallClick("a")


@pytest.mark.parametrize("value", ["", "{}", "[]", "5", '{"shown": "a", "override": "x"}', '{"shown": "a"}'])
def test_what_is_no_button_of_ours_is_nothing(value: str) -> None:
    assert read_click(value) is None
