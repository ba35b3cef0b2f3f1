"""2026 and 2027, minute by minute: there is always exactly one person, and shifts and moments agree.

At little effort each zone has one of the years.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.schedules import (
    Holiday,
    Layer,
    Override,
    Rotation,
    Schedule,
    Shift,
    Unit,
    Window,
    next_handover,
    on_call,
    shifts,
)
from tests.effort import EFFORT, times
from tests.unit.schedules.rosters import ALICE, BOB, CAROL, PEOPLE, ZONES, rotation, window

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
YEARS = [2026, 2027]
by_zone = pytest.mark.parametrize("zone", ZONES, ids=str)
by_year = pytest.mark.parametrize("year", YEARS)
by_some = pytest.mark.parametrize(
    ("zone", "year"),
    [(zone, year) for at, zone in enumerate(ZONES) for year in (YEARS if EFFORT > 1 else [YEARS[at % 2]])],
    ids=str,
)


def full(zone: ZoneInfo) -> Schedule:
    """Of everything something, with handovers inside of the hours that clocks skip and repeat; and never a hole."""
    layers = (
        Layer("office", rotation(ALICE, BOB, every=1, at="02:30"), window("01:45", "17:00", "01234")),
        Layer("nights", rotation(BOB, CAROL, every=9, unit=Unit.HOURS, at="02:15"), window("22:00", "02:10", "56")),
        Layer("rest", rotation(CAROL, ALICE, BOB, every=7, at="02:00")),
    )
    odd_days = frozenset({date(2026, 3, 29), date(2026, 10, 4), date(2027, 11, 7), date(2027, 12, 25)})
    return Schedule("payments", zone, layers, (Holiday(odd_days, layer="nights"),))


def minutes(since: datetime, until: datetime) -> Iterator[datetime]:
    while since < until:
        yield since
        since += MINUTE


def whole(shifts: list[Shift], since: datetime, until: datetime) -> bool:
    edges = [(since, since), *((one.start, one.end) for one in shifts), (until, until)]
    return all(before[1] == after[0] for before, after in pairwise(edges)) and all(one.length for one in shifts)


@by_some
def test_at_every_minute_of_the_year_exactly_one_person_is_on_call(zone: ZoneInfo, year: int) -> None:
    told, since = full(zone), datetime(year, 1, 1, tzinfo=zone).astimezone(UTC)
    until = datetime(year + 1, 1, 1, tzinfo=zone).astimezone(UTC)
    found = shifts(told, since, until)
    assert whole(found, since, until)
    for shift in found:
        assert {on_call(told, at) for at in minutes(shift.start, shift.end)} == {shift.person}


WALL = st.tuples(st.integers(0, 23), st.sampled_from([0, 15, 30, 45])).map(lambda at: f"{at[0]:02}:{at[1]:02}")


def rotations() -> st.SearchStrategy[Rotation]:
    return st.builds(
        lambda people, every, unit, at: rotation(*people, every=every, unit=unit, at=at),
        st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4),
        st.integers(1, 30),
        st.sampled_from(Unit),
        WALL,
    )


def windows() -> st.SearchStrategy[Window]:
    days = st.sets(st.integers(0, 6), min_size=1).map(lambda days: "".join(map(str, sorted(days))))
    return st.builds(window, WALL, WALL, days)


def layers() -> st.SearchStrategy[Layer]:
    return st.builds(Layer, st.sampled_from("abc"), rotations(), st.none() | windows())


def around(zone: ZoneInfo) -> st.SearchStrategy[datetime]:
    """Mostly the days on which clocks change."""
    odd = [day for day in range(730) if _is_odd(datetime(2026, 1, 1, tzinfo=UTC) + day * DAY, zone)]
    days = (st.sampled_from(odd) | st.integers(0, 729)) if odd else st.integers(0, 729)
    return st.builds(
        lambda day, minute: datetime(2026, 1, 1, tzinfo=UTC) + (day - 1) * DAY + minute * MINUTE,
        days,
        st.integers(0, 24 * 60),
    )


def _is_odd(day: datetime, zone: ZoneInfo) -> bool:
    return day.replace(tzinfo=zone).utcoffset() != (day + DAY).replace(tzinfo=zone).utcoffset()


@by_zone
@settings(max_examples=times(15), deadline=None)
@given(data=st.data())
def test_shifts_and_moments_agree_at_every_minute(zone: ZoneInfo, data: st.DataObject) -> None:
    """Of any schedule, with holes or without."""
    since = data.draw(around(zone))
    until = since + 2 * DAY
    day = (since + DAY).date()
    told = Schedule(
        "payments",
        zone,
        tuple(data.draw(st.lists(layers(), min_size=1, max_size=3))),
        data.draw(
            st.sampled_from([(), (Holiday(frozenset({day}), person=CAROL),), (Holiday(frozenset({day}), layer="a"),)])
        ),
    )
    begin = since + data.draw(st.integers(0, 2000)) * MINUTE
    override = Override(1, "payments", BOB, begin, begin + data.draw(st.integers(1, 900)) * MINUTE, by=ALICE)
    overrides = data.draw(st.sampled_from([[], [override]]))
    found = shifts(told, since, until, overrides)
    assert all(before.end <= after.start for before, after in pairwise(found))
    by_minute = {at: one.person for one in found for at in minutes(_up(one.start, since), one.end)}
    assert {at: on_call(told, at, overrides) for at in minutes(since, until)} == {
        at: by_minute.get(at) for at in minutes(since, until)
    }
    if not any(layer.window is None for layer in told.layers):
        return
    assert whole(found, since, until)
    handover = next_handover(told, since, overrides)
    assert handover == (found[0].end if len(found) > 1 else handover)


def _up(at: datetime, since: datetime) -> datetime:
    """The first whole minute counted from ``since`` that is not before ``at``."""
    return since + -((since - at) // MINUTE) * MINUTE


@by_zone
@by_year
def test_every_week_is_handed_over_at_the_same_time_on_the_clock(zone: ZoneInfo, year: int) -> None:
    weekly = Schedule("payments", zone, (Layer("all", rotation()),))
    found = shifts(weekly, datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC))
    assert len(found) in {53, 54}
    assert {f"{one.start.astimezone(zone):%a %H:%M}" for one in found[1:]} == {"Mon 09:00"}
