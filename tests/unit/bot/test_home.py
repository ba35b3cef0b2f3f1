"""A person's Home, rendered: at rest, busy, at its extremes, and for those who may only look."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.blocks.home import SIZES, home, home_unavailable, told_modal
from bot.blocks.home_clicks import page_value, read_page
from bot.language import speaking
from bot.message import Block
from incidents.homes import HomeLine, HomeView, Lines, Numbers, Sample
from incidents.model import AlertKind, Incident, Place, Severity
from sandbox.blockkit import problems_in_view
from tests.unit.bot.samples import ALICE, BOB, acknowledged, an_incident, minutes
from tests.unit.bot.snapshots import expect_view

HOSTILE = "<!channel> <@U0ALICE> & *b* ~d~ `c` _i_ <http://evil.example|click> \u202eevil\u202c 한국어 👩‍🚒 ﷽" * 12
NOTHING = Numbers(0, 0, 0, Sample(0, None), Sample(0, None))
A_DAY = Numbers(12, 9, 2, Sample(8, timedelta(minutes=3)), Sample(6, timedelta(minutes=21)))
QUIET = HomeView(ALICE, Lines(), Lines(), Lines(), 0, NOTHING)


def link_to(channel: str, ts: str) -> str | None:
    return f"https://team.slack.com/archives/{channel}/p{ts.replace('.', '')}"


def a_line(number: int, incident: Incident | None = None, **changes: Any) -> HomeLine:
    told = replace(incident or an_incident(), id=number, number=number)
    return replace(HomeLine(told, ("C0INCIDENTS", "1700000000.000100")), **changes)


def shelf(*lines: HomeLine, total: int | None = None) -> Lines:
    return Lines(len(lines) if total is None else total, lines)


def shown(view: HomeView, **given: Any) -> Block:
    return home(view, **{"link_to": link_to, **given})


def as_json(view: Block) -> str:
    return json.dumps(view, ensure_ascii=False)


def labels(view: Block) -> list[str]:
    return [e["text"]["text"] for block in view["blocks"] if block["type"] == "actions" for e in block["elements"]]


MINE = a_line(7, acknowledged(firing=2))
GIVEN = a_line(8, an_incident(assignee=ALICE, severity=Severity.WARNING, firing=1))
WORSE = a_line(9, acknowledged(firing=3, confirm_by=minutes(15)))
NOBODYS = a_line(1, an_incident(firing=3))
BOBS = a_line(2, acknowledged(acknowledged_by=BOB, flapping=True))
BLIND = a_line(3, an_incident(kind=AlertKind.NO_DATA, place=Place("prod-a", "pay")), card=None)
SNOOZED = a_line(4, an_incident(severity=Severity.WARNING, snoozed_until=minutes(60)), snoozed_by=BOB)
STATES = {
    "quiet": QUIET,
    "quiet-after-a-day": replace(QUIET, numbers=A_DAY),
    "busy": replace(
        QUIET,
        mine=shelf(WORSE, MINE, GIVEN),
        team=shelf(NOBODYS, BOBS, BLIND),
        snoozed=shelf(SNOOZED),
        unacknowledged=3,
        numbers=A_DAY,
    ),
    "nobody-waits": replace(QUIET, team=shelf(BOBS), numbers=replace(A_DAY, opened=1, resolved=0, noise=0)),
    "second-page": replace(
        QUIET, team=shelf(NOBODYS, BLIND, total=40), unacknowledged=1, numbers=A_DAY, page=1, pages=3
    ),
}


@pytest.mark.parametrize("name", STATES)
def test_the_home_of_each_state_is_as_it_was_looked_at(name: str) -> None:
    expect_view(f"home-{name}", shown(STATES[name]))


def test_who_may_only_look_sees_the_same_without_what_changes_something() -> None:
    acting, looking = shown(STATES["busy"]), shown(STATES["busy"], may_act=False)
    assert looking["blocks"] == [block for block in acting["blocks"] if block["type"] != "actions"]
    turning = shown(STATES["second-page"], may_act=False)
    assert labels(turning) == ["Show more", "Back"]


def test_the_buttons_are_those_that_are_valid_now() -> None:
    def of(view: HomeView) -> list[str]:
        return labels(shown(view))

    assert of(replace(QUIET, mine=shelf(MINE))) == ["Resolve"]
    assert of(replace(QUIET, mine=shelf(GIVEN))) == ["Acknowledge", "Resolve"]
    assert of(replace(QUIET, mine=shelf(WORSE))) == ["Still on it", "Resolve"]
    assert of(replace(QUIET, team=shelf(NOBODYS))) == ["Acknowledge", "Resolve"]
    assert of(replace(QUIET, team=shelf(BOBS))) == ["Resolve"]
    assert of(replace(QUIET, snoozed=shelf(SNOOZED))) == ["Wake now", "Resolve"]


def test_resolving_asks_back_only_while_series_fire() -> None:
    def asks(incident: Incident) -> bool:
        return "confirm" in shown(replace(QUIET, team=shelf(a_line(1, incident))))["blocks"][-1 - 3]["elements"][-1]

    assert asks(an_incident(firing=1))
    assert not asks(an_incident(firing=0))


def a_thousand(incident: Incident, *, page: int, by: str = ALICE) -> HomeView:
    """Each shelf full, with as many behind it."""
    of = {
        name: Lines(1003, [a_line(first + n, incident, snoozed_by=by) for n in range(size)])
        for name, size, first in (
            ("mine", SIZES.mine, 1_000_000),
            ("team", SIZES.team, 2_000_000),
            ("snoozed", SIZES.snoozed, 3_000_000),
        )
    }
    most = Numbers(10_000, 10_000, 10_000, Sample(1000, timedelta(days=3000)), Sample(1000, timedelta(days=3000)))
    return HomeView(ALICE, **of, unacknowledged=3009, numbers=most, page=page, pages=201)


HOSTILE_INCIDENT = an_incident(
    title=HOSTILE,
    alert_name=HOSTILE,
    place=Place(HOSTILE, HOSTILE, HOSTILE, HOSTILE),
    assignee=f"key:{HOSTILE}"[:128],
    severity=Severity.UNKNOWN,
    firing=1_000_000,
    flapping=True,
    blind_since=minutes(1),
    confirm_by=minutes(2),
    snoozed_until=minutes(3),
)


@pytest.mark.parametrize("incident", [HOSTILE_INCIDENT, an_incident(title="결제 서비스 지연 " * 60, firing=9)])
@pytest.mark.parametrize("page", [0, 7, 200])
def test_slack_takes_it_at_its_extremes(incident: Incident, page: int) -> None:
    view = shown(a_thousand(incident, page=page, by=f"key:{HOSTILE}"), notice=HOSTILE * 5)
    assert problems_in_view(view) == []
    assert len(view["blocks"]) <= 90


def test_no_label_can_mention_format_or_dress_up_a_link() -> None:
    told = as_json(shown(a_thousand(HOSTILE_INCIDENT, page=0)))
    for forbidden in ("<!channel", "<@U0ALICE> &amp;", "<http://evil", "*b*", "~d~", "`c`", "\u202e"):
        assert forbidden not in told


def test_the_first_page_has_no_way_back_and_the_last_no_way_on() -> None:
    assert labels(shown(a_thousand(an_incident(), page=0), may_act=False)) == ["Show more"]
    assert labels(shown(a_thousand(an_incident(), page=200), may_act=False)) == ["Back"]


def test_a_page_button_says_which_and_copes_with_what_it_does_not_know() -> None:
    assert read_page(page_value(3)) == 3
    assert read_page('{"page":-4}') == 0
    assert [read_page(value) for value in ("", "[]", "{}", '{"page":"x"}', "null")] == [None] * 5


def test_what_could_not_be_told_otherwise_stands_above_all_else() -> None:
    first = shown(STATES["busy"], notice="Already acknowledged by <@U0BOB>.")["blocks"][0]
    assert first["text"]["text"] == "⚠ Already acknowledged by <@U0BOB>."


def test_every_other_view_is_one_that_slack_takes() -> None:
    assert problems_in_view(home_unavailable("Bongsu can't reach its database.")) == []
    assert problems_in_view(told_modal("x" * 5000)) == []
    with speaking("ko"):
        assert problems_in_view(shown(STATES["busy"])) == []
