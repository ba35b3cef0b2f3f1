"""Who is on call, by rotations, layers, hours, holidays and overrides."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from incidents.schedules import Holiday, Layer, Override, Schedule, Shift, Unit, next_handover, on_call, shifts
from incidents.schedules.windows import first_hole
from tests.unit.schedules.rosters import (
    ALICE,
    BERLIN,
    BOB,
    CAROL,
    LORD_HOWE,
    NEW_YORK,
    SEOUL,
    local,
    rotation,
    schedule,
    utc,
    window,
)

WEEKLY = schedule(rotation(), zone=BERLIN)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def override(person: str, start: str, end: str, number: int = 1, of: str = "payments") -> Override:
    return Override(number, of, person, utc(start), utc(end), by="U0DAVE")


def test_they_take_turns_from_handover_to_handover() -> None:
    told = [on_call(WEEKLY, local(at, BERLIN)) for at in ("2026-01-05 09:00", "2026-01-12 08:59", "2026-01-12 09:00")]
    assert told == [ALICE, ALICE, BOB]


def test_a_rotation_has_neither_beginning_nor_end() -> None:
    assert on_call(WEEKLY, local("2026-01-05 08:59", BERLIN)) == CAROL
    assert on_call(WEEKLY, local("2019-01-01 00:00", BERLIN)) is not None


def test_a_week_with_an_hour_less_still_ends_at_nine() -> None:
    """Monday 23 to Monday 30 March 2026: 09:00 is 08:00 UTC before, 07:00 UTC after."""
    [first, second] = shifts(WEEKLY, utc("2026-03-23 08:00"), utc("2026-04-06 07:00"))
    assert (first.start, first.end) == (utc("2026-03-23 08:00"), utc("2026-03-30 07:00"))
    assert (first.length, second.length) == (7 * DAY - HOUR, 7 * DAY)


def test_a_week_with_an_hour_more_still_ends_at_nine() -> None:
    [first] = shifts(WEEKLY, utc("2026-10-19 07:00"), utc("2026-10-26 08:00"))
    assert first.length == 7 * DAY + HOUR


def test_new_york_hands_over_at_nine_on_both_odd_days() -> None:
    daily = schedule(rotation(every=1), zone=NEW_YORK)
    spring = shifts(daily, utc("2026-03-07 14:00"), utc("2026-03-09 13:00"))
    assert [one.length for one in spring] == [23 * HOUR, 24 * HOUR]
    autumn = shifts(daily, utc("2026-10-31 13:00"), utc("2026-11-02 14:00"))
    assert [one.length for one in autumn] == [25 * HOUR, 24 * HOUR]


def test_lord_howe_moves_by_half_an_hour() -> None:
    daily = schedule(rotation(every=1), zone=LORD_HOWE)
    spring = shifts(daily, local("2026-10-03 09:00", LORD_HOWE), local("2026-10-05 09:00", LORD_HOWE))
    autumn = shifts(daily, local("2026-04-04 09:00", LORD_HOWE), local("2026-04-06 09:00", LORD_HOWE))
    assert [one.length for one in spring] == [23.5 * HOUR, 24 * HOUR]
    assert [one.length for one in autumn] == [24.5 * HOUR, 24 * HOUR]


def test_a_handover_that_the_clock_skips_is_at_the_first_moment_after() -> None:
    at_half_past_two = schedule(rotation(every=1, at="02:30"), zone=BERLIN)
    told = shifts(at_half_past_two, utc("2026-03-28 12:00"), utc("2026-03-29 12:00"))
    assert [one.start for one in told[1:]] == [utc("2026-03-29 01:00")]


def test_a_handover_that_the_clock_shows_twice_is_at_the_first() -> None:
    at_half_past_two = schedule(rotation(every=1, at="02:30"), zone=BERLIN)
    told = shifts(at_half_past_two, utc("2026-10-24 12:00"), utc("2026-10-25 12:00"))
    assert [one.start for one in told[1:]] == [utc("2026-10-25 00:30")]


def test_hours_are_counted_and_not_read_from_the_clock() -> None:
    """From Saturday 09:00 CET, 12 hours each: 21:00 CET, then 10:00 CEST, since an hour was left out."""
    twelve = schedule(rotation(every=12, unit=Unit.HOURS, start=date(2026, 3, 28)), zone=BERLIN)
    told = shifts(twelve, local("2026-03-28 09:00", BERLIN), local("2026-03-29 22:00", BERLIN))
    assert [one.start for one in told] == [utc("2026-03-28 08:00"), utc("2026-03-28 20:00"), utc("2026-03-29 08:00")]
    assert {one.length for one in told} == {12 * HOUR}


def test_three_days_each() -> None:
    three = schedule(rotation(every=3, at="00:00"), zone=SEOUL)
    told = shifts(three, local("2026-01-05 00:00", SEOUL), local("2026-01-14 00:00", SEOUL))
    assert [(one.person, one.length) for one in told] == [(ALICE, 3 * DAY), (BOB, 3 * DAY), (CAROL, 3 * DAY)]


OFFICE = Layer("office", rotation(ALICE), window("09:00", "17:00", "01234"))
NIGHTS = Layer("nights", rotation(BOB), window("17:00", "09:00", "01234"))
REST = Layer("rest", rotation(CAROL))
BY_DAY = Layer("day", rotation(), window("08:00", "20:00"))


def of(*layers: Layer, holidays: tuple[Holiday, ...] = ()) -> Schedule:
    return Schedule("payments", BERLIN, layers, holidays)


@pytest.mark.parametrize(
    ("at", "who"),
    [
        ("2026-01-05 08:59", CAROL),
        ("2026-01-05 09:00", ALICE),
        ("2026-01-05 16:59", ALICE),
        ("2026-01-05 17:00", BOB),
        ("2026-01-06 08:59", BOB),
        ("2026-01-10 08:59", BOB),
        ("2026-01-10 09:00", CAROL),
    ],
)
def test_the_first_layer_that_has_somebody_counts(at: str, who: str) -> None:
    """Friday's night reaches into Saturday; Monday's morning is the rest's, since Sunday has no night."""
    assert on_call(of(OFFICE, NIGHTS, REST), local(at, BERLIN)) == who


def test_where_no_layer_has_somebody_nobody_has_it() -> None:
    assert on_call(of(OFFICE), local("2026-01-10 12:00", BERLIN)) is None
    told = shifts(of(OFFICE), local("2026-01-09 00:00", BERLIN), local("2026-01-13 00:00", BERLIN))
    assert [one.start for one in told] == [local("2026-01-09 09:00", BERLIN), local("2026-01-12 09:00", BERLIN)]
    assert {one.length for one in told} == {8 * HOUR}


def test_on_a_holiday_another_has_it_from_midnight_to_midnight() -> None:
    christmas = Holiday(frozenset({date(2026, 12, 25)}), person=BOB)
    told = shifts(
        of(Layer("all", rotation(ALICE)), holidays=(christmas,)),
        local("2026-12-24 00:00", BERLIN),
        local("2026-12-27 00:00", BERLIN),
    )
    assert told == [
        Shift(ALICE, local("2026-12-24 00:00", BERLIN), local("2026-12-25 00:00", BERLIN)),
        Shift(BOB, local("2026-12-25 00:00", BERLIN), local("2026-12-26 00:00", BERLIN)),
        Shift(ALICE, local("2026-12-26 00:00", BERLIN), local("2026-12-27 00:00", BERLIN)),
    ]


def test_on_a_holiday_another_layer_comes_first_and_the_others_fill_its_hours() -> None:
    holiday = Holiday(frozenset({date(2026, 1, 6)}), layer="office")
    told = of(Layer("all", rotation(BOB)), OFFICE, holidays=(holiday,))
    assert [on_call(told, local(f"2026-01-06 {at}", BERLIN)) for at in ("08:00", "09:00", "17:00")] == [BOB, ALICE, BOB]
    assert on_call(told, local("2026-01-07 12:00", BERLIN)) == BOB


def test_an_override_comes_first_and_the_newest_of_them() -> None:
    older = override(BOB, "2026-01-06 10:00", "2026-01-06 14:00", 1)
    newer = override(CAROL, "2026-01-06 12:00", "2026-01-06 13:00", 2)
    told = shifts(WEEKLY, utc("2026-01-06 09:00"), utc("2026-01-06 15:00"), [newer, older])
    assert [(one.person, one.start.hour) for one in told] == [
        (ALICE, 9), (BOB, 10), (CAROL, 12), (BOB, 13), (ALICE, 14),
    ]  # fmt: skip


def test_an_override_is_of_one_schedule() -> None:
    other = override(BOB, "2026-01-06 10:00", "2026-01-06 14:00", of="search")
    assert on_call(WEEKLY, utc("2026-01-06 12:00"), [other]) == ALICE


def test_the_next_handover_is_when_somebody_else_has_it() -> None:
    assert next_handover(WEEKLY, utc("2026-03-29 12:00")) == utc("2026-03-30 07:00")
    same = override(ALICE, "2026-01-06 10:00", "2026-01-06 14:00")
    assert next_handover(WEEKLY, utc("2026-01-06 09:00"), [same]) == utc("2026-01-12 08:00")
    other = override(BOB, "2026-01-06 10:00", "2026-01-06 14:00")
    assert next_handover(WEEKLY, utc("2026-01-06 09:00"), [other]) == utc("2026-01-06 10:00")
    assert next_handover(WEEKLY, utc("2026-01-06 10:00"), [other]) == utc("2026-01-06 14:00")


def test_long_turns_have_a_next_handover_too() -> None:
    yearly = schedule(rotation(ALICE, BOB, every=300))
    assert next_handover(yearly, utc("2026-01-06 00:00")) == local("2026-11-01 09:00", BERLIN)


def test_one_person_has_it_until_further_notice() -> None:
    assert next_handover(schedule(rotation(ALICE)), utc("2026-01-06 09:00")) is None
    assert next_handover(schedule(rotation(ALICE, ALICE)), utc("2026-01-06 09:00")) is None


@pytest.mark.parametrize(
    ("layers", "hole"),
    [
        ([REST, OFFICE], None),
        ([OFFICE], (0, "17:00")),
        ([OFFICE, NIGHTS], (5, "09:00")),
        ([BY_DAY, Layer("night", rotation(), window("20:00", "08:00"))], None),
        ([BY_DAY, Layer("night", rotation(), window("20:30", "08:00"))], (0, "20:00")),
        ([Layer("week", rotation(), window("00:00", "00:00", "01234"))], (5, "00:00")),
        ([Layer("week", rotation(), window("00:00", "00:00", "01234")),
          Layer("end", rotation(), window("00:00", "00:00", "56"))], None),
    ],
)  # fmt: skip
def test_hours_that_nobody_has_are_found(layers: list[Layer], hole: tuple[int, str] | None) -> None:
    found = first_hole(layers)
    assert (found and (found[0], f"{found[1]:%H:%M}")) == hole


def test_a_layer_that_is_not_there_leaves_the_others() -> None:
    holiday = Holiday(frozenset({date(2026, 1, 6)}), layer="gone")
    told = replace(WEEKLY, holidays=(holiday,))
    assert on_call(told, local("2026-01-06 12:00", BERLIN)) == ALICE
