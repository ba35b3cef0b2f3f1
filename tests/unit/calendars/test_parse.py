"""An iCalendar as events: times of every kind, recurrences, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.schedules.calendar import CalendarEvent
from jobs.calendars.apart import parse_apart
from jobs.calendars.parse import MOST_BYTES, BadCalendar, parse
from tests.unit.calendars.ics import event, ics
from tests.unit.schedules.rosters import BERLIN

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=67)
OWN_ZONE = """\
BEGIN:VTIMEZONE
TZID:Ours
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0530
TZOFFSETTO:+0530
END:STANDARD
END:VTIMEZONE"""


def read(*events: str, beside: str = "") -> list[CalendarEvent]:
    found = parse(ics(*events, beside=beside), zone=BERLIN, since=SINCE, until=UNTIL)
    return sorted(found, key=lambda one: one.start)


def times(*events: str, beside: str = "") -> list[tuple[str, str]]:
    return [(f"{one.start:%m-%d %H:%M}", f"{one.end:%m-%d %H:%M}") for one in read(*events, beside=beside)]


@pytest.mark.parametrize(
    ("told", "beside", "expected"),
    [
        (event("20260310T090000Z", "20260310T170000Z"), "", [("03-10 09:00", "03-10 17:00")]),
        (event("20260310T090000", "20260310T170000"), "", [("03-10 08:00", "03-10 16:00")]),
        (event("20260310T090000", "20260310T170000", zone="Asia/Seoul"), "", [("03-10 00:00", "03-10 08:00")]),
        (event("20260310T090000", "20260310T170000", zone="Ours"), OWN_ZONE, [("03-10 03:30", "03-10 11:30")]),
        (
            event("20260310T090000", "20260310T170000", zone="Korea Standard Time"),
            "",
            [("03-10 00:00", "03-10 08:00")],
        ),
        # The day on which the clocks go forward has 23 hours.
        (event("20260329", "20260330"), "", [("03-28 23:00", "03-29 22:00")]),
        (event("20260310T090000", "20260310T170000").replace("DTEND:20260310T170000", "DURATION:PT90M"), "",
         [("03-10 08:00", "03-10 09:30")]),
        # Weeks begin at nine on the clock, before and after it was changed.
        (
            event("20260316T090000", "20260323T090000", "RRULE:FREQ=WEEKLY;COUNT=3"),
            "",
            [("03-16 08:00", "03-23 08:00"), ("03-23 08:00", "03-30 07:00"), ("03-30 07:00", "04-06 07:00")],
        ),
        (
            event("20260302T090000Z", "20260302T100000Z", "RRULE:FREQ=DAILY;UNTIL=20260304T235959Z",
                  "EXDATE:20260303T090000Z", "RDATE:20260401T090000Z"),
            "",
            [("03-02 09:00", "03-02 10:00"), ("03-04 09:00", "03-04 10:00"), ("04-01 09:00", "04-01 10:00")],
        ),
        (event("20260310T090000Z", "20260310T170000Z", "STATUS:CANCELLED"), "", []),
        (event("20260310T090000Z", "20260310T090000Z"), "", []),
        (event("20250310T090000Z", "20250310T170000Z"), "", []),
        (event("20270310T090000Z", "20270310T170000Z"), "", []),
    ],
)  # fmt: skip
def test_times_are_what_a_calendar_means(told: str, beside: str, expected: list[tuple[str, str]]) -> None:
    assert times(told, beside=beside) == expected


def test_one_of_a_series_that_was_moved_stands_where_it_was_moved_to() -> None:
    series = event("20260302T090000Z", "20260302T100000Z", "RRULE:FREQ=DAILY;COUNT=2")
    moved = event("20260303T120000Z", "20260303T130000Z", "RECURRENCE-ID:20260303T090000Z", summary="Bob")
    body = ics(series, moved).replace(b"UID:1", b"UID:0")
    found = sorted(parse(body, zone=BERLIN, since=SINCE, until=UNTIL), key=lambda one: one.start)
    assert [(one.start.hour, one.summary) for one in found] == [(9, "Alice"), (12, "Bob")]


def test_who_declined_does_not_come() -> None:
    bob = "ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.com"
    alice = "ATTENDEE;CN=Alice:MAILTO:Alice@example.com"
    [one] = read(event("20260310T090000Z", "20260310T170000Z", bob, alice, "ATTENDEE:tel:+4930123"))
    assert (one.attendees, one.summary, one.about) == (("Alice@example.com",), "Alice", "Alice@example.com")


DAY = ("20260310T090000Z", "20260310T170000Z")
NEVER_AGAIN = event(*DAY, "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "it is no iCalendar"),
        (b"<!doctype html><title>Sign in</title>", "it is no iCalendar"),
        (b"\xff\xfe\x00", "it is no iCalendar"),
        (b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", "it is no iCalendar"),
        (ics(event(*DAY))[:-20], "it is no iCalendar"),
        (b" " * (MOST_BYTES + 1), "it has more than 2 MiB"),
        (ics(event("yesterday", "20260310T170000Z")), "'Alice' has a DTSTART that can't be read"),
        (ics("SUMMARY:Alice"), "'Alice' has a DTSTART that can't be read"),
        (ics(event(*DAY, "RRULE:FREQ=OFTEN")), "has a RRULE that can't be read"),
        (ics(event(*DAY, "RRULE:FREQ=SECONDLY")), "recurs every minute or second"),
        (ics(event(*DAY, "RRULE:FREQ=MINUTELY;INTERVAL=5")), "recurs every minute or second"),
        (ics(event("20260310T090000", "20260310T170000", zone="Mars/Base")), "the time zone 'Mars/Base'"),
        (ics(*[event(*DAY)] * 5001), "it has more than 5000 events"),
        (ics(*[event(*DAY, "RRULE:FREQ=HOURLY")] * 2), "it has more than 2000 events in two months"),
    ],
    ids=range(14),
)
def test_what_can_not_be_sound_is_refused_with_a_reason(body: bytes, why: str) -> None:
    with pytest.raises(BadCalendar, match=why):
        parse(body, zone=BERLIN, since=SINCE, until=UNTIL)


async def test_a_process_apart_reads_the_same_and_refuses_the_same() -> None:
    body = ics(event(*DAY, "ATTENDEE:mailto:a@example.com"), event("20260311", "20260312"))
    expected = parse(body, zone=BERLIN, since=SINCE, until=UNTIL)
    assert await parse_apart(body, zone=BERLIN, since=SINCE, until=UNTIL) == expected
    with pytest.raises(BadCalendar, match="it is no iCalendar"):
        await parse_apart(b"x", zone=BERLIN, since=SINCE, until=UNTIL)


async def test_rules_that_never_come_to_an_end_are_given_up() -> None:
    """They recur on the 30th of February: each is searched for until the year 9999."""
    with pytest.raises(BadCalendar, match="takes too long"):
        await parse_apart(ics(*[NEVER_AGAIN] * 50), zone=BERLIN, since=SINCE, until=UNTIL, seconds=1)
