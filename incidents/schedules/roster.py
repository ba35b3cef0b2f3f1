"""Who is on call at a moment, the shifts of a span of time, and when it passes to somebody else.

An override comes before a holiday, a holiday before the layers; of the layers the first that has somebody. Where the
schedule is a calendar, its shifts stand in the place of the layers.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from incidents.schedules.calendar import whose_shift
from incidents.schedules.model import MIDNIGHT, Holiday, Layer, Override, Schedule, Shift
from incidents.schedules.rotation import handovers, whose_turn
from incidents.schedules.wall import DAY, local_day, moment
from incidents.schedules.windows import edges, is_in

LOOK_AHEAD = timedelta(days=400)
"""Who has it unchanged for so long has it until further notice."""
_FIRST_LOOK = timedelta(days=8)

Overrides = Sequence[Override]


def on_call(schedule: Schedule, at: datetime, overrides: Overrides = ()) -> str | None:
    """The Slack user id; None: nobody. ``at`` is aware. ``overrides`` of other schedules are left alone."""
    if overrides and (newest := _newest(schedule, at, overrides)) is not None:
        return newest.person
    if schedule.calendar is not None:
        return whose_shift(schedule.shifts, at) or schedule.calendar.fallback
    return _on_holiday(schedule, at) or _of_layers(schedule, at)


def shifts(schedule: Schedule, since: datetime, until: datetime, overrides: Overrides = ()) -> list[Shift]:
    """In order and without overlaps, the first and last cut to the span; a gap is where nobody has it.

    Who has it twice in a row has one shift.
    """
    found: list[Shift] = []
    for start, end in pairwise([since, *_boundaries(schedule, since, until, overrides), until]):
        person = on_call(schedule, start, overrides)
        if person is None or start >= end:
            continue
        goes_on = bool(found) and found[-1].person == person and found[-1].end == start
        found.append(Shift(person, found.pop().start if goes_on else start, end))
    return found


def next_handover(schedule: Schedule, at: datetime, overrides: Overrides = ()) -> datetime | None:
    """When somebody else, or nobody, has it. None: not within ``LOOK_AHEAD``."""
    now, since = on_call(schedule, at, overrides), at
    for until in (at + _FIRST_LOOK, at + LOOK_AHEAD):
        for boundary in _boundaries(schedule, since, until, overrides):
            if on_call(schedule, boundary, overrides) != now:
                return boundary
        since = until - timedelta(seconds=1)
    return None


def _newest(schedule: Schedule, at: datetime, overrides: Overrides) -> Override | None:
    covering = [one for one in overrides if one.schedule == schedule.name and one.covers(at)]
    return max(covering, key=lambda one: one.id, default=None)


def _on_holiday(schedule: Schedule, at: datetime) -> str | None:
    """None: it is none, or that layer has nobody."""
    for holiday in schedule.holidays:
        if _is_on(holiday, at, schedule.zone):
            layer = schedule.layer(holiday.layer) if holiday.layer else None
            person = holiday.person if layer is None else _of_layer(layer, schedule, at)
            if person is not None:
                return person
    return None


def _is_on(holiday: Holiday, at: datetime, zone: ZoneInfo) -> bool:
    """Not by the calendar's day alone: clocks that go back over midnight show the day before once more."""
    today = local_day(at, zone)
    days = (day for day in (today - DAY, today, today + DAY) if day in holiday.days)
    return any(moment(day, MIDNIGHT, zone) <= at < moment(day + DAY, MIDNIGHT, zone) for day in days)


def _of_layers(schedule: Schedule, at: datetime) -> str | None:
    for layer in schedule.layers:
        if (person := _of_layer(layer, schedule, at)) is not None:
            return person
    return None


def _of_layer(layer: Layer, schedule: Schedule, at: datetime) -> str | None:
    if layer.window is not None and not is_in(layer.window, at, schedule.zone):
        return None
    return whose_turn(layer.rotation, at, schedule.zone)


def _boundaries(schedule: Schedule, since: datetime, until: datetime, overrides: Overrides) -> list[datetime]:
    """Every moment after ``since`` and before ``until`` at which anything may change, in order."""
    return sorted({at for at in _changes(schedule, since, until, overrides) if since < at < until})


def _changes(schedule: Schedule, since: datetime, until: datetime, overrides: Overrides) -> Iterator[datetime]:
    zone = schedule.zone
    for layer in schedule.layers:
        yield from handovers(layer.rotation, since, until, zone)
        if layer.window is not None:
            yield from edges(layer.window, since, until, zone)
    for holiday in schedule.holidays:
        for day in holiday.days:
            yield from (moment(day, MIDNIGHT, zone), moment(day + DAY, MIDNIGHT, zone))
    for shift in schedule.shifts:
        yield from (shift.start, shift.end)
    for override in overrides:
        if override.schedule == schedule.name:
            yield from (override.start, override.end)
