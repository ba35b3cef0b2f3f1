"""Figures of some days: what the job has counted, and the last minutes read from the episodes themselves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from incidents.daily.keeping import DAY, EpisodeTime, GroupBy, OpenNow, Where, day_of
from incidents.daily.tally import Cell, Count, Tallies, Tally
from incidents.ports import UnitOfWork
from incidents.statistics import NOISIEST, Rule

MOST_LIVE = 1000
"""Episodes that are read themselves, at most: opened ones, and as many resolved ones."""
OLDEST_LIVE = timedelta(minutes=30)
"""Where the job is farther behind, as when all is counted anew, nothing is read beside what it has counted."""
MOST_GROUPS = 500
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Question:
    """Whole days (UTC): from ``since`` until before ``until``. ``group_by`` None: all together."""

    since: datetime
    until: datetime
    where: Where = field(default=Where())
    group_by: GroupBy | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """Of a place, what they are told apart by."""
        return () if self.group_by in {None, GroupBy.DAY} else (str(self.group_by),)


@dataclass(slots=True)
class Group:
    """``open_now`` and ``oldest_open`` (since when it is) don't depend on the days that were asked for."""

    tally: Tally = field(default_factory=Tally)
    open_now: int = 0
    oldest_open: datetime | None = None

    def open(self, some: OpenNow) -> None:
        self.open_now += some.count
        self.oldest_open = some.oldest if self.oldest_open is None else min(self.oldest_open, some.oldest)


@dataclass(frozen=True, slots=True)
class Stats:
    """``counted_until``: what happened later is not in it. ``groups`` by a part of the place, or the day's date.

    ``more_groups`` are not named, for they are too many; those that are opened most incidents.
    """

    counted_until: datetime
    whole: Group
    groups: Mapping[str, Group]
    more_groups: int
    by_incidents: Sequence[Rule]
    by_alerts: Sequence[Rule]


async def stats(question: Question, *, uow: UnitOfWork, window: timedelta) -> Stats:
    """``window``: within which an incident is reopened."""
    kept, where = uow.figures, question.where
    counted = await kept.counted_until()
    live = await _live(counted, uow, window) if counted is not None else None
    recent = {day: tallies for day, tallies in (live or {}).items() if question.since <= day < question.until}
    whole, groups = Group(), dict[str, Group]()
    by_day = question.group_by is GroupBy.DAY
    days = await kept.by_day(where, question.since, question.until, parts=question.parts, each_day=by_day)
    for day, cell, tally in (*days, *_here(recent, where)):
        whole.tally.plus(tally)
        if question.group_by is not None:
            groups.setdefault(_name(question, day, cell), Group()).tally.plus(tally)
    for some in await kept.open_now(where):
        whole.open(some)
        if question.parts:
            groups.setdefault(_name(question, uow.now, some.cell), Group()).open(some)
    rules = dict(await kept.by_rule(where, question.since, question.until))
    _add_live(rules, recent, where)
    shown = _most(groups, question)
    return Stats(
        counted_until=uow.now if live is not None else counted or question.since,
        whole=whole,
        groups=shown,
        more_groups=len(groups) - len(shown),
        by_incidents=_noisiest((uid, one.name, one.occurrences) for uid, one in rules.items()),
        by_alerts=_noisiest((uid, one.name, one.alerts) for uid, one in rules.items()),
    )


async def _live(since: datetime, uow: UnitOfWork, window: timedelta) -> dict[datetime, Tallies] | None:
    """What has happened since then, by day; None where that is too much to be read."""
    if uow.now - since > OLDEST_LIVE:
        return None
    until, first = uow.now + _TICK, day_of(since)
    days = [first] if day_of(uow.now) == first else [first, first + DAY]
    tallies = {day: Tallies(max(since, day), day + DAY, window=window) for day in days}
    for time, before in ((EpisodeTime.OPENED, None), (EpisodeTime.RESOLVED, since)):
        page = await uow.daily_figures.episodes(time, since, until, most=MOST_LIVE, opened_before=before)
        if page.end < until:
            return None
        for of_day in tallies.values():
            of_day.add(page.episodes, now=uow.now)
    return tallies


def _here(recent: Mapping[datetime, Tallies], where: Where) -> Iterator[tuple[datetime, Cell, Tally]]:
    for day, tallies in recent.items():
        for cell, tally in tallies.cells.items():
            if where.has(cell):
                yield day, cell, tally


def _add_live(rules: dict[str, Count], recent: Mapping[datetime, Tallies], where: Where) -> None:
    for tallies in recent.values():
        for rule, count in tallies.rules.items():
            if where.has(rule.cell):
                rules.setdefault(rule.uid, Count(count.name)).occurrences += count.occurrences


def _name(question: Question, day: datetime, cell: Cell) -> str:
    return str(getattr(cell, question.parts[0])) if question.parts else f"{day:%Y-%m-%d}"


def _most(groups: Mapping[str, Group], question: Question) -> dict[str, Group]:
    """Days in their order; others by how many opened."""
    if question.group_by is GroupBy.DAY:
        return dict(sorted(groups.items()))
    ordered = sorted(groups.items(), key=lambda one: (-one[1].tally.counts["opened"], one[0]))
    return dict(ordered[:MOST_GROUPS])


def _noisiest(rules: Iterable[tuple[str, str, int]]) -> list[Rule]:
    ordered = sorted((one for one in rules if one[2]), key=lambda one: (-one[2], one[0]))
    return [Rule(*one) for one in ordered[:NOISIEST]]


def whole_days(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """The days (UTC) that the time from ``since`` until before ``until`` touches."""
    first, last = day_of(since), day_of(until)
    return first, last if last == until else last + DAY
