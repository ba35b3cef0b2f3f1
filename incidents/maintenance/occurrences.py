"""When is a window? Its repetitions begin and end at the same time on the clock, across daylight saving."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from incidents.maintenance.model import Occurrence, Window
from incidents.schedules.wall import DAY, local_day, moment

_AHEAD = 4
"""Occurrences to look through for the next: where clocks go forward one may have no length, and is none."""


def occurrence_at(window: Window, at: datetime) -> Occurrence | None:
    """The one that is under way then; None: none is. ``at`` is aware."""
    if window.ended_at is not None and window.ended_at <= at:
        return None
    return next((one for one in _around(window, at) if one.holds(at)), None)


def next_occurrence(window: Window, at: datetime) -> Occurrence | None:
    """The one that is under way then, or the first that begins later; None: there is none any more."""
    if window.ended_at is not None and window.ended_at <= at:
        return None
    coming = (one for one in _around(window, at) if one.end > at and one.start < one.end)
    return next(coming, None)


def occurrence_of(window: Window, start: datetime) -> Occurrence | None:
    """The one that began at ``start``; None: there was none."""
    return next((one for one in _around(window, start) if one.start == start), None)


def _around(window: Window, at: datetime) -> Iterator[Occurrence]:
    """In order, from the one before that which may hold this moment."""
    period = window.repeats.period
    if period is None:
        yield Occurrence(window.starts_at, window.ends_at)
        return
    passed = local_day(at, window.zone) - local_day(window.starts_at, window.zone)
    first = max(0, passed // period - 1)
    yield from islice((_occurrence(window, number) for number in _from(first)), _AHEAD)


def _from(first: int) -> Iterator[int]:
    while True:
        yield first
        first += 1


def _occurrence(window: Window, number: int) -> Occurrence:
    """The first is as it was planned; of the others the local times count."""
    period = window.repeats.period
    if period is None or number == 0:
        return Occurrence(window.starts_at, window.ends_at)
    later = number * period.days * DAY
    start, end = (at.astimezone(window.zone) for at in (window.starts_at, window.ends_at))
    return Occurrence(
        moment(start.date() + later, start.time(), window.zone), moment(end.date() + later, end.time(), window.zone)
    )
