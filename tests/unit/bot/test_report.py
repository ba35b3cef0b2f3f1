"""A digest's message, its picture, and what the picture says to who can't see it."""

import importlib.util
import struct
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from bot.blocks.chart_text import LONGEST_ALT, chart_in_words, chart_title
from bot.blocks.report import report
from bot.chart import drawer
from incidents.browse import Page
from incidents.digests.model import Edition
from incidents.digests.report import Report, Trend
from incidents.statistics import Rule, Spread
from sandbox.blockkit import problems_in_message
from tests.unit.bot.editions import DAY, SEOUL, UNTIL, WEEK, a_report, a_trend, episodes
from tests.unit.bot.snapshots import expect_message

HOSTILE = "<!channel> *x* `y` 결제 \u202e " * 60
YEAR = Edition(9, "#payments", UNTIL - timedelta(days=365), UNTIL, SEOUL)


def link_to(channel: str, ts: str) -> str:
    return f"https://beacon-hill.slack.com/archives/{channel}/p{ts.replace('.', '')}"


def at_its_longest() -> Report:
    """Every text as long as it comes, and every number as large."""
    told = a_report(still_open=10**9)
    rules = [Rule(HOSTILE, HOSTILE, 10**12)] * 5
    hostile = [
        replace(one, incident=replace(one.incident, title=HOSTILE, alert_name=HOSTILE))
        for one in told.still_open.listed
    ]
    long = Spread(10**12, *[timedelta(days=9999, hours=23)] * 3)
    return replace(
        told,
        edition=replace(told.edition, services=(HOSTILE,) * 50),
        figures=replace(told.figures, noisiest=rules, acknowledged=long, recovered=long, opened=10**12),
        before=None,
        still_open=Page(hostile, 10**12),
    )


SHOWN = {
    "digest-weekly": a_report(),
    "digest-daily": a_report(DAY),
    "digest-nothing": a_report(WEEK, [], still_open=0),
    "digest-few": replace(a_report(WEEK, episodes(every=timedelta(hours=40))), before=None),
    "digest-more-open": replace(a_report(still_open=12), edition=replace(WEEK, services=("payments", "checkout"))),
}


@pytest.mark.parametrize("name", SHOWN)
def test_the_digest_is_as_it_was_looked_at(name: str) -> None:
    expect_message(name, report(SHOWN[name], link_to=link_to))


def test_the_longest_texts_fit_and_mention_nobody() -> None:
    message = report(at_its_longest(), link_to=link_to)
    assert problems_in_message(asdict(message)) == []
    assert "<!channel>" not in str(message)
    assert len(message.text) <= 4000
    assert all(len(block["text"]["text"]) <= 3000 for block in message.blocks if "text" in block)


@pytest.mark.parametrize(
    ("hours", "title"), [(23, "Daily"), (24, "Daily"), (25, "Daily"), (167, "Weekly"), (169, "Weekly"), (72, "")]
)
def test_a_day_of_23_hours_is_a_day(hours: int, title: str) -> None:
    edition = replace(WEEK, since=UNTIL - timedelta(hours=hours))
    message = report(replace(a_report(), edition=edition), link_to=link_to)
    assert message.blocks[0]["text"]["text"] == (f"📊 {title} digest" if title else "📊 Digest of 3 d")


def test_what_the_picture_shows_is_said_in_words() -> None:
    few = chart_in_words(a_trend(WEEK, episodes(every=timedelta(hours=40))))
    assert "MTTR: too few to tell (n = 3); before: too few to tell (n = 3). 12-26: 0." in few
    week = a_trend()
    told = chart_in_words(week)
    assert "MTTR: median 33 min (n = 56); before: median 26 min (n = 28)." in told
    assert "12-26: 8, 2 CRITICAL, 1 ERROR, 2 WARNING, 1 INFO, 2 SEVERITY UNKNOWN, MTTR" in told
    assert chart_in_words(a_trend(WEEK, [])).endswith("01-01: 0.")
    assert "None opened." in chart_in_words(a_trend(DAY, []))


@pytest.mark.parametrize("edition", [DAY, WEEK, YEAR], ids=["hours", "days", "weeks"])
def test_its_words_are_no_longer_than_slack_takes(edition: Edition) -> None:
    trend = a_trend(edition, episodes(edition, every=edition.span / 200))
    assert len(chart_in_words(trend)) <= LONGEST_ALT
    assert chart_title(trend) in chart_in_words(trend)
    assert len(trend.steps) <= 62


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_there_is_a_drawer_where_matplotlib_is() -> None:
    assert (drawer() is not None) is (importlib.util.find_spec("matplotlib") is not None)


def test_without_matplotlib_there_is_no_drawer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.chart.find_spec", lambda name: None)
    assert drawer() is None


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="the extra bongsu[charts] is not installed")
@pytest.mark.parametrize(
    "trend",
    [
        pytest.param(a_trend(), id="a week"),
        pytest.param(a_trend(WEEK, []), id="nothing"),
        pytest.param(a_trend(DAY), id="a day"),
        pytest.param(a_trend(YEAR, episodes(YEAR, every=timedelta(days=2))), id="a year"),
    ],
)
def test_the_picture_is_one_for_a_phone(trend: Trend) -> None:
    draw = drawer()
    assert draw is not None
    width, height = size(draw(trend))
    assert 1000 <= width <= 1400
    assert 0.7 < height / width < 1.0
