"""An iCalendar (RFC 5545) as events: pure, and bounded in what it takes. How long that may last ``apart`` bounds."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from incidents.schedules.calendar import CalendarEvent
from incidents.schedules.wall import moment

MOST_BYTES = 2 * 1024 * 1024
MOST_EVENTS = 5000
"""Entries, each of which may recur."""
MOST_OCCURRENCES = 2000
"""In the span that is asked for: thirty a day for two months."""
_MOST_ATTENDEES = 20
_LONGEST_NAME = 200
_TOO_OFTEN = {"SECONDLY", "MINUTELY"}
_TIMES = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}


class BadCalendar(ValueError):
    """It can't be used. The message is a sentence for people, without a full stop."""


def parse(body: bytes, *, zone: ZoneInfo, since: datetime, until: datetime) -> list[CalendarEvent]:
    """All that happens between these two, aware UTC, recurrences included. ``zone``: of times that have none.

    What is called off is left out. Raises BadCalendar.
    """
    if len(body) > MOST_BYTES:
        raise BadCalendar(f"it has more than {MOST_BYTES // 1024 // 1024} MiB")
    calendar = _calendar(body)
    _refuse_unbounded(calendar)
    return [event for one in _occurrences(calendar, since, until) for event in _event(one, zone)]


def _calendar(body: bytes) -> icalendar.Calendar:
    try:
        found = icalendar.Component.from_ical(body)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise BadCalendar("it is no iCalendar") from error
    if not isinstance(found, icalendar.Calendar):
        raise BadCalendar("it is no iCalendar")
    return found


def _refuse_unbounded(calendar: icalendar.Calendar) -> None:
    events = calendar.walk("VEVENT")
    if len(events) > MOST_EVENTS:
        raise BadCalendar(f"it has more than {MOST_EVENTS} events")
    for event in events:
        wrong = next((name for name, _ in event.errors if name in _TIMES), None)
        if wrong is not None or "DTSTART" not in event:
            raise BadCalendar(f"{_named(event)} has a {wrong or 'DTSTART'} that can't be read")
        if (nowhere := _nowhere(event)) is not None:
            raise BadCalendar(f"{_named(event)} names the time zone '{nowhere[:60]}', which is not known")
        if any(freq in _TOO_OFTEN for rule in _rules(event) for freq in _listed(rule.get("FREQ"))):
            raise BadCalendar(f"{_named(event)} recurs every minute or second")


def _occurrences(calendar: icalendar.Calendar, since: datetime, until: datetime) -> list[Any]:
    try:
        query = recurring_ical_events.of(calendar)
        found = list(islice(query.between(since, until), MOST_OCCURRENCES + 1))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise BadCalendar("its recurrences can't be made out") from error
    if len(found) > MOST_OCCURRENCES:
        raise BadCalendar(f"it has more than {MOST_OCCURRENCES} events in two months")
    return found


def _event(occurrence: Any, zone: ZoneInfo) -> Iterator[CalendarEvent]:
    if str(occurrence.get("STATUS", "")).upper() == "CANCELLED":
        return
    start, end = _moment(occurrence["DTSTART"].dt, zone), _moment(occurrence["DTEND"].dt, zone)
    if start < end:
        summary = str(occurrence.get("SUMMARY", "")).strip()[:_LONGEST_NAME]
        yield CalendarEvent(start, end, tuple(_attendees(occurrence)), summary)


def _moment(told: date | datetime, zone: ZoneInfo) -> datetime:
    """A day begins at midnight in ``zone``. What the clocks skip counts as before the skip, what they show twice as the
    first: https://www.rfc-editor.org/rfc/rfc5545#section-3.3.5
    """
    if not isinstance(told, datetime):
        return moment(told, time(0), zone)
    aware = told if told.tzinfo is not None else told.replace(tzinfo=zone)
    return aware.replace(fold=0).astimezone(UTC)


def _attendees(event: Any) -> list[str]:
    """Their e-mail addresses, but of those who declined."""
    told = _listed(event.get("ATTENDEE"))[:_MOST_ATTENDEES]
    coming = [one for one in told if str(getattr(one, "params", {}).get("PARTSTAT", "")).upper() != "DECLINED"]
    addresses = (str(one).strip() for one in coming)
    return [one[7:][:_LONGEST_NAME] for one in addresses if one[:7].casefold() == "mailto:" and len(one) > 7]


def _nowhere(event: Any) -> str | None:
    """A time zone that the calendar names, and that nobody describes; None: there is none."""
    for told in (event.get("DTSTART"), event.get("DTEND")):
        named = None if told is None else told.params.get("TZID")
        if named and isinstance(told.dt, datetime) and told.dt.tzinfo is None:
            return str(named)
    return None


def _rules(event: Any) -> list[Any]:
    return [rule for name in ("RRULE", "EXRULE") for rule in _listed(event.get(name)) if hasattr(rule, "get")]


def _listed(told: Any) -> list[Any]:
    if told is None:
        return []
    return told if isinstance(told, list) else [told]


def _named(event: Any) -> str:
    summary = str(event.get("SUMMARY", "")).strip()
    return f"the event '{summary[:60]}'" if summary else "an event without a summary"
