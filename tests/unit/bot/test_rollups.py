"""The roll-up of a storm and the list behind it."""

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.blocks.rollup import WORST, rollup
from bot.blocks.storm_clicks import Shown, Turn, read_shown, read_turn, value_of
from bot.blocks.storm_list import ON_A_PAGE, storm_list
from incidents.browse import Listed
from incidents.model import Incident, Place, Resolution, Severity, Status
from incidents.storms import Storm, StormPage, StormView
from sandbox.blockkit import problems_in_message
from tests.unit.bot.samples import AT_TEN, BOB, acknowledged, an_incident, minutes, resolved
from tests.unit.bot.snapshots import expect_message, expect_view

HOSTILE = "<!channel> & *x* <https://evil|y> " * 40
STORM = Storm(7, "#incidents", 99, AT_TEN, minutes(2), minutes(2), minutes(2), rev=5)
OVER = replace(STORM, last_new_at=minutes(9), ended_at=minutes(12), settled_at=minutes(12))


def some(count: int, **changes: Any) -> list[Incident]:
    return [an_incident(id=n, number=n, severity=Severity.ERROR, **changes) for n in range(1, count + 1)]


def a_storm(**changes: Any) -> StormView:
    view = StormView(
        storm=STORM,
        rev=5,
        total=23,
        services=[("payments", 11), ("checkout", 7), ("", 2)],
        more_services=3,
        here={Status.ACTIVE: 13, Status.ACKNOWLEDGED: 2, Status.RESOLVED: 4},
        coming=1,
        worst=[*some(9), acknowledged(id=10, number=10, severity=Severity.WARNING)],
    )
    return replace(view, **changes)


RESOLVED_ALL = {Status.ACTIVE: 0, Status.ACKNOWLEDGED: 0, Status.RESOLVED: 23}
VIEWS = {
    "under-way": a_storm(),
    "one-waits": a_storm(
        total=4, here={Status.ACTIVE: 1}, coming=0, worst=some(1), services=[("a", 4)], more_services=0
    ),
    "nobody-waits": a_storm(here={Status.ACKNOWLEDGED: 19}, worst=[acknowledged(id=10, number=10)]),
    "hostile": a_storm(
        services=[(HOSTILE, 9)] * 3,
        worst=some(WORST, title=HOSTILE, place=Place(HOSTILE, HOSTILE, HOSTILE, HOSTILE)),
    ),
    "over": a_storm(storm=OVER, here={Status.RESOLVED: 19}, coming=0, worst=[]),
    "over-cards-coming": a_storm(storm=OVER, here={Status.RESOLVED: 19}, coming=4, worst=[]),
    "over-all-resolved": a_storm(storm=OVER, here=RESOLVED_ALL, coming=0, worst=[]),
    "over-one-opens-again": a_storm(storm=OVER, here={Status.RESOLVED: 18, Status.ACTIVE: 1}, coming=0, worst=some(1)),
}


def test_who_is_mentioned_hears_of_it_while_it_is_under_way() -> None:
    everybody = " ".join(f"<@U{number:010}>" for number in range(20))
    for view in (VIEWS["under-way"], VIEWS["hostile"]):
        message = rollup(view, mention=everybody)
        assert problems_in_message(asdict(message)) == []
        assert message.text.startswith(f"{everybody} Storm: ")
        assert everybody in str(message.blocks)
    assert "<@U" not in str(asdict(rollup(VIEWS["over"], mention=everybody)))


@pytest.mark.parametrize("name", VIEWS)
def test_each_roll_up_is_as_it_was_looked_at(name: str) -> None:
    expect_message(f"rollup-{name}", rollup(VIEWS[name]))


def test_no_label_can_mention_or_link() -> None:
    shown = str(asdict(rollup(VIEWS["hostile"])))
    assert "<!channel" not in shown
    assert "<https" not in shown
    assert "*x*" not in shown


def test_twenty_thousand_fit() -> None:
    view = a_storm(total=20_000, here={Status.ACTIVE: 20_000}, coming=0, more_services=900)
    message = rollup(view)
    assert problems_in_message(asdict(message)) == []
    assert "Acknowledge all 20,000" in str(message.blocks)


def test_a_storm_of_a_moment_lasts_a_second() -> None:
    view = a_storm(storm=replace(STORM, last_new_at=AT_TEN + timedelta(milliseconds=3)))
    assert "in 1 s" in rollup(view).text


def link_to(channel: str, ts: str) -> str:
    return f"https://team.slack.com/archives/{channel}/p{ts}"


def page_of(count: int, *, total: int, **changes: Any) -> StormPage:
    return StormPage(total, [Listed(one, None) for one in some(count, **changes)])


def test_a_page_of_the_list_is_as_it_was_looked_at() -> None:
    listed = [
        Listed(an_incident(id=1, number=1), ("C1", "1.0")),
        Listed(acknowledged(id=2, number=2, severity=Severity.WARNING), None),
        Listed(resolved(Resolution.RECOVERED, id=3, number=3, place=Place()), None),
    ]
    expect_view("storm-list", storm_list(Turn(7, 1, "0a1b2c3d"), StormPage(2 * ON_A_PAGE + 1, listed), link_to=link_to))


def test_a_single_page_has_no_page_to_turn() -> None:
    expect_view("storm-list-single", storm_list(Turn(7, 0, "0a1b2c3d"), page_of(2, total=2), link_to=link_to))


def test_a_page_that_is_not_there_any_more_says_so() -> None:
    expect_view("storm-list-empty", storm_list(Turn(7, 9, "0a1b2c3d"), StormPage(16, []), link_to=link_to))


def test_a_hostile_page_fits() -> None:
    place = Place(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    page = page_of(ON_A_PAGE, total=40, title=HOSTILE, place=place, acknowledged_by=BOB)
    expect_view("storm-list-hostile", storm_list(Turn(7, 0, "0a1b2c3d"), page, link_to=link_to))


@pytest.mark.parametrize("value", ["", "{}", "[]", "null", '{"storm":1}', '{"storm":"x","rev":1,"count":1,"page":1}'])
def test_a_value_that_we_do_not_know_is_none(value: str) -> None:
    assert read_shown(value) is None
    assert read_turn(value) is None


def test_a_value_says_what_was_seen() -> None:
    assert read_shown(value_of(Shown(7, 5, 13, "0a1b2c3d"))) == Shown(7, 5, 13, "0a1b2c3d")
    assert read_turn(value_of(Turn(7, 2, "0a1b2c3d"))) == Turn(7, 2, "0a1b2c3d")
    assert read_shown('{"storm":7,"rev":5,"count":13}') == Shown(7, 5, 13), "as it was before there were marks"
    assert read_turn('{"storm":7,"page":2}') == Turn(7, 2)


def test_what_a_digest_has_told_is_neither_on_its_way_nor_has_a_card() -> None:
    view = a_storm(storm=OVER, total=21, here={Status.RESOLVED: 19}, coming=0, digested=2, worst=[])
    assert view.carded == 0
    assert rollup(view).text.endswith("2 were over before Slack was back.")
