"""What is counted of a rule, occurrence by occurrence."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from incidents.daily.quality import QUALITY, quality
from incidents.daily.tally import Tallies
from incidents.model import Resolution
from incidents.statistics import Occurrence, PastEpisode, Span
from tests.building import T0, minutes

WINDOW = timedelta(minutes=10)
DAY = Span(T0, T0 + timedelta(days=1))


def past(
    opened: float = 0,
    ended: float | None = 5,
    resolution: Resolution | None = Resolution.RECOVERED,
    *,
    responded: float | None = None,
    number: int = 1,
    inherited: bool = False,
) -> PastEpisode:
    """Minutes after T0."""

    def time(after: float | None) -> datetime | None:
        return None if after is None else minutes(after)

    return PastEpisode(
        1, number, minutes(opened), minutes(opened), "opened", inherited, time(responded), time(ended), resolution,
        recovered_at=None, rule_uid="r1", rule_name="Rule",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("episodes", "counted"),
    [
        ([past()], {"ended": 1, "recoveries_told": 1}),
        ([past(responded=2)], {"acted_on": 1, "ended": 1, "recoveries_told": 1}),
        ([past(responded=6)], {"ended": 1, "recoveries_told": 1}),
        ([past(inherited=True)], {"acted_on": 1, "ended": 1, "recoveries_told": 1}),
        ([past(resolution=Resolution.MANUAL)], {"acted_on": 1, "ended": 1}),
        ([past(resolution=Resolution.NOISE)], {"acted_on": 1, "ended": 1}),
        ([past(resolution=Resolution.MERGED)], {"acted_on": 1}),
        ([past(resolution=Resolution.STALE)], {"ended": 1, "stale": 1}),
        ([past(resolution=Resolution.NO_DATA)], {"ended": 1}),
        ([past(ended=None, resolution=None)], {}),
        ([past(), past(10, 15, number=2)], {"ended": 1, "recoveries_told": 2, "false_recoveries": 1}),
        ([past(-60, 5)], {"ended": 1, "recoveries_told": 1}),
        ([past(1439, 1500, responded=1490)], {"acted_on": 1}),
        ([past(-60, -30, Resolution.STALE)], {}),
    ],
)
def test_what_is_counted_of_an_occurrence(episodes: Sequence[PastEpisode], counted: dict[str, int]) -> None:
    found = quality(Occurrence(episodes), DAY, window=WINDOW)
    assert found == counted
    assert set(found) <= set(QUALITY)


def test_an_end_counts_for_its_rule_though_nothing_opened_that_day() -> None:
    tallies = Tallies(DAY.since, DAY.until, window=WINDOW)
    tallies.add([past(-60, 5, Resolution.STALE)], now=minutes(10))
    [count] = tallies.rules.values()
    assert (count.name, count.occurrences, count.quality) == ("Rule", 0, {"ended": 1, "stale": 1})


def test_events_are_counted_beside_it() -> None:
    tallies = Tallies(DAY.since, DAY.until, window=WINDOW)
    tallies.add([past()], now=minutes(10))
    [rule] = tallies.rules
    tallies.add_event("r1", "Rule", rule.cell, "flapping", 2)
    tallies.add_event("", "", rule.cell, "flapping", 2)
    assert [(one.occurrences, one.quality["flapping"]) for one in tallies.rules.values()] == [(1, 2)]
