"""When a digest is due: crontab's fields by the clock on the wall, right where clocks are set."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from jobs.fire_times import FireTimes, checked

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Seoul", "Australia/Lord_Howe")


def fires(cron: str, zone: str, since: datetime, until: datetime) -> list[str]:
    """By the clock on the wall there."""
    found = FireTimes(cron, ZoneInfo(zone)).between(since, until)
    return [f"{one.astimezone(ZoneInfo(zone)):%a %m-%d %H:%M}" for one in found]


@pytest.mark.parametrize(
    ("cron", "told"),
    [
        ("0 9 * * 1", ["Mon 03-09 09:00"]),
        ("0 9 * * mon", ["Mon 03-09 09:00"]),
        ("0 9 * * 0", ["Sun 03-08 09:00"]),
        ("0 9 * * 7", ["Sun 03-08 09:00"]),
        ("0 9 * * 5-7", ["Sat 03-07 09:00", "Sun 03-08 09:00", "Fri 03-13 09:00"]),
        ("0 9 * * sat-mon", ["Sat 03-07 09:00", "Sun 03-08 09:00", "Mon 03-09 09:00"]),
        ("0 9 * * 1-5/2", ["Mon 03-09 09:00", "Wed 03-11 09:00", "Fri 03-13 09:00"]),
        ("30 8,20 10 * *", ["Tue 03-10 08:30", "Tue 03-10 20:30"]),
    ],
)
def test_weekdays_are_numbered_as_cron_does(cron: str, told: list[str]) -> None:
    week = datetime(2026, 3, 7, tzinfo=UTC)
    assert fires(cron, "UTC", week, week + timedelta(days=6, hours=23)) == told


def test_a_whole_week_by_number_is_every_day() -> None:
    week = datetime(2026, 3, 7, tzinfo=UTC)
    assert len(fires("0 9 * * 0-7", "UTC", week, week + timedelta(days=7))) == 7


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", ["0 9", "30 2", "45 1", "0 0", "30 3"])
def test_once_a_day_through_two_years_of_clocks_that_are_set(zone: str, at: str) -> None:
    times, place = FireTimes(f"{at} * * *", ZoneInfo(zone)), ZoneInfo(zone)
    begin = datetime(2026, 1, 1, tzinfo=place)
    moment = timedelta(microseconds=1)
    found = list(times.between(begin - moment, datetime(2028, 1, 1, tzinfo=place) - moment))
    days = [one.astimezone(place).date() for one in found]
    assert len(days) == len(set(days)) == 730
    assert all(before < after for before, after in pairwise(found))


def test_a_time_that_comes_twice_counts_once_and_one_that_is_left_out_comes_later() -> None:
    zone = "Europe/Berlin"
    autumn, spring = datetime(2026, 10, 25, tzinfo=ZoneInfo(zone)), datetime(2026, 3, 29, tzinfo=ZoneInfo(zone))
    assert fires("30 2 * * *", zone, autumn, autumn + timedelta(hours=23)) == ["Sun 10-25 02:30"]
    assert fires("30 2 * * *", zone, spring, spring + timedelta(hours=23)) == ["Sun 03-29 03:30"]


@pytest.mark.parametrize("cron", ["0 * * * *", "0 9 * * *", "0 9 * * mon", "0 9 1 * *", "0 9 29 2 *"])
def test_before_is_the_one_that_after_comes_from(cron: str) -> None:
    times, now = FireTimes(cron, ZoneInfo("Europe/Berlin")), datetime(2026, 11, 1, 3, 7, tzinfo=UTC)
    last = times.before(now)
    assert last is not None
    assert last < now
    following = times.after(last)
    assert following is not None
    assert following >= now
    assert times.before(last + timedelta(microseconds=1)) == last


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 9 * *", "has 4 fields, not five"),
        ("", "has 0 fields, not five"),
        ("61 9 * * *", "is no crontab line"),
        ("x 9 * * *", "is no crontab line"),
        ("*/0 9 * * *", "is no crontab line"),
        ("0 9 * * 8", '"8" is no weekday'),
        ("0 9 * * funday", '"funday" is no weekday'),
        ("0 9 * * xyz", '"xyz" is no weekday'),
        ("0 9 1 * 1", "names a day of the month and a weekday"),
        ("0 0 31 2 *", "is a day that never comes"),
        ("*/5 * * * *", "comes more often than once an hour"),
        ("0,59 9,10 * * *", "comes more often than once an hour"),
    ],
)
def test_what_is_no_crontab_line_is_refused_with_its_mend(cron: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"write") as refused:
        checked(cron)
    assert words in str(refused.value)
