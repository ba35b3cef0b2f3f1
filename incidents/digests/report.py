"""What an edition tells: the figures of its time beside those of the time before it, and what is still open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from incidents.browse import Filter, Page
from incidents.digests.model import Edition
from incidents.ports import UnitOfWork
from incidents.statistics import Figures, Past, Spread, figures

MOST_OPEN = 8
"""Incidents that are named."""
_LONGEST_BY_HOURS = timedelta(hours=36)
_LONGEST_BY_DAYS = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Report:
    """``before`` None: more has happened than is read at once, so there is nothing to compare with.

    ``begins`` is later than the edition's time where that holds of its own time, too. ``still_open``: as of now,
    gravest first, then longest.
    """

    edition: Edition
    figures: Figures
    before: Figures | None
    still_open: Page
    begins: datetime


async def report_of(edition: Edition, uow: UnitOfWork) -> Report:
    past = await past_of(edition, uow)
    return Report(
        edition,
        _figures(past, edition.since, edition.until, uow.policy.reopen_window),
        None if past.is_cut else _figures(past, edition.before, edition.since, uow.policy.reopen_window),
        await uow.views.page(Filter(matching=edition.matching), limit=MOST_OPEN),
        max(edition.since, past.since),
    )


async def past_of(edition: Edition, uow: UnitOfWork) -> Past:
    """What has happened in its time and in the one before."""
    return await uow.statistics.past(edition.matching, within=uow.now - edition.before)


def _figures(past: Past, since: datetime, until: datetime, window: timedelta) -> Figures:
    return figures(past.episodes, since=since, until=until, now=past.now, reopen_window=window)


@dataclass(frozen=True, slots=True)
class Step:
    """A part of an edition's time: an hour, a day or a week. ``begins`` is in the edition's zone."""

    begins: datetime
    figures: Figures


@dataclass(frozen=True, slots=True)
class Trend:
    """``length`` is that of each step. ``recovered`` and ``before``: MTTR of the whole time, and of the one before."""

    steps: Sequence[Step]
    length: timedelta
    recovered: Spread
    before: Spread

    @property
    def opened(self) -> int:
        return sum(step.figures.opened for step in self.steps)


def trend_of(edition: Edition, past: Past, window: timedelta) -> Trend:
    length = _length(edition.span)
    bounds = [*_bounds(edition, length), edition.until]
    steps = [
        Step(since.astimezone(edition.zone), _figures(past, since, until, window)) for since, until in pairwise(bounds)
    ]
    whole = _figures(past, edition.since, edition.until, window)
    before = _figures(past, edition.before, edition.since, window)
    return Trend(steps, length, whole.recovered, Spread(0) if past.is_cut else before.recovered)


def _length(span: timedelta) -> timedelta:
    if span <= _LONGEST_BY_HOURS:
        return timedelta(hours=1)
    return timedelta(days=1) if span <= _LONGEST_BY_DAYS else timedelta(days=7)


def _bounds(edition: Edition, length: timedelta) -> Iterable[datetime]:
    """Days are of the clock on the wall: they have 23 or 25 hours where clocks are set."""
    wall = edition.since.astimezone(edition.zone)
    begins = edition.since
    while begins < edition.until:
        yield begins
        if length < timedelta(days=1):
            begins += length
        else:
            wall += length
            begins = wall.astimezone(UTC)
