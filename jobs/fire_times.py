"""When something is due by the clock on the wall: crontab's five fields in a time zone.

APScheduler counts weekdays from Monday, and wants both of two restrictions on the day where cron wants one of them:
https://github.com/agronholm/apscheduler/issues/286. Here numbers are cron's, and such a pair is refused.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

LEAST_APART = timedelta(hours=1)
_EXAMPLE = '"0 9 * * mon"'
_FIELDS = 5
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_WEEKDAYS = re.compile(r"(?:\*|([0-7]|[a-z]{3})(?:-([0-7]|[a-z]{3}))?)(?:/([1-7]))?")
_CLOCKS_ARE_SET = timedelta(hours=3)
"""More than they ever are."""
_INSTANT = timedelta(microseconds=1)
_LOOKED_BACK = tuple(timedelta(days=days) for days in (0.25, 2, 9, 63, 732, 3000))
"""How far back a time before another is looked for, nearest first: from there each is walked through."""
_PROBE = datetime(2026, 1, 1, tzinfo=UTC)
_PROBED = 60


class FireTimes:
    """Aware UTC. A time that comes twice as clocks are set back counts once; one that is left out comes an hour later.

    Raises ValueError with a sentence for whoever wrote ``cron``.
    """

    def __init__(self, cron: str, zone: ZoneInfo) -> None:
        self._trigger = _trigger(cron)
        self._zone = zone

    def after(self, at: datetime) -> datetime | None:
        """The first that is later; None: there is none any more."""
        wall = at.astimezone(self._zone).replace(tzinfo=UTC) - _CLOCKS_ARE_SET
        while (wall := self._trigger.get_next_fire_time(None, wall + _INSTANT)) is not None:
            found: datetime = wall.replace(tzinfo=self._zone, fold=0).astimezone(UTC)
            if found > at:
                return found
        return None

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Those later than ``after``, up to and with ``until``."""
        found = self.after(after)
        while found is not None and found <= until:
            yield found
            found = self.after(found)

    def before(self, at: datetime) -> datetime | None:
        """The last that is earlier; None: there is none within eight years."""
        for back in _LOOKED_BACK:
            *_, last = (None, *self.between(at - back, at - _INSTANT))
            if last is not None:
                return last
        return None


def checked(cron: str) -> str:
    """The same, if it is sound. Raises ValueError with a sentence for whoever wrote it."""
    times = FireTimes(cron, ZoneInfo("UTC"))
    found = times.after(_PROBE)
    if found is None:
        raise ValueError(f"'{cron}' is a day that never comes: write one that does, such as {_EXAMPLE}")
    for _ in range(_PROBED):
        later = times.after(found)
        if later is None:
            break
        if later - found < LEAST_APART:
            raise ValueError(f"'{cron}' comes more often than once an hour: write one such as {_EXAMPLE}")
        found = later
    return cron


def _trigger(cron: str) -> CronTrigger:
    """Of the clock on the wall, as if it was never set: across that APScheduler loses midnights."""
    fields = cron.split()
    if len(fields) != _FIELDS:
        told = f"'{cron}' has {len(fields)} fields, not five: write minute, hour, day, month and weekday"
        raise ValueError(f"{told}, such as {_EXAMPLE}")
    *rest, weekdays = fields
    if rest[2] != "*" and weekdays != "*":
        raise ValueError(f"'{cron}' names a day of the month and a weekday: write * for one of them")
    try:
        return CronTrigger.from_crontab(" ".join([*rest, _weekdays(weekdays)]), timezone=ZoneInfo("UTC"))
    except ValueError as error:
        raise ValueError(f"'{cron}' is no crontab line ({error}): write one such as {_EXAMPLE}") from error


def _weekdays(told: str) -> str:
    """By their names, each alone."""
    if told == "*":
        return told
    days = {day for part in told.lower().split(",") for day in _span(part)}
    return ",".join(_DAYS[day] for day in sorted(days))


def _span(part: str) -> Iterator[int]:
    """Numbers from Sunday, which is 0."""
    found = _WEEKDAYS.fullmatch(part)
    if found is None:
        raise ValueError(f'"{part}" is no weekday')
    first, last, step = found.groups()
    begin, end = (0, 6) if first is None or part.startswith("0-7") else (_day(first), _day(last or first))
    every = range(0, (end - begin) % 7 + 1, int(step or 1))
    return ((begin + one) % 7 for one in every)


def _day(told: str) -> int:
    if told.isdigit():
        return int(told) % 7
    if told not in _DAYS:
        raise ValueError(f'"{told}" is no weekday')
    return _DAYS.index(told)
