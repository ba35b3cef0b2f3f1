"""When a window is: once, or again and again at the same time on the clock."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from incidents.maintenance.model import Repeat, Window
from incidents.maintenance.occurrences import next_occurrence, occurrence_at, occurrence_of
from tests.unit.maintenance.windows import HOUR, NOW, a_window, local

SECOND = timedelta(seconds=1)


def nightly(start: str, end: str, *, repeats: Repeat = Repeat.DAILY, zone: str = "Europe/Berlin") -> Window:
    begins, ends = local(start, zone), local(end, zone)
    return a_window(starts_at=begins, ends_at=ends, repeats=repeats, zone=ZoneInfo(zone), created_at=begins)


def test_once_is_once() -> None:
    window = a_window()
    assert [occurrence_at(window, NOW + n * HOUR) is not None for n in (-1, 0, 1, 2, 24)] == [
        False, True, True, False, False,
    ]  # fmt: skip
    assert next_occurrence(window, NOW - HOUR) == next_occurrence(window, NOW + HOUR) == occurrence_at(window, NOW)
    assert next_occurrence(window, NOW + 2 * HOUR) is None


def test_what_was_ended_early_is_over_from_then_on() -> None:
    window = a_window(ended_at=NOW + HOUR)
    assert occurrence_at(window, NOW + HOUR - SECOND) is not None
    assert occurrence_at(window, NOW + HOUR) is None
    assert next_occurrence(window, NOW + HOUR) is None


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-27", 6), ("2026-03-28", 5), ("2026-03-29", 6), ("2026-10-24", 7), ("2026-10-25", 6), ("2027-03-27", 5)],
)
def test_over_midnight_every_day_at_the_same_time_on_the_clock(day: str, hours: int) -> None:
    window = nightly("2026-01-10 22:00", "2026-01-11 04:00")
    found = next_occurrence(window, local(f"{day} 12:00"))
    assert found is not None
    assert (found.start, found.end - found.start) == (local(f"{day} 22:00"), hours * HOUR)
    told = found.end.astimezone(window.zone)
    assert (told.hour, told.minute) == (4, 0)


@pytest.mark.parametrize(
    ("day", "start", "end", "length"),
    [
        ("2026-03-29", "01:30", "03:30", HOUR),
        ("2026-10-25", "01:30", "03:30", 3 * HOUR),
        ("2026-03-30", "01:30", "03:30", 2 * HOUR),
    ],
)
def test_a_night_in_which_clocks_change_is_shorter_or_longer(day: str, start: str, end: str, length: timedelta) -> None:
    window = nightly(f"2026-03-01 {start}", f"2026-03-01 {end}")
    found = next_occurrence(window, local(f"{day} 00:00"))
    assert found is not None
    assert (found.start, found.end, found.end - found.start) == (local(f"{day} {start}"), local(f"{day} {end}"), length)


def test_an_hour_that_a_night_has_not_is_left_out() -> None:
    window = nightly("2026-03-01 02:10", "2026-03-01 02:50")
    found = next_occurrence(window, local("2026-03-29 00:00"))
    assert found is not None
    assert found.start == local("2026-03-30 02:10")
    assert occurrence_at(window, local("2026-03-29 03:00")) is None


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Seoul", "Australia/Lord_Howe"])
def test_weekly_it_is_at_its_hour_in_every_week_of_two_years(zone: str) -> None:
    window = nightly("2026-01-04 22:00", "2026-01-05 01:00", repeats=Repeat.WEEKLY, zone=zone)
    at = window.starts_at
    for week in range(104):
        found = next_occurrence(window, at)
        assert found is not None
        told = found.start.astimezone(window.zone)
        assert (told.weekday(), told.hour, told.minute) == (6, 22, 0)
        assert (told.date() - window.starts_at.astimezone(window.zone).date()).days == 7 * week
        assert occurrence_at(window, found.end - SECOND) == occurrence_of(window, found.start) == found
        at = found.end


def test_days_that_follow_without_a_moment_between_them_leave_no_gap_and_no_overlap() -> None:
    window = nightly("2026-03-27 09:00", "2026-03-28 09:00")
    at = window.starts_at
    for _ in range(5):
        found = occurrence_at(window, at)
        assert found is not None
        assert found.start == at
        at = found.end


def test_before_the_first_there_is_none() -> None:
    window = nightly("2026-01-10 22:00", "2026-01-11 02:00")
    assert occurrence_at(window, local("2026-01-09 23:00")) is None
    assert next_occurrence(window, local("2025-06-09 23:00")) == occurrence_at(window, window.starts_at)
