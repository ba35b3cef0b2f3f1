"""Which incidents somebody wants to see, and the pages in which they see them. ``incidents.views`` is the port."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from incidents.model import Incident, Severity, Status

OPEN = frozenset({Status.ACTIVE, Status.ACKNOWLEDGED})
PAST = frozenset({Status.RESOLVED})
MOST_WORDS = 5
LONGEST_WORD = 60
"""Characters."""


@dataclass(frozen=True, slots=True)
class Matching:
    """What incidents are about.

    ``severities`` empty: any. Each of ``words``, in lower case, must occur in a part of the place, in the title or in
    the alert's name. ``services``: one of these by its whole name, in lower case; none are named: any.
    """

    severities: frozenset[Severity] = frozenset()
    words: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Incidents that somebody wants to see; each field narrows it down.

    ``statuses`` are ``PAST`` alone, or some of ``OPEN``. ``owner`` is ``str(Actor)``; of past ones, who closed it
    counts, too. ``within``: how long ago open ones opened, or past ones were resolved; None: however long ago.
    """

    statuses: frozenset[Status] = OPEN
    matching: Matching = field(default=Matching())
    owner: str | None = None
    unassigned: bool = False
    noise: bool = False
    snoozed: bool = False
    within: timedelta | None = None

    @property
    def is_past(self) -> bool:
        return self.statuses == PAST


@dataclass(frozen=True, slots=True)
class Position:
    """Between two incidents of a list, by the one before it.

    ``at`` is what the list is ordered by: when it began, of open ones, of which the graver come first; when it was
    resolved, of past ones, of which the newest come first. ``rank`` is its severity's; 0 in a list of past ones.
    """

    at: datetime
    id: int
    rank: int = 0


@dataclass(frozen=True, slots=True)
class PageTurn:
    """A page that begins behind a position, or, turned ``back``, ends before it."""

    position: Position
    back: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """An incident, and where its card is: (channel id, ts); None where it has none."""

    incident: Incident
    card: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Page:
    """``total`` is of all pages; ``is_more``: only the newest were counted, there may be more.

    ``on`` and ``back`` are where the pages after and before it are; None: there are none. A page may be empty though
    there is one after it: looking for rare ones among very many is done in steps.
    """

    listed: Sequence[Listed]
    total: int
    is_more: bool = False
    on: Position | None = None
    back: Position | None = None


def position_of(incident: Incident, *, is_past: bool) -> Position:
    if is_past and incident.resolved_time is not None:
        return Position(incident.resolved_time, incident.id)
    return Position(incident.start_time, incident.id, incident.severity.rank)
