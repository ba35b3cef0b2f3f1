"""Events of a calendar as shifts: whom they are about, which of several counts, and who has it at every minute."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.schedules import Calendar, Override, Schedule, Shift, next_handover, on_call, shifts
from incidents.schedules.calendar import CalendarEvent, shifts_of, whose_shift, without_overlaps
from tests.unit.schedules.rosters import ALICE, BERLIN, BOB, CAROL, PEOPLE, SEOUL, utc

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TWO_YEARS = 730 * 24 * 60
WHO = {"alice@example.com": ALICE, "alice": ALICE, "bob": BOB}


def shift(person: str, start: str, end: str) -> Shift:
    return Shift(person, utc(f"2026-01-05 {start}"), utc(f"2026-01-05 {end}"))


def calendar(*told: Shift, fallback: str | None = None) -> Schedule:
    source = Calendar("/etc/bongsu/x.ics", WHO, fallback)
    return Schedule("payments", BERLIN, (), calendar=source, shifts=without_overlaps(told))


DAY_LONG, LUNCH = shift(ALICE, "00:00", "23:00"), shift(BOB, "12:00", "13:00")


@pytest.mark.parametrize(
    ("told", "counts"),
    [
        ([DAY_LONG, LUNCH], [(ALICE, 0, 12), (BOB, 12, 13), (ALICE, 13, 23)]),
        ([LUNCH, shift(CAROL, "12:30", "13:00")], [(BOB, 12, 12.5), (CAROL, 12.5, 13)]),
        ([shift(ALICE, "12:00", "14:00"), LUNCH], [(BOB, 12, 13), (ALICE, 13, 14)]),
        ([shift(ALICE, "10:00", "12:00"), shift(ALICE, "11:00", "14:00")], [(ALICE, 10, 14)]),
        ([shift(ALICE, "10:00", "12:00"), LUNCH], [(ALICE, 10, 12), (BOB, 12, 13)]),
        ([shift(ALICE, "10:00", "10:00")], []),
    ],
)
def test_the_later_start_counts(told: Sequence[Shift], counts: Sequence[tuple[str, float, float]]) -> None:
    midnight = utc("2026-01-05 00:00")
    expected = [Shift(who, midnight + timedelta(hours=a), midnight + timedelta(hours=b)) for who, a, b in counts]
    assert list(without_overlaps(told)) == list(without_overlaps(reversed(told))) == expected


@pytest.mark.parametrize(
    ("attendees", "summary", "who"),
    [
        (("ALICE@example.com",), "Bob", ALICE),
        (("room@example.com", "alice@example.com"), "", ALICE),
        (("room@example.com",), " BOB ", BOB),
        ((), "Alice", ALICE),
    ],
)
def test_whom_an_event_is_about(attendees: tuple[str, ...], summary: str, who: str) -> None:
    found, unmapped = shifts_of([CalendarEvent(BEGIN, BEGIN + DAY, attendees, summary)], WHO)
    assert (found, unmapped) == ((Shift(who, BEGIN, BEGIN + DAY),), ())


def test_whom_nobody_knows_is_told_once_and_passed_over() -> None:
    events = [CalendarEvent(BEGIN + n * DAY, BEGIN + (n + 1) * DAY, summary="Eve") for n in range(2)]
    events.append(CalendarEvent(BEGIN, BEGIN + DAY, ("mallory@example.com",), "On call"))
    assert shifts_of(events, WHO) == ((), ("Eve", "mallory@example.com"))


def test_in_a_gap_nobody_has_it_or_whoever_is_named_for_gaps() -> None:
    at = utc("2026-01-05 09:00")
    assert on_call(calendar(LUNCH), at) is None
    assert on_call(calendar(LUNCH, fallback=CAROL), at) == CAROL
    assert next_handover(calendar(LUNCH, fallback=CAROL), at) == LUNCH.start
    assert next_handover(calendar(LUNCH, fallback=BOB), at) is None


def test_what_people_take_over_comes_before_a_calendar() -> None:
    override = Override(1, "payments", CAROL, LUNCH.start, LUNCH.start + 30 * MINUTE, by=ALICE)
    assert on_call(calendar(LUNCH), LUNCH.start, [override]) == CAROL
    assert next_handover(calendar(LUNCH), LUNCH.start, [override]) == override.end


def test_all_whom_the_file_names_are_known() -> None:
    assert calendar(fallback=CAROL).people == (ALICE, BOB, CAROL)


def test_another_list_of_people_or_another_zone_is_another_calendar() -> None:
    here = calendar()
    others = [
        replace(here, zone=SEOUL),
        replace(here, calendar=Calendar("/x.ics", WHO)),
        replace(here, calendar=Calendar("/etc/bongsu/x.ics", {**WHO, "eve": BOB})),
    ]
    assert len({one.source_sha256() for one in (here, *others)}) == 4
    assert here.source_sha256() == calendar(fallback=BOB).source_sha256()


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("https://u:p@calendar.example.com/private-abc/basic.ics", "calendar.example.com"),
        ("/etc/bongsu/x.ics", "x.ics"),
    ],
)
def test_what_is_shown_of_a_source_tells_no_secret(source: str, shown: str) -> None:
    told = Calendar(source, WHO)
    assert told.shown == shown
    assert source not in repr(told)


def plainly(told: Sequence[Shift], at: datetime) -> str | None:
    """The reference: look at every one."""
    covering = [one for one in told if one.start <= at < one.end]
    return max(covering, key=lambda one: (one.start, -one.length, _last_first(one.person))).person if covering else None


def _last_first(person: str) -> int:
    return -sorted(PEOPLE).index(person)


@st.composite
def calendars(draw: st.DrawFn) -> list[Shift]:
    """In all of 2026 and 2027, crowded in places, so that much overlaps and much touches."""
    crowd = draw(st.integers(0, TWO_YEARS))
    starts = st.integers(0, TWO_YEARS) | st.integers(0, 40).map(lambda n: crowd + 15 * n)
    lengths = st.integers(0, 20 * 24 * 60) | st.integers(0, 16).map(lambda n: 15 * n)
    told = st.tuples(st.sampled_from(PEOPLE), starts, lengths)
    return [
        Shift(person, BEGIN + start * MINUTE, BEGIN + (start + length) * MINUTE)
        for person, start, length in draw(st.lists(told, max_size=30))
    ]


@settings(max_examples=150, deadline=None)
@given(told=calendars(), sampled=st.lists(st.integers(0, TWO_YEARS), max_size=30))
def test_at_every_sampled_minute_who_is_on_call_is_whom_a_plain_look_finds(
    told: list[Shift], sampled: list[int]
) -> None:
    schedule = calendar(*told)
    edges = [edge + beside * MINUTE for one in told for edge in (one.start, one.end) for beside in (-1, 0, 1)]
    for at in [*edges, *(BEGIN + minute * MINUTE for minute in sampled)]:
        assert on_call(schedule, at) == plainly(told, at), at
    assert all(before.end <= after.start for before, after in pairwise(schedule.shifts))
    assert all(a.end < b.start or a.person != b.person for a, b in pairwise(schedule.shifts))


@settings(max_examples=60, deadline=None)
@given(told=calendars(), minute=st.integers(0, TWO_YEARS))
def test_until_the_next_handover_nothing_changes_and_there_it_does(told: list[Shift], minute: int) -> None:
    schedule, since = calendar(*told), BEGIN + minute * MINUTE
    handover = next_handover(schedule, since)
    if handover is not None:
        assert plainly(told, handover) != plainly(told, since)
        edges = (edge for one in told for edge in (one.start, one.end) if since < edge < handover)
        assert {plainly(told, edge) for edge in edges} <= {plainly(told, since)}
    found = shifts(schedule, since, since + 3 * DAY)
    assert [whose_shift(schedule.shifts, one.start) for one in found] == [one.person for one in found]
