"""The details: all series, all alerts, and the pages between them."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.details import ON_A_PAGE, alerts_modal, problem_modal, series_modal
from bot.blocks.details_clicks import Listed, Sheet, read_sheet, sheet_value
from incidents.inspection import Mark, Page, Turn
from incidents.model import Links
from sandbox.blockkit import problems_in_view
from tests.unit.bot.samples import AT_TEN, LINKS, a_series, an_incident, minutes
from tests.unit.bot.snapshots import expect_view
from tests.unit.bot.states import HOSTILE, LONGEST_URL
from tests.unit.bot.traces import ARRIVED, SERIES, an_alert

SHEET = Sheet(12, 142, birth="0a1b2c3d")
ALERTS = replace(SHEET, listed=Listed.ALERTS)
MIDDLE = Turn(Mark(minutes(3), 7, 1))


def pages(rows: Any, *, total: int = 3, before: Turn | None = None, after: Turn | None = None) -> Any:
    return Page(an_incident(), tuple(rows), before, after, total)


def test_the_series_are_as_they_were_looked_at() -> None:
    expect_view("details-series", series_modal(SHEET, pages(SERIES, total=5)))


def test_the_alerts_are_as_they_were_looked_at() -> None:
    expect_view("details-alerts", alerts_modal(ALERTS, pages(ARRIVED)))


def test_a_page_in_the_middle_leads_both_ways() -> None:
    sheet = replace(ALERTS, page=2, turn=MIDDLE)
    before, after = Turn(Mark(minutes(9), 9), back=True), Turn(Mark(minutes(1), 2))
    view = alerts_modal(sheet, pages(ARRIVED, total=60, before=before, after=after))
    expect_view("details-middle", view)
    values = [read_sheet(one["elements"][0]["value"]) for one in view["blocks"] if one["type"] == "actions"]
    assert values == [
        SHEET,
        replace(ALERTS, turn=before),
        replace(ALERTS, page=3, turn=after),
    ]


@pytest.mark.parametrize("listed", Listed)
def test_nothing_is_said_to_be_nothing(listed: Listed) -> None:
    modal = series_modal if listed is Listed.SERIES else alerts_modal
    expect_view(f"details-no-{listed}", modal(replace(SHEET, listed=listed), pages((), total=0)))


def test_a_page_that_is_not_there_any_more_leads_to_the_first() -> None:
    view = alerts_modal(replace(ALERTS, page=7, turn=MIDDLE), pages((), total=60))
    assert "There is nothing on this page any more." in str(view)
    assert read_sheet(view["blocks"][-1]["elements"][0]["value"]) == ALERTS


def test_full_pages_of_hostile_rows_fit() -> None:
    links = Links(*[LONGEST_URL] * 5)
    series = [a_series(HOSTILE, links=links, value_fired=1e300, value_peak=-1e-300, value_now=float("nan"))] * ON_A_PAGE
    alerts = [an_alert(name=HOSTILE, value=float("inf"), reason="unknown_series")] * ON_A_PAGE
    huge = Sheet(2**63 - 1, 2**31, Listed.ALERTS, 2**31, Turn(Mark(AT_TEN, 2**63 - 1, 1)), "0a1b2c3d")
    for view in (series_modal(huge, pages(series, total=2**62)), alerts_modal(huge, pages(alerts, total=2**62))):
        assert problems_in_view(view) == []
        for forbidden in ("<!channel", "<@U0ALICE", "<http://evil", "*b*", "`c`", "~d~", "\u202e"):
            assert forbidden not in json.dumps(view, ensure_ascii=False)


def test_a_problem_is_shown_in_place_of_the_page() -> None:
    expect_view("details-problem", problem_modal("INC-142", "INC-142 was deleted."))


@given(
    st.integers(1, 2**63 - 1),
    st.integers(1, 2**31),
    st.sampled_from(Listed),
    st.integers(1, 10**6),
    st.booleans(),
    st.none() | st.builds(Mark, st.integers(0, 2**55).map(lambda us: AT_TEN + timedelta(microseconds=us)),
                          st.integers(1, 2**63 - 1), st.integers(0, 1)),
)  # fmt: skip
def test_a_button_leads_to_the_very_page(
    id_: int, number: int, listed: Listed, page: int, back: bool, mark: Mark | None
) -> None:
    sheet = Sheet(id_, number, listed, page, Turn(mark, back))
    assert read_sheet(sheet_value(sheet)) == sheet
    assert len(sheet_value(sheet)) <= 2000


@pytest.mark.parametrize(
    "value",
    ["", "12", "[]", "null", "{}", '{"id":1,"number":1,"list":"x","page":1,"back":false,"mark":null}',
     '{"id":1,"number":1,"list":"series","page":1,"back":false,"mark":[1]}',
     '{"id":1,"number":1,"list":"series","page":1,"back":false,"mark":[1e300,1,1]}'],
)  # fmt: skip
def test_what_another_version_wrote_is_not_guessed_at(value: str) -> None:
    assert read_sheet(value) is None


def test_the_links_of_a_series_are_its_own() -> None:
    view = series_modal(SHEET, pages([a_series("pod-a", links=LINKS), a_series("pod-b", links=Links())]))
    assert str(view).count("|Dashboard>") == 1
