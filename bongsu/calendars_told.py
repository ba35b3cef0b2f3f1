"""What `bongsu config check` says of calendars that are files: whether they can be read, and whom they are about."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime

from incidents.schedules import Calendar, Schedule
from incidents.schedules.calendar import shifts_of
from jobs.calendars.apart import parse_apart
from jobs.calendars.fetch import NotFetched, read_file
from jobs.calendars.parse import BadCalendar
from jobs.calendars.reading import AHEAD, BEFORE

_MOST_NAMES = 5


def calendar_notes(schedules: Iterable[Schedule]) -> list[str]:
    """What is wrong with each now. Those of the web are left out: reading them is for `bongsu serve`."""
    files = [(one, one.calendar) for one in schedules if one.calendar is not None and one.calendar.is_file]
    told = [(one, asyncio.run(_wrong(one, calendar))) for one, calendar in files]
    return [f"line {one.line}: the calendar of '{one.name}' {wrong}" for one, wrong in told if wrong]


async def _wrong(schedule: Schedule, calendar: Calendar) -> str | None:
    now = datetime.now(UTC)
    try:
        body = await read_file(calendar.source)
        events = await parse_apart(body, zone=schedule.zone, since=now - BEFORE, until=now + AHEAD)
    except (NotFetched, BadCalendar) as error:
        nobody = "nobody" if calendar.fallback is None else "only its fallback"
        return f"can't be used, so {nobody} is on call by it: {error}"
    _, unknown = shifts_of(events, calendar.people)
    named = ", ".join(map(repr, unknown[:_MOST_NAMES])) + (", …" if len(unknown) > _MOST_NAMES else "")
    return f"is about people whom 'people' does not know: {named}" if unknown else None
