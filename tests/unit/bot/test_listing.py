from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest

from bot.blocks.detail import detail
from bot.blocks.help import help_text
from bot.blocks.list_clicks import Leaf, leaf_value, read_leaf
from bot.blocks.listing import Asked, listing
from bot.commands.command import Command, Verb
from bot.commands.parse import parse
from incidents.browse import PAST, Filter, Listed, Matching, Page, PageTurn, Position
from incidents.model import EventKind, Incident, Place, Resolution, Severity
from sandbox.blockkit import problems_in_message
from tests.unit.bot.samples import AT_TEN, WINDOW, a_view, acknowledged, an_event, an_incident, resolved
from tests.unit.bot.snapshots import expect_message

WARNING = Severity.WARNING
HOSTILE = "<!channel> & *x* " * 300
EVENTS = [
    an_event(EventKind.OPENED, actor="system"),
    an_event(EventKind.ACKNOWLEDGED),
    an_event(EventKind.NOTED, text="looking at <it>"),
]


PLACE = Place(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
AT = Position(AT_TEN, 12, 4)
RESOLVED = Filter(statuses=PAST, within=timedelta(days=7))


def link_to(channel: str, ts: str) -> str:
    return f"https://team.slack.com/archives/{channel}/p{ts}"


def page(*incidents: Incident, total: int | None = None, **changes: Any) -> Page:
    return Page([Listed(one, None) for one in incidents], len(incidents) if total is None else total, **changes)


def many(count: int) -> list[Incident]:
    return [an_incident(id=n, number=n, title=HOSTILE, place=PLACE) for n in range(1, count + 1)]


def test_the_list_is_as_it_was_looked_at() -> None:
    open_ones = [Listed(an_incident(), ("C1", "1")), Listed(acknowledged(id=13, number=143, severity=WARNING), None)]
    expect_message("list", listing(Page(open_ones, 2), Asked(Filter(), "`/incident list`"), link_to=link_to))


def test_a_page_in_the_middle_of_the_past_is_as_it_was_looked_at() -> None:
    asked = Asked(RESOLVED, "`/incident list resolved 7d`", first=21)
    ended = [resolved(one, id=n, number=n) for n, one in enumerate((Resolution.RECOVERED, Resolution.MANUAL), 1)]
    expect_message("list-past", listing(page(*ended, total=137, on=AT, back=AT), asked, link_to=link_to))


def test_nothing_open_is_a_calm_sentence() -> None:
    expect_message("list-empty", listing(page(), Asked(Filter(), "`/incident list`"), link_to=link_to))


def test_nothing_found_says_what_was_looked_for_and_what_to_try() -> None:
    wanted = Filter(matching=Matching(words=("pay",)))
    told = listing(page(), Asked(wanted, "`/incident list pay`", hint="Try this."), link_to=link_to)
    assert told.text == "There is nothing for `/incident list pay`. Try this."


@pytest.mark.parametrize("wanted", [Filter(), RESOLVED])
def test_a_full_page_of_the_longest_fits_and_leads_on(wanted: Filter) -> None:
    asked = Asked(wanted, "`/incident list " + "x" * 400 + "`", first=21)
    message = listing(page(*many(20), total=51, on=AT, back=AT, is_more=True), asked, link_to=link_to)
    assert problems_in_message(asdict(message)) == []
    assert len(message.text) <= 4000
    assert "21–40 of 51" in str(message.blocks)
    assert "*x*" not in str(message.blocks)
    assert [one["action_id"] for one in message.blocks[-1]["elements"]] == ["list_page_back", "list_page"]


def test_a_page_on_which_nothing_was_found_leads_on_to_the_next() -> None:
    message = listing(page(total=0, is_more=True, on=AT), Asked(RESOLVED, "`/incident list resolved`"), link_to=link_to)
    assert "None among those that this page looks through." in str(message.blocks)
    assert message.blocks[-1]["elements"][0]["action_id"] == "list_page"


def test_the_buttons_say_where_they_lead() -> None:
    def labels(wanted: Filter) -> list[str]:
        message = listing(page(an_incident(), on=AT, back=AT), Asked(wanted, "x"), link_to=link_to)
        return [one["text"]["text"] for one in message.blocks[-1]["elements"]]

    assert labels(RESOLVED) == ["◀ Newer", "Older ▶"]
    assert labels(Filter()) == ["◀ Back", "More ▶"]


WANTED = [
    Filter(),
    Filter(PAST, Matching(frozenset(Severity), ("결제" * 30,) * 5), "U0BOB", within=timedelta(days=366), noise=True),
    Filter(unassigned=True, snoozed=True, within=timedelta(minutes=5)),
]


@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize("back", [False, True])
def test_a_button_brings_back_what_it_carries_and_fits(wanted: Filter, back: bool) -> None:
    leaf = Leaf(wanted, PageTurn(AT, back=back), 21)
    assert read_leaf(leaf_value(leaf)) == leaf
    assert len(leaf_value(leaf)) <= 2000


@pytest.mark.parametrize("value", ["", "7", "{}", "[1]", '{"at": ["x", 1, 2]}', '{"at": ["2026-01-01T00:00", 1, 2]}'])
def test_a_button_of_another_version_is_no_page(value: str) -> None:
    assert read_leaf(value) is None


def test_an_incident_is_shown_without_buttons_and_with_its_timeline() -> None:
    expect_message(
        "show", detail(a_view(acknowledged()), EVENTS, reopen_window=WINDOW, link_to_card="<https://x.y|card>")
    )


def test_a_resolved_incident_is_shown_with_its_links() -> None:
    message = detail(a_view(resolved(Resolution.RECOVERED)), EVENTS, reopen_window=WINDOW)
    assert "Dashboard" in str(message.blocks)


def test_a_long_timeline_fits() -> None:
    events = [an_event(EventKind.NOTED, actor=f"key:{'<' * 100}", text="<" * 2500)] * 40
    assert problems_in_message(asdict(detail(a_view(), events, reopen_window=WINDOW))) == []


def test_the_help_is_as_it_was_looked_at_and_every_example_works() -> None:
    expect_message("help", help_text())


def test_every_verb_is_in_the_help() -> None:
    assert all(f"/incident {verb}" in str(help_text().blocks) for verb in Verb)
    assert isinstance(parse("resolve 12 rolled back"), Command)
