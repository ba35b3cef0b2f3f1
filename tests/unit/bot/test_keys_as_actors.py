"""An API key that acts is named wherever an actor is shown: never a mention of somebody whom there is not."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from bot.blocks.card import card
from bot.blocks.detail import detail
from bot.blocks.home import home
from bot.blocks.listing import Asked, listing
from bot.blocks.reminder import reminder
from bot.blocks.thread import thread_entry
from incidents.browse import Filter, Listed, Page
from incidents.homes import HomeLine, Lines
from incidents.model import EventKind, Incident, Resolution
from sandbox.blockkit import problems_in_message, problems_in_view
from tests.unit.bot.samples import (
    ALICE,
    LONG_OWNED,
    WINDOW,
    a_view,
    acknowledged,
    an_event,
    an_incident,
    minutes,
    resolved,
)
from tests.unit.bot.test_home import QUIET
from tests.unit.bot.test_listing import link_to

KEY = "key:ci <!here>"
SHOWN = "API key ci &lt;!here&gt;"
OURS = acknowledged(acknowledged_by=KEY)
INCIDENTS = {
    "acknowledged": OURS,
    "snoozed": an_incident(snoozed_until=minutes(60), snoozed_by=KEY),
    "closed": resolved(Resolution.MANUAL, resolved_by=KEY),
    "noise": resolved(Resolution.NOISE, resolved_by=KEY, is_noise=True),
}


@pytest.mark.parametrize("name", INCIDENTS)
def test_on_the_card_and_in_the_details(name: str) -> None:
    view = replace(a_view(INCIDENTS[name]), last_note=an_event(EventKind.NOTED, actor=KEY, text="deployed"))
    for message in (card(view, reopen_window=WINDOW), detail(view, [], reopen_window=WINDOW)):
        told = asdict(message)
        assert problems_in_message(told) == []
        assert SHOWN in str(told["blocks"])
        assert "<@key" not in str(told)
        assert "<!here>" not in str(told)


def _listed(incident: Incident) -> Any:
    return listing(Page([Listed(incident, None)], 1), Asked(Filter(), "`/incident list`"), link_to=link_to)


def test_in_lists_threads_and_the_home() -> None:
    told = [
        asdict(_listed(OURS)),
        asdict(thread_entry(an_event(EventKind.ACKNOWLEDGED, actor=KEY), OURS)),
        asdict(thread_entry(an_event(EventKind.ASSIGNED, to=ALICE, was=None, actor=KEY), OURS)),
    ]
    assert [problems_in_message(one) for one in told] == [[], [], []]
    view = home(replace(QUIET, team=Lines(1, (HomeLine(OURS, None),))), link_to=link_to)
    assert problems_in_view(view) == []
    for one in (*told, view):
        assert SHOWN in str(one)
        assert "<!here>" not in str(one)


def test_a_key_is_reminded_of_nothing() -> None:
    asked = reminder(
        an_event(EventKind.OWNER_ASKED, actor="system", **LONG_OWNED | {"owner": KEY, "mention": None}), OURS
    )
    assert "@" not in asked.text
