"""What says whether a rule is worth what it asks of people, counted so that days and places can be added up. Pure."""

from collections import Counter
from datetime import timedelta

from incidents.event_kind import EventKind
from incidents.model import Resolution
from incidents.statistics import Occurrence, Span

HAPPENED: tuple[EventKind, ...] = (EventKind.FLAPPING, EventKind.MARKED_NOISE, EventKind.MARKED_REAL)
"""Events that are counted for the day on which they happened, each under its own name."""
QUALITY: tuple[str, ...] = (
    "acted_on", "ended", "stale", "recoveries_told", "false_recoveries", *(kind.value for kind in HAPPENED),
)  # fmt: skip
_BY_PEOPLE = frozenset({Resolution.MANUAL, Resolution.NOISE, Resolution.MERGED})


def quality(one: Occurrence, span: Span, *, window: timedelta) -> Counter[str]:
    """What of it falls into ``span``, by the names of ``QUALITY``; events are not in it.

    ``acted_on`` is of those that opened. ``ended`` and ``stale`` leave merged ones out: the other one ends.
    """
    counts: Counter[str] = Counter()
    if span.has(one.opened_at):
        counts["acted_on"] += is_acted_on(one)
    if span.has(one.ended_at) and one.outcome is not Resolution.MERGED:
        counts["ended"] += 1
        counts["stale"] += one.outcome is Resolution.STALE
    for at, reopened in one.recoveries(window):
        if span.has(at):
            counts["recoveries_told"] += 1
            counts["false_recoveries"] += reopened
    return +counts


def is_acted_on(one: Occurrence) -> bool:
    """Whether a person responded, closed it, merged it or marked it as noise, or it had an owner from its beginning."""
    return not one.is_untouched or one.outcome in _BY_PEOPLE
