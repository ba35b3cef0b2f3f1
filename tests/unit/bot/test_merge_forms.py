"""The forms that merge and split: as they were looked at, and within what Slack takes at their extremes."""

import json
from typing import Any

import pytest

from bot.blocks.clicks import Target, read_choice
from bot.blocks.merge_modal import MOST_OPTIONS, merge_modal, merge_options
from bot.blocks.split_modal import split_modal, split_options
from incidents.actions.merge import Foresight
from incidents.model import Incident, Place, Severity
from incidents.rules.merge_suggestion import Suggestion, suggestion
from sandbox.blockkit import problems_in_view
from sandbox.blockkit.composition import options_problems
from tests.unit.bot.samples import ALICE, a_series, acknowledged, an_incident
from tests.unit.bot.snapshots import expect_view

HOSTILE = "<!channel> *b* `c` > \u202etxt & 불이야 🔥" + "x<" * 800
TARGET = Target.to(an_incident(), firing=3)
HUGE = Target.to(an_incident(id=2**62, number=10**9, version=2**40), firing=10**6)
INTO = an_incident(id=13, number=140, severity=Severity.WARNING, title="Payments are slow")


def foresight(**changes: Any) -> Foresight:
    return Foresight(an_incident(), changes.pop("into", INTO), changes.pop("series", 3), Severity.CRITICAL)


def offered(likely: list[Suggestion], others: list[Incident]) -> list[dict[str, Any]]:
    groups = merge_options(likely, others)
    assert options_problems({"option_groups": groups}) == []
    return groups


def test_the_search_alone() -> None:
    expect_view("modal-merge", merge_modal(TARGET))


def test_what_will_happen() -> None:
    expect_view("modal-merge-preview", merge_modal(TARGET, foresight=foresight()))


def test_what_will_happen_to_one_that_somebody_has() -> None:
    into = acknowledged(id=13, number=140, acknowledged_by=ALICE)
    expect_view("modal-merge-owned", merge_modal(TARGET, foresight=foresight(into=into, series=1)))


def test_what_is_in_the_way() -> None:
    expect_view("modal-merge-problem", merge_modal(TARGET, problem="INC-140 is resolved."))


def test_the_extremes_fit() -> None:
    into = an_incident(id=2**62, number=10**9, title=HOSTILE, place=Place(HOSTILE, HOSTILE, HOSTILE), assignee=HOSTILE)
    view = merge_modal(HUGE, foresight=Foresight(into, into, 10**6, Severity.UNKNOWN))
    assert problems_in_view(view) == []
    assert "<!channel>" not in json.dumps(view)


def test_options_say_what_speaks_for_them_and_name_each_once() -> None:
    other = an_incident(id=14, number=141, rule_uid="r9", place=Place(), title="Something else")
    [likely, rest] = offered([suggestion(an_incident(), INTO)], [INTO, other])
    [first] = likely["options"]
    assert first["text"]["text"] == "INC-140 · checkout: Payments are slow"
    assert first["description"]["text"].startswith("same service, same rule, began at the same time")
    assert [read_choice(option["value"]) for option in rest["options"]] == [14]


def test_nothing_to_offer_is_no_group() -> None:
    assert merge_options([], []) == []


def test_very_many_with_hostile_names_fit() -> None:
    many = [an_incident(id=n, number=n, title=HOSTILE, place=Place(service=HOSTILE)) for n in range(100, 400)]
    groups = offered([suggestion(an_incident(), one) for one in many[:40]], many)
    assert sum(len(group["options"]) for group in groups) == MOST_OPTIONS


def test_the_series_of_an_incident_in_one_list() -> None:
    series = [a_series("pod-a"), a_series("pod-b")]
    expect_view("modal-split", split_modal(TARGET, series))


@pytest.mark.parametrize("count", [2, 100, 101, 520])
def test_any_number_of_series_fits(count: int) -> None:
    series = [a_series(HOSTILE if n % 2 else "", key=f"{n:064}") for n in range(count)]
    assert problems_in_view(split_modal(HUGE, series)) == []
    assert options_problems({"options": split_options(series)}) == []


def test_series_are_found_by_their_names() -> None:
    series = [a_series("pod-a"), a_series("POD-B")]
    assert [option["text"]["text"] for option in split_options(series, query=" pod-b ")] == ["🔴 POD-B"]
