"""The hours to which a layer is restricted, and whether layers together leave hours in which nobody has it."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from incidents.schedules.model import Layer, Window
from incidents.schedules.wall import DAY, local_day, moment

_MINUTES = 24 * 60
_WEEK = 7 * _MINUTES


def is_in(window: Window, at: datetime, zone: ZoneInfo) -> bool:
    """``at`` is aware. The day before counts, whose hours may reach over midnight."""
    today = local_day(at, zone)
    return any(
        begin <= at < end
        for day in (today - DAY, today, today + DAY)
        if day.weekday() in window.weekdays
        for begin, end in (_hours(window, day, zone),)
    )


def edges(window: Window, since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Where it begins and ends, at least all after ``since`` and before ``until``."""
    day, last = local_day(since, zone) - 2 * DAY, local_day(until, zone) + DAY
    while day <= last:
        if day.weekday() in window.weekdays:
            yield from _hours(window, day, zone)
        day += DAY


def _hours(window: Window, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    last = day + DAY if window.is_over_midnight else day
    return moment(day, window.begin, zone), moment(last, window.end, zone)


def first_hole(layers: Iterable[Layer]) -> tuple[int, time] | None:
    """The weekday (Monday is 0) and the local time from which nobody has it; None: somebody always has."""
    covered = [False] * _WEEK
    for layer in layers:
        if layer.window is None:
            return None
        for minute in _minutes(layer.window):
            covered[minute] = True
    if all(covered):
        return None
    hole = next(minute for minute in range(_WEEK) if not covered[minute] and covered[minute - 1])
    return hole // _MINUTES, time(hole % _MINUTES // 60, hole % 60)


def _minutes(window: Window) -> Iterator[int]:
    """Of a week, from Monday's midnight."""
    begin, end = (at.hour * 60 + at.minute for at in (window.begin, window.end))
    length = (end - begin) % _MINUTES or _MINUTES
    for day in window.weekdays:
        first = day * _MINUTES + begin
        yield from (minute % _WEEK for minute in range(first, first + length))
