"""Events of a calendar as shifts: whom they are about, which counts where they overlap, and who has it at a moment."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush

from incidents.schedules.model import Shift


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """From ``start`` until before ``end``, aware UTC. ``attendees`` are e-mail addresses."""

    start: datetime
    end: datetime
    attendees: tuple[str, ...] = ()
    summary: str = ""

    @property
    def about(self) -> str:
        """Whom it is about, as it says."""
        return next(iter(self.attendees), self.summary)


def shifts_of(events: Iterable[CalendarEvent], people: Mapping[str, str]) -> tuple[tuple[Shift, ...], tuple[str, ...]]:
    """The shifts, and whom the events are about that ``people`` does not have, each once.

    ``people``: Slack user ids by casefolded e-mail address or summary. An attendee counts before the summary.
    """
    told, unmapped = [], dict[str, None]()
    for event in events:
        names = (name.strip().casefold() for name in (*event.attendees, event.summary))
        person = next((people[name] for name in names if name in people), None)
        if person is None:
            unmapped[event.about] = None
        else:
            told.append(Shift(person, event.start, event.end))
    return without_overlaps(told), tuple(unmapped)


def without_overlaps(told: Iterable[Shift]) -> tuple[Shift, ...]:
    """In order. Where several cover a moment the one counts that began last; of those that began together the shortest.

    Who has it twice in a row has one shift.
    """
    waiting = sorted((one for one in told if one.start < one.end), key=lambda one: one.start, reverse=True)
    under_way: list[tuple[float, datetime, str, Shift]] = []
    found: list[Shift] = []
    for at in sorted({edge for one in waiting for edge in (one.start, one.end)}):
        while waiting and waiting[-1].start == at:
            one = waiting.pop()
            heappush(under_way, (-one.start.timestamp(), one.end, one.person, one))
        while under_way and under_way[0][1] <= at:
            heappop(under_way)
        if under_way:
            _go_on(found, under_way[0][3], at)
        elif found and found[-1].end > at:
            found[-1] = Shift(found[-1].person, found[-1].start, at)
    return tuple(found)


def whose_shift(shifts: Sequence[Shift], at: datetime) -> str | None:
    """``shifts`` in order and without overlaps; None: a gap."""
    place = bisect_right(shifts, at, key=lambda one: one.start)
    return shifts[place - 1].person if place and at < shifts[place - 1].end else None


def _go_on(found: list[Shift], counts: Shift, at: datetime) -> None:
    """From ``at`` on this one counts, as long as nothing else is known."""
    start = at
    if found:
        last = found.pop()
        goes_on = last.person == counts.person and last.end >= at
        start = last.start if goes_on else at
        if not goes_on:
            found.append(Shift(last.person, last.start, min(last.end, at)))
    found.append(Shift(counts.person, start, counts.end))
