"""The form in which an incident is declared, and how a declared one looks."""

from dataclasses import asdict

import pytest

from bot.blocks.card import card
from bot.blocks.declare_modal import Origin, declare_modal, read_origin
from bot.blocks.thread import thread_entry
from incidents.model import DECLARED, EventKind, Place, Resolution
from sandbox.blockkit import problems_in_message, problems_in_view
from tests.unit.bot.samples import WINDOW, a_view, an_event, an_incident, resolved
from tests.unit.bot.snapshots import expect_message, expect_view

LINK = "https://team.slack.com/archives/C1/p1"
HOSTILE = "<!channel> \u202e결제 🔥 & *x* " * 100
ABOUT = {
    "source": DECLARED,
    "rule_uid": "",
    "alert_name": "",
    "place": Place(service="checkout"),
    "title": "It is slow",
}


def test_the_form_is_as_it_was_looked_at() -> None:
    expect_view("declare", declare_modal("Checkout is slow", origin=Origin(LINK, "https://hooks.slack.com/x")))


@pytest.mark.parametrize("title", ["", HOSTILE, "x" * 40_000, "\n\n", "שלום " * 99])
def test_whatever_was_written_before_it_fits(title: str) -> None:
    long = "https://x.example/" + "y" * 5000
    assert problems_in_view(declare_modal(title, origin=Origin(long, long))) == []


@pytest.mark.parametrize("origin", [Origin(), Origin(LINK), Origin(None, LINK), Origin(LINK, LINK)])
def test_the_form_remembers_where_it_was_opened(origin: Origin) -> None:
    assert read_origin(declare_modal("", origin=origin)["private_metadata"]) == origin


@pytest.mark.parametrize("metadata", ["", "7", "[]", "{"])
def test_a_form_of_another_version_was_opened_nowhere(metadata: str) -> None:
    assert read_origin(metadata) == Origin()


def test_its_card_has_no_series_and_says_that_a_person_declared_it() -> None:
    view = a_view(an_incident(**ABOUT), series=(), firing=0, resolved=0)
    expect_message("card-declared", card(view, reopen_window=WINDOW))


def test_its_end_promises_no_reopening() -> None:
    view = a_view(resolved(Resolution.MANUAL, **ABOUT), series=(), firing=0, resolved=0)
    assert "reopens" not in str(card(view, reopen_window=WINDOW).blocks)


def test_its_first_entry_links_to_the_message() -> None:
    entry = thread_entry(an_event(EventKind.DECLARED, link=LINK), an_incident())
    assert entry.text == f"INC-142: <@U0ALICE> declared it, from <{LINK}|a message>."
    assert thread_entry(an_event(EventKind.DECLARED), an_incident()).text == "INC-142: <@U0ALICE> declared it."


@pytest.mark.parametrize("link", ["javascript:alert(1)", "<!here>", "https://x.example/>|<!channel>"])
def test_no_link_dresses_anything_up(link: str) -> None:
    entry = thread_entry(an_event(EventKind.DECLARED, link=link), an_incident())
    assert problems_in_message(asdict(entry)) == []
    assert "<!" not in str(entry)
