"""The answer to ``/incident stats``."""

from dataclasses import asdict, replace
from datetime import timedelta

from bot.blocks.figures import Told, figures_message
from incidents.model import Resolution
from incidents.statistics import Figures, Past, Rule, Share, Spread, figures
from sandbox.blockkit import problems_in_message
from tests.unit.bot.samples import AT_TEN, an_incident, minutes
from tests.unit.bot.snapshots import expect_message

HOSTILE = "<!channel> *x* `y` 결제 \u202e " * 60


def spread(n: int, *told: float) -> Spread:
    return Spread(n, *(timedelta(minutes=one) for one in told))


WEEK = Figures(
    opened=142,
    ended=140,
    acknowledged=spread(88, 3, 12, 5),
    recovered=spread(85, 21, 65, 30),
    closed=Spread(3),
    covered=Share(85, 140),
    quick=Share(101, 142),
    soon=Share(128, 142),
    untouched=Share(9, 85),
    false_recoveries=Share(1, 4),
    left_out={Resolution.NOISE: 5, Resolution.STALE: 3, Resolution.MERGED: 1},
    noisiest=[Rule("r1", "CheckoutErrors", 40), Rule("r2", "", 3)],
)
PAST = Past(AT_TEN, minutes(9), [], 12, an_incident(), [Rule("r1", "CheckoutErrors", 12_345)], AT_TEN)


def test_the_figures_are_as_they_were_looked_at() -> None:
    expect_message("stats", figures_message(Told(WEEK, PAST, "`/incident stats 7d`")))


def test_of_nothing_nothing_is_claimed() -> None:
    nothing = figures([], since=AT_TEN, now=minutes(9), reopen_window=timedelta(minutes=10))
    past = replace(PAST, open_now=0, oldest=None, alerts=[])
    expect_message("stats-nothing", figures_message(Told(nothing, past, "`/incident stats 7d`")))


def test_the_longest_names_fit_and_mention_nobody() -> None:
    rules = [Rule(HOSTILE, HOSTILE, 10**12)] * 5
    left_out = dict.fromkeys(Resolution, 10**12)
    told = Told(replace(WEEK, noisiest=rules, left_out=left_out), replace(PAST, alerts=rules, is_cut=True), "x" * 400)
    message = figures_message(told)
    assert problems_in_message(asdict(message)) == []
    assert "<!channel>" not in str(message)
    assert "so it begins later" in str(message.blocks[-1])
