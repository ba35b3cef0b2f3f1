"""A local wall time as the one moment that it means, across daylight saving.

What stands on the clock twice means the first time. What is skipped means the first moment after the skip: a shift that
begins at 02:30 begins at 03:00 on the day that has no 02:30.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=8192)
def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Aware UTC. Source: https://peps.python.org/pep-0495/ (in a skip ``fold=0`` has the offset from before it)."""
    first, second = (datetime.combine(day, at.replace(fold=fold), tzinfo=zone) for fold in (0, 1))
    before, after = _offset(first), _offset(second)
    if before >= after:
        return first.astimezone(UTC)
    return _first_after_skip(second.astimezone(UTC), first.astimezone(UTC), zone)


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """The day that a calendar there shows."""
    return at.astimezone(zone).date()


def _first_after_skip(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """The clocks go forward after ``early`` and not after ``late``: the first second with the new offset."""
    new = _offset(late.astimezone(zone))
    while late - early > _SECOND:
        middle = early + (late - early) // _SECOND // 2 * _SECOND
        if _offset(middle.astimezone(zone)) == new:
            late = middle
        else:
            early = middle
    return late


def _offset(at: datetime) -> timedelta:
    told = at.utcoffset()
    return timedelta(0) if told is None else told
