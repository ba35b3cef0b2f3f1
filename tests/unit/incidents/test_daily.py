"""What is counted by day agrees with the figures of the same episodes, and can be added up, stored and read again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.queries.daily_figures import LEVELS, level_of
from incidents.daily.asking import whole_days
from incidents.daily.keeping import Where
from incidents.daily.packed import Sums, packed
from incidents.daily.tally import LEFT_OUT, OTHER, Cell, Tallies, Tally, folded, together
from incidents.daily.times import ERROR, SHORTEST, Times
from incidents.model import AlertKind, Resolution, Severity
from incidents.statistics import Figures, PastEpisode, Share, Spread, figures
from tests.building import T0, minutes
from tests.unit.incidents.test_statistics import an_episode, incident_lives, recovered

WINDOW = timedelta(minutes=10)
LASTED = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=900))


def times_of(samples: Sequence[timedelta]) -> Times:
    times = Times()
    for one in samples:
        times.add(one)
    return times


def is_near(told: timedelta | None, exact: timedelta | None) -> bool:
    """Within the error that is promised."""
    if told is None or exact is None:
        return told is exact
    allowed = max(SHORTEST / 2, ERROR * exact.total_seconds()) + 0.001
    return abs((told - exact).total_seconds()) <= allowed


def agree(told: Spread, exact: Spread) -> bool:
    mean = told.mean == exact.mean if exact.mean is None or told.mean is None else None
    same = mean if mean is not None else abs(told.mean - exact.mean) < timedelta(milliseconds=1)  # type: ignore[operator]
    return told.n == exact.n and same and is_near(told.median, exact.median) and is_near(told.p90, exact.p90)


@given(st.lists(LASTED, max_size=60))
def test_percentiles_are_within_the_promised_error_and_the_rest_is_exact(samples: list[timedelta]) -> None:
    assert agree(times_of(samples).spread(), Spread.of(samples))


@given(st.lists(st.timedeltas(min_value=timedelta(0), max_value=timedelta(seconds=20)), min_size=5, max_size=30))
def test_short_times_are_half_a_second_exact(samples: list[timedelta]) -> None:
    assert agree(times_of(samples).spread(), Spread.of(samples))


@given(st.lists(LASTED, max_size=30), st.lists(LASTED, max_size=30))
def test_times_that_are_stored_and_added_up_are_those_of_all(some: list[timedelta], others: list[timedelta]) -> None:
    one, other = (Tally(mttr=times_of(samples)) for samples in (some, others))
    one.counts["opened"], other.counts["opened"] = 2**40, 3
    other.mtta = times_of(others)
    sums = Sums()
    for tally in (one, other, Tally()):
        sums.add(packed(tally))
    told = sums.tally()
    assert agree(told.mttr.spread(), Spread.of([*some, *others]))
    assert agree(told.mtta.spread(), Spread.of(others))
    assert (told.counts["opened"], told.counts["ended"], told.close.spread()) == (2**40 + 3, 0, Spread(0))


def test_much_needs_little_room() -> None:
    assert len(packed(Tally())) < 310
    assert len(packed(Tally(mtta=times_of([timedelta(seconds=n) for n in range(1, 100_000, 7)])))) < 2100


def shares(tally: Tally) -> dict[str, Share]:
    counts = tally.counts
    return {
        "covered": Share(tally.mttr.n, counts["ended"]),
        "quick": Share(counts["acknowledged_in_5min"], counts["known_in_5min"]),
        "soon": Share(counts["acknowledged_in_15min"], counts["known_in_15min"]),
        "untouched": Share(counts["recovered_untouched"], counts["recovered"]),
        "false_recoveries": Share(counts["false_recoveries"], counts["recoveries_told"]),
    }


def assert_they_agree(tally: Tally, told: Figures) -> None:
    assert (tally.counts["opened"], tally.counts["ended"]) == (told.opened, told.ended)
    assert shares(tally) == {name: getattr(told, name) for name in shares(tally)}
    known = {one: n for one, n in told.left_out.items() if one is not Resolution.TEST}
    assert {one: n for one in LEFT_OUT if (n := tally.counts[one.value])} == known
    assert agree(tally.mtta.spread(), told.acknowledged)
    assert agree(tally.mttr.spread(), told.recovered)
    assert agree(tally.close.spread(), told.closed)


@given(
    st.lists(incident_lives(), max_size=8),
    st.lists(st.integers(-10, 250), min_size=2, max_size=5, unique=True),
    st.integers(0, 300),
)
def test_what_is_counted_in_parts_is_what_the_figures_of_the_whole_say(
    lives: list[list[PastEpisode]], cuts: list[int], now: int
) -> None:
    places = [{"service": f"s{n % 3}", "cluster": f"c{n % 2}", "severity": [*Severity][n % 5]} for n in range(8)]
    episodes = [replace(one, incident_id=n, **places[n]) for n, life in enumerate(lives) for one in life]  # type: ignore[arg-type]
    cuts.sort()
    whole = Tally()
    rules, quality = dict[str, int](), Counter[str]()
    for since, until in pairwise(cuts):
        tallies = Tallies(minutes(since), minutes(until), window=WINDOW)
        tallies.add(episodes, now=minutes(now))
        tallies.add(episodes, now=minutes(now))
        by_service = together(tallies.cells, ["service"])
        assert {cell.cluster for cell in by_service} <= {None}
        for tally in by_service.values():
            whole.plus(tally)
        for rule, count in tallies.rules.items():
            rules[rule.uid] = rules.get(rule.uid, 0) + count.occurrences
            quality.update(count.quality)
    told = figures(episodes, since=minutes(cuts[0]), until=minutes(cuts[-1]), now=minutes(now), reopen_window=WINDOW)
    assert_they_agree(whole, told)
    assert {uid: count for uid, count in rules.items() if count} == {one.uid: one.count for one in told.noisiest}
    assert (quality["ended"], quality["stale"]) == (told.ended, told.left_out.get(Resolution.STALE, 0))
    assert Share(quality["false_recoveries"], quality["recoveries_told"]) == told.false_recoveries


def test_tests_of_the_contact_point_are_counted_nowhere() -> None:
    tallies = Tallies(T0, None, window=WINDOW)
    tallies.add([recovered(kind=AlertKind.TEST)], now=minutes(60))
    assert (tallies.cells, tallies.rules) == ({}, {})


def test_names_that_differ_by_a_last_space_are_one() -> None:
    tallies = Tallies(T0, None, window=WINDOW)
    tallies.add([an_episode(n, service=name) for n, name in enumerate(("pay", "pay "))], now=minutes(60))
    [tally] = tallies.cells.values()
    assert tally.counts["opened"] == 2


def test_the_rarest_places_are_counted_together() -> None:
    cells = {Cell(f"s{n}", "c", "error" if n % 2 else "info"): Tally() for n in range(20)}
    for n, tally in enumerate(cells.values()):
        tally.counts["opened"] = n + 1
    kept = folded(cells, 4)
    assert {cell.service for cell in kept} == {"s16", "s17", "s18", "s19", OTHER}
    assert sum(tally.counts["opened"] for tally in kept.values()) == 210
    assert folded(cells, 20) == cells


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [(0, 60 * 24, 1), (60 * 5, 60 * 6, 1), (60 * 23, 60 * 25, 2), (0, 60 * 24 * 30, 30)],
)
def test_whole_days_are_told(since: int, until: int, days: int) -> None:
    midnight = T0.replace(hour=0, minute=0, second=0, microsecond=0)
    first, last = whole_days(midnight + timedelta(minutes=since), midnight + timedelta(minutes=until))
    assert (last - first, first.hour, last.hour) == (timedelta(days=days), 0, 0)


def test_a_place_is_asked_for_by_its_parts() -> None:
    where = Where(services=("a", "b"), severities=(Severity.ERROR,))
    assert where.has(Cell("a", "anywhere", "error"))
    assert not where.has(Cell("a", "anywhere", "info"))
    assert level_of(where.parts) == "service,severity"
    assert len({*LEVELS}) == 8


def test_everything_that_is_counted_can_be_stored() -> None:
    """A new way to end needs a column."""
    assert {one.value for one in LEFT_OUT} | {"recovered", "manual", "test"} == {one.value for one in Resolution}
