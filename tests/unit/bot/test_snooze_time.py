"""Until when is something snoozed, and what does that mean where somebody is?"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.local_time import local_time
from bot.snooze_time import Clock, Day, For, Moment, SnoozeTime, Tomorrow, WorkDay, read_snooze_time

SEOUL, BERLIN, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
FRIDAY = datetime(2026, 1, 2, 10, 0, tzinfo=UTC)


def at(text: str, zone: tzinfo = UTC) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h", For(timedelta(hours=2))),
        ("30m", For(timedelta(minutes=30))),
        ("30 min", For(timedelta(minutes=30))),
        ("1h30m", For(timedelta(minutes=90))),
        ("1 hour 30 minutes", For(timedelta(minutes=90))),
        ("for 2 Days", For(timedelta(days=2))),
        ("0m", For(timedelta(0))),
        ("tomorrow", Tomorrow()),
        ("until tomorrow", Tomorrow()),
        ("tomorrow 14:30", Tomorrow(time(14, 30))),
        ("workday", WorkDay()),
        ("until my next work day", WorkDay()),
        ("until 14:30", Clock(time(14, 30))),
        ("9:05", Clock(time(9, 5))),
        ("until 2026-12-01", Day(date(2026, 12, 1))),
        ("2026-12-01 at 14:30", Day(date(2026, 12, 1), time(14, 30))),
    ],
)
def test_what_people_type_is_understood(text: str, expected: SnoozeTime) -> None:
    assert read_snooze_time(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "until", "2", "h", "2x", "-2h", "24:00", "14:60", "tomorrow soon", "14:30 tomorrow", "2026-02-30", "99999999h",
     "9999-12-31", "2026-12-01 25:00", "2h please", "<!date>", "２h h"],
)  # fmt: skip
def test_what_is_no_time_is_not_guessed_at(text: str) -> None:
    assert read_snooze_time(text) is None


@given(st.text(max_size=30))
def test_whatever_is_typed_never_breaks(text: str) -> None:
    found = read_snooze_time(text)
    if found is not None:
        assert found.end(FRIDAY, NEW_YORK).tzinfo is UTC


@pytest.mark.parametrize(
    ("choice", "zone", "end"),
    [
        (For(timedelta(hours=4)), SEOUL, "2026-01-02 14:00"),
        (Moment(at("2026-01-05 09:00", SEOUL)), NEW_YORK, "2026-01-05 00:00"),
        (Clock(time(14, 30)), UTC, "2026-01-02 14:30"),
        (Clock(time(14, 30)), SEOUL, "2026-01-03 05:30"),
        (Clock(time(10, 0)), UTC, "2026-01-03 10:00"),
        (Tomorrow(), BERLIN, "2026-01-03 08:00"),
        (Day(date(2026, 12, 1)), NEW_YORK, "2026-12-01 14:00"),
        (WorkDay(), SEOUL, "2026-01-05 00:00"),
        (WorkDay(), NEW_YORK, "2026-01-02 14:00"),
    ],
)
def test_the_end_is_meant_where_the_person_is(choice: SnoozeTime, zone: tzinfo, end: str) -> None:
    assert choice.end(FRIDAY, zone) == at(end)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-01-05 03:00", "2026-01-05 09:00"),
        ("2026-01-05 09:00", "2026-01-06 09:00"),
        ("2026-01-05 23:59", "2026-01-06 09:00"),
        ("2026-01-02 09:01", "2026-01-05 09:00"),
        ("2026-01-03 03:00", "2026-01-05 09:00"),
        ("2026-01-04 23:00", "2026-01-05 09:00"),
    ],
)
def test_the_next_work_day_begins_at_nine_from_monday_to_friday(now: str, end: str) -> None:
    assert WorkDay().end(at(now, SEOUL), SEOUL) == at(end, SEOUL)


def test_nine_is_nine_though_the_clocks_have_changed() -> None:
    saturday = at("2026-03-28 12:00", BERLIN)
    assert WorkDay().end(saturday, BERLIN) == at("2026-03-30 07:00")


@pytest.mark.parametrize(
    ("end", "shown"),
    [
        ("2026-01-02 14:00", "23:00"),
        ("2026-01-02 15:30", "Sat 00:30"),
        ("2026-01-05 00:00", "Mon 09:00"),
        ("2026-01-08 00:00", "Thu 09:00"),
        ("2026-01-09 00:00", "2026-01-09 09:00"),
        ("2026-01-01 00:00", "2026-01-01 09:00"),
    ],
)
def test_a_menu_shows_the_time_where_the_person_is(end: str, shown: str) -> None:
    assert local_time(at(end), now=FRIDAY, zone=SEOUL) == shown
