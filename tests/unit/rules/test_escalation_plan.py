"""When is somebody paged next, and when had a page better wait for the morning?"""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.escalation.model import EscalationPolicy, Step
from incidents.model import Severity
from incidents.policy import Paging, QuietHours
from incidents.rules.escalation_plan import Paged, first_page, next_page, quiet_until
from incidents.schedules.windows import is_in
from tests.building import T0, minutes
from tests.unit.schedules.rosters import BERLIN, LORD_HOWE, utc, window

MINUTE = timedelta(minutes=1)
THREE = EscalationPolicy("page", tuple(Step(after * MINUTE) for after in (5, 15, 30)), repeat=30 * MINUTE)


def after(page: Paged, *, done: float, policy: EscalationPolicy = THREE) -> Paged | None:
    return next_page(policy, position=page.position, round=page.round, began_at=page.began_at, done_at=minutes(done))


def test_the_steps_of_a_round_count_from_its_beginning() -> None:
    first = first_page(THREE, since=T0)
    assert first == Paged(1, 1, T0, minutes(5))
    second = after(first, done=5.1)
    assert second == Paged(2, 1, T0, minutes(15))
    assert after(second, done=15.2) == Paged(3, 1, T0, minutes(30))


def test_a_step_that_was_late_lets_none_overtake_it() -> None:
    first = Paged(1, 1, T0, minutes(5))
    assert after(first, done=12) == Paged(2, 1, T0, minutes(15))
    assert after(first, done=40) == Paged(2, 1, T0, minutes(40))


def test_after_the_last_step_it_begins_again() -> None:
    last = Paged(3, 1, T0, minutes(30))
    again = after(last, done=31)
    assert again == Paged(1, 2, minutes(56), minutes(61))
    assert after(again, done=61) == Paged(2, 2, minutes(56), minutes(71))
    assert after(last, done=31, policy=replace(THREE, repeat=None)) is None


def test_a_policy_that_was_shortened_is_at_the_end_of_its_round() -> None:
    short = replace(THREE, steps=THREE.steps[:1])
    assert after(Paged(3, 1, T0, minutes(30)), done=30, policy=short) == Paged(1, 2, minutes(55), minutes(60))


def test_a_policy_without_steps_pages_nobody() -> None:
    nobody = replace(THREE, steps=())
    assert first_page(nobody, since=T0) is None
    assert after(Paged(1, 1, T0, T0), done=1, policy=nobody) is None


_AFTER = st.integers(0, 7 * 24 * 60)
_LATE = st.integers(0, 3 * 24 * 60)


@settings(deadline=None)
@given(st.lists(_AFTER, min_size=1, max_size=20), st.none() | st.integers(1, 24 * 60), st.lists(_LATE, max_size=60))
def test_rounds_are_whole_and_time_never_goes_back(afters: list[int], repeat: int | None, delays: list[int]) -> None:
    steps = tuple(Step(one * MINUTE) for one in sorted(afters))
    policy = EscalationPolicy("any", steps, repeat=None if repeat is None else repeat * MINUTE)
    page, done_at, seen = first_page(policy, since=T0), T0, []
    for late in delays:
        if page is None:
            break
        assert page.due_at >= done_at
        assert page.due_at >= page.began_at + steps[page.position - 1].after
        seen.append((page.round, page.position))
        done_at = page.due_at + late * MINUTE
        page = next_page(policy, position=page.position, round=page.round, began_at=page.began_at, done_at=done_at)
    count = len(steps)
    assert seen == [(number // count + 1, number % count + 1) for number in range(len(seen))]
    assert (page is None) == (repeat is None and len(seen) == count)


@settings(deadline=None)
@given(st.lists(_AFTER, min_size=1, max_size=20), st.integers(0, 60))
def test_a_step_that_is_done_in_time_lets_the_next_keep_its_time(afters: list[int], late: int) -> None:
    steps = tuple(Step(one * MINUTE) for one in sorted(afters))
    policy = EscalationPolicy("any", steps, repeat=7 * MINUTE)
    for position, step in enumerate(steps[1:], start=1):
        done_at = min(T0 + steps[position - 1].after + late * MINUTE, T0 + step.after)
        page = next_page(policy, position=position, round=1, began_at=T0, done_at=done_at)
        assert page == Paged(position + 1, 1, T0, T0 + step.after)


def paging(begin: str, end: str, zone: ZoneInfo = BERLIN, days: str = "0123456") -> Paging:
    return Paging(quiet_hours=QuietHours(zone, window(begin, end, days)))


@pytest.mark.parametrize(
    ("zone", "at", "until"),
    [
        # Berlin, an ordinary night: 22:00 is 21:00 UTC, 07:00 is 06:00 UTC.
        (BERLIN, "2026-01-10 20:59:59", None),
        (BERLIN, "2026-01-10 21:00", "2026-01-11 06:00"),
        (BERLIN, "2026-01-11 05:59:59", "2026-01-11 06:00"),
        (BERLIN, "2026-01-11 06:00", None),
        # The night of 29 March 2026 is an hour shorter, that of 25 October an hour longer.
        (BERLIN, "2026-03-28 21:00", "2026-03-29 05:00"),
        (BERLIN, "2026-03-29 01:30", "2026-03-29 05:00"),
        (BERLIN, "2026-10-24 20:00", "2026-10-25 06:00"),
        (BERLIN, "2026-10-25 01:30", "2026-10-25 06:00"),
        # Lord Howe moves by half an hour, on 4 October and on 5 April 2026: 07:00 is 20:00 UTC, then 20:30 again.
        (LORD_HOWE, "2026-10-03 11:29", None),
        (LORD_HOWE, "2026-10-03 11:30", "2026-10-03 20:00"),
        (LORD_HOWE, "2026-10-03 20:00", None),
        (LORD_HOWE, "2026-04-04 11:00", "2026-04-04 20:30"),
        (LORD_HOWE, "2026-04-04 20:30", None),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(zone: ZoneInfo, at: str, until: str | None) -> None:
    expected = None if until is None else utc(until)
    assert quiet_until(utc(at), paging("22:00", "07:00", zone), Severity.WARNING) == expected


def test_quiet_hours_that_touch_are_one_night() -> None:
    weekend = paging("00:00", "00:00", days="56")
    assert quiet_until(utc("2026-01-10 12:00"), weekend, Severity.INFO) == utc("2026-01-11 23:00")


def test_what_would_be_quiet_for_ever_is_not_quiet() -> None:
    assert quiet_until(T0, paging("00:00", "00:00"), Severity.INFO) is None


def test_only_some_severities_are_quiet() -> None:
    night = utc("2026-01-10 23:00")
    assert [one for one in Severity if quiet_until(night, paging("22:00", "07:00"), one)] == ["warning", "info"]
    assert quiet_until(night, Paging(), Severity.INFO) is None


@settings(deadline=None)
@given(
    st.sampled_from([BERLIN, LORD_HOWE]),
    st.integers(0, 2 * 366 * 24 * 60).map(minutes),
    st.tuples(st.integers(0, 47), st.integers(0, 47)).filter(lambda span: span[0] != span[1]),
    st.sets(st.sampled_from("0123456"), min_size=1),
)
def test_until_they_end_all_is_quiet_and_then_it_is_not(
    zone: ZoneInfo, at: datetime, span: tuple[int, int], days: set[str]
) -> None:
    begin, end = (f"{half // 2:02}:{half % 2 * 30:02}" for half in span)
    manners = paging(begin, end, zone, "".join(days))
    hours = window(begin, end, "".join(days))
    until = quiet_until(at, manners, Severity.WARNING)
    assert (until is not None) == is_in(hours, at, zone)
    if until is not None:
        assert not is_in(hours, until, zone)
        assert all(is_in(hours, at + part * (until - at) / 7, zone) for part in range(7))
