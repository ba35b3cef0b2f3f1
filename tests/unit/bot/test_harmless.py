"""Whatever labels, titles and notes hold: no card and no form can mention, link or date by them."""

import json
import re
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.card import card
from bot.blocks.details import alerts_modal, series_modal
from bot.blocks.details_clicks import Sheet
from bot.blocks.why import why_modal
from incidents.inspection import Page
from incidents.model import EventKind, IncidentView, Links, Place, Resolution
from incidents.policy import Policy
from sandbox.blockkit import problems_in_view
from tests.unit.bot.samples import WINDOW, a_series, a_view, acknowledged, an_event, an_incident, minutes, resolved
from tests.unit.bot.traces import a_card, a_trace, an_alert, an_arrival

MARKUP = st.sampled_from(
    ["<!channel>", "<@U0EVIL>", "<https://evil|x>", "<!date^1^{time}|x>", "<!subteam^S1>", "<#C0EVIL>"]
)
TEXTS = st.lists(MARKUP | st.text(max_size=20), max_size=4).map("".join)
OURS = re.compile(r"<(!date\^\d+\^[^<>|]*\|[^<>|]*|@U0(ALICE|BOB)|#C0INCIDENTS|https?://[^<>|\s]+\|[A-Z][a-z]+)>")


def is_harmless(shown: Any) -> bool:
    """Every ``<`` and ``>`` is of markup that we wrote."""
    return not set("<>") & set(OURS.sub("", json.dumps(shown, ensure_ascii=False)))


def views(foreign: str) -> list[IncidentView]:
    place = Place(foreign, foreign, foreign, foreign)
    series = (a_series(foreign, links=Links(dashboard=foreign, runbook=f"https://{foreign}")), a_series(foreign))
    note = replace(an_event(EventKind.NOTED, actor=f"key:{foreign}", text=foreign), at=minutes(30))
    incidents = [
        an_incident(title=foreign, place=place, alert_name=foreign, source=foreign),
        acknowledged(title=foreign, place=place, acknowledged_by=f"key:{foreign}", snoozed_until=minutes(9)),
        resolved(Resolution.NOISE, noise_reason=foreign, title=foreign, resolved_by=f"cli:{foreign}"),
        resolved(Resolution.MERGED, title=foreign, place=place),
    ]
    return [a_view(one, series=series, last_note=note) for one in incidents]


@given(TEXTS)
def test_no_value_can_write_markup_on_a_card(foreign: str) -> None:
    assert all(is_harmless(card(view, reopen_window=WINDOW).blocks) for view in views(foreign))
    assert all(is_harmless(card(view, reopen_window=WINDOW).text) for view in views(foreign))


@given(TEXTS)
def test_no_value_can_write_markup_on_a_form(foreign: str) -> None:
    labels = {foreign: foreign, "service": foreign}
    arrival = an_arrival(an_alert(name=foreign, reason=foreign[:32]), labels=labels, source=foreign)
    trace = a_trace(
        incident=acknowledged(rule_uid=foreign, alert_name=foreign, place=Place(service=foreign), alert_count=1),
        oldest=arrival,
        newest=arrival,
        cards=(a_card(channel=foreign, channel_id=foreign, ts=foreign, last_error=foreign, due_at=minutes(1)),),
    )
    for view in (
        why_modal(trace, Policy()),
        series_modal(Sheet(1, 1), Page(an_incident(), (a_series(foreign),), None, None, 1)),
        alerts_modal(Sheet(1, 1), Page(an_incident(), (an_alert(name=foreign),), None, None, 1)),
    ):
        assert is_harmless(view)
        assert problems_in_view(view) == []
