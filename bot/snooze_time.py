"""Until when is something snoozed? What people choose or type, and the moment that it means in their time zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol

MORNING = time(9)
_SATURDAY = 5
_DAY = timedelta(days=1)


class SnoozeTime(Protocol):
    """``now`` is aware, the end is aware UTC. It may have passed, or be too far away: that is for the rules to say."""

    def end(self, now: datetime, zone: tzinfo) -> datetime: ...


@dataclass(frozen=True, slots=True)
class For:
    """For so long from now."""

    span: timedelta

    def end(self, now: datetime, zone: tzinfo) -> datetime:  # noqa: ARG002 - the same wherever one is
        return now.astimezone(UTC) + self.span


@dataclass(frozen=True, slots=True)
class Moment:
    """Until this very moment, aware."""

    at: datetime

    def end(self, now: datetime, zone: tzinfo) -> datetime:  # noqa: ARG002 - the same wherever one is
        return self.at.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """Until the clock shows this next."""

    at: time

    def end(self, now: datetime, zone: tzinfo) -> datetime:
        today = _on(now.astimezone(zone).date(), self.at, zone)
        return today if today > now else _on(now.astimezone(zone).date() + _DAY, self.at, zone)


@dataclass(frozen=True, slots=True)
class Tomorrow:
    at: time = MORNING

    def end(self, now: datetime, zone: tzinfo) -> datetime:
        return _on(now.astimezone(zone).date() + _DAY, self.at, zone)


@dataclass(frozen=True, slots=True)
class WorkDay:
    """Until the next morning, Monday to Friday, that has not begun: at three on a Monday that is this one."""

    at: time = MORNING

    def end(self, now: datetime, zone: tzinfo) -> datetime:
        day = now.astimezone(zone).date()
        while day.weekday() >= _SATURDAY or _on(day, self.at, zone) <= now:
            day += _DAY
        return _on(day, self.at, zone)


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    at: time = MORNING

    def end(self, now: datetime, zone: tzinfo) -> datetime:  # noqa: ARG002 - it is that day, whenever one says so
        return _on(self.day, self.at, zone)


def _on(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


_SPAN = re.compile(
    r"(?:(?P<days>\d{1,4})\s*d(?:ays?)?)?\s*(?:(?P<hours>\d{1,4})\s*h(?:ours?|rs?)?)?\s*"
    r"(?:(?P<minutes>\d{1,5})\s*m(?:in(?:ute)?s?)?)?"
)
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_DATE = re.compile(r"20\d\d-\d\d-\d\d")
_WORK_DAY = re.compile(r"(?:my |the )?(?:next )?work ?day")
_FILLERS = re.compile(r"^(?:for|until|till|to)\s+")


def read_snooze_time(text: str) -> SnoozeTime | None:
    """``2h``, ``1h30m``, ``tomorrow``, ``workday``, ``until 14:30``, ``2026-12-01 09:00``; None: none of these."""
    told = " ".join(_FILLERS.sub("", text.strip().casefold()).split())
    if _WORK_DAY.fullmatch(told):
        return WorkDay()
    span = _SPAN.fullmatch(told)
    if told and span is not None:
        return For(timedelta(**{unit: int(count) for unit, count in span.groupdict().items() if count}))
    return _read_moment(told)


def _read_moment(told: str) -> SnoozeTime | None:
    first, _, rest = told.partition(" ")
    at = _read_time(rest.removeprefix("at ")) if rest else MORNING
    if at is None:
        return None
    if first == "tomorrow":
        return Tomorrow(at)
    if _DATE.fullmatch(first):
        return _read_day(first, at)
    clock = None if rest else _read_time(first)
    return Clock(clock) if clock is not None else None


def _read_time(text: str) -> time | None:
    found = _TIME.fullmatch(text)
    return time(int(found[1]), int(found[2])) if found else None


def _read_day(text: str, at: time) -> Day | None:
    try:
        return Day(date.fromisoformat(text), at)
    except ValueError:
        return None
