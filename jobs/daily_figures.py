"""Keeping the figures by day: about each minute, and anew when somebody asks."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain, combinations
from typing import TypeVar
from uuid import uuid4

from incidents.daily.keeping import DAY, CountedDay, Due, EpisodeTime, day_of
from incidents.daily.tally import OTHER, Cell, Count, Rule, Tallies, Tally, folded, places_folded, together
from incidents.errors import BongsuError, LeaseLost
from incidents.policy import Policies
from incidents.ports import Transactions, UnitOfWork
from incidents.statistics import SOON

logger = logging.getLogger(__name__)

Rest = Callable[[float], Awaitable[object]]
"""Waits so many seconds."""
T = TypeVar("T")

MOST_PLACES = 2000
"""Of a day. Beyond, the rarest are counted as (other), by severity alone."""
_EPISODES_AT_ONCE = 500
"""What the event loop can bear at once."""
_REST_FOR_WORK = 1
"""Seconds for each second of work."""
_REST_AFTER = 10
"""After a run, for each second that it took: of the time, no more than a tenth goes into it."""
_SOONEST = timedelta(seconds=50)
_PATIENCE = timedelta(seconds=15)
_LAG = timedelta(seconds=60)
"""What is younger may not have been committed yet, as with the hourly sums."""
_LOOK_AGAIN_SECONDS = 0.1
_TICK = timedelta(microseconds=1)
_PARTS = tuple(chain.from_iterable(combinations(Cell._fields, n) for n in range(len(Cell._fields) + 1)))


class DailyFigures:
    """Any number of processes may run it: one at a time counts."""

    def __init__(
        self,
        transactions: Transactions,
        policies: Policies,
        *,
        lag: timedelta = _LAG,
        at_once: int = _EPISODES_AT_ONCE,
        places: int = MOST_PLACES,
        rest: Rest = asyncio.sleep,
    ) -> None:
        self._transactions = transactions
        self._policies = policies
        self._holder = uuid4().hex
        self._lag = lag
        self._at_once = at_once
        self._places = places
        self._rest = rest

    async def run(self) -> None:
        """One tick. Where the database is away, or somebody else counts, a later one makes up for it."""
        try:
            await self.count(even_at_rest=False)
        except BongsuError as error:
            logger.warning("figures wait", extra={"action": "figures_wait", "error": str(error)})

    async def catch_up(self) -> None:
        """Until all is counted that is known by now, by whomever. Raises Unavailable."""
        wanted = (await self._write(lambda uow: uow.daily_figures.due(self._lag))).horizon
        while True:
            try:
                await self.count()
            except LeaseLost:
                logger.info("another process counts the figures", extra={"action": "figures_left"})
            if (await self._write(lambda uow: uow.daily_figures.due(self._lag))).mark >= wanted:
                return
            await self._rest(_LOOK_AGAIN_SECONDS)

    async def rebuild(self, since: datetime | None) -> datetime:
        """Count anew from that day on, while others go on counting; from when it was. Raises Unavailable."""
        begun = await self._write(lambda uow: uow.daily_figures.start_over(since))
        await self.catch_up()
        return begun.astimezone(UTC)

    async def count(self, *, even_at_rest: bool = True) -> bool:
        """Bring the days up to date in which something has changed. False: another process does, or it was done now.

        Raises LeaseLost, Unavailable.
        """
        fence = await self._write(lambda uow: uow.daily_figures.take(holder=self._holder, even_at_rest=even_at_rest))
        if fence is None:
            return False
        began = time.monotonic()
        await self._days(await self._write(lambda uow: uow.daily_figures.due(self._lag)), fence)
        rest = max(_SOONEST, timedelta(seconds=_REST_AFTER * (time.monotonic() - began)))
        await self._write(lambda uow: uow.daily_figures.finish(fence, rest=rest))
        return True

    async def _days(self, due: Due, fence: int) -> None:
        """Earlier ones first: until the mark has passed what has changed them, it is not forgotten."""
        if due.mark >= due.horizon:
            return
        first = day_of(due.mark - SOON)
        async for day in self._changed(due, first):
            if not await self._day(day, day + DAY, mark=due.mark, to=due.mark, fence=fence):
                return
        day, mark = first, due.mark
        while day < due.horizon:
            day = await self._not_quiet(day, due.horizon)
            end = min(day + DAY, due.horizon)
            if not await self._day(day, end, mark=mark, to=max(mark, end), fence=fence):
                return
            day, mark = day + DAY, max(mark, end)

    async def _changed(self, due: Due, before: datetime) -> AsyncIterator[datetime]:
        """Looked for a day at a time, since the mark may be far behind."""
        since, told = due.mark, set[datetime]()
        while since < due.horizon:
            until = min(since + DAY, due.horizon)
            days = await self._look(since, until, before)
            for day in days:
                if day not in told:
                    told.add(day)
                    yield day
            since = until

    async def _not_quiet(self, day: datetime, horizon: datetime) -> datetime:
        """That day, or the next one of which there is anything to count; the last one in any case."""
        found = await self._read(lambda uow: uow.daily_figures.next_day(day))
        last = day_of(horizon - _TICK)
        return last if found is None else max(day, min(found, last))

    async def _look(self, since: datetime, until: datetime, before: datetime) -> list[datetime]:
        return await self._read(lambda uow: _changed_days(uow, since, until, before))

    async def _day(self, day: datetime, end: datetime, *, mark: datetime, to: datetime, fence: int) -> bool:
        """Count it, and store it; False: somebody has moved the mark, so that all is to be looked at again."""
        tallies = await self._tallied(day, end)
        for rule_uid, place, alerts in await self._read(lambda uow: uow.daily_figures.alerts(day)):
            tallies.add_alerts(rule_uid, place, alerts)
        for one in await self._read(lambda uow: uow.daily_figures.happened(day, end)):
            tallies.add_event(one.rule_uid, one.rule_name, one.cell, one.kind, one.count)
        counted = await self._put_together(day, tallies)
        return await self._write(lambda uow: uow.daily_figures.store(counted, mark=mark, to=to, fence=fence))

    async def _tallied(self, day: datetime, end: datetime) -> Tallies:
        """In pages, at rest for as long as each took, so that it never takes the database for itself."""
        tallies = Tallies(day, end, window=self._policies.current.reopen_window)
        for by, opened_before in ((EpisodeTime.OPENED, None), (EpisodeTime.RESOLVED, day)):
            since = day
            while since < end:
                began = time.monotonic()
                since = await self._page(tallies, by, (since, end), opened_before)
                await self._rest(_REST_FOR_WORK * (time.monotonic() - began))
        return tallies

    async def _page(
        self, tallies: Tallies, by: EpisodeTime, between: tuple[datetime, datetime], opened_before: datetime | None
    ) -> datetime:
        """Where the next one begins."""
        page = await self._read(
            lambda uow: uow.daily_figures.episodes(by, *between, most=self._at_once, opened_before=opened_before)
        )
        tallies.add(page.episodes, now=page.now)
        return page.end

    async def _put_together(self, day: datetime, tallies: Tallies) -> CountedDay:
        """For each question that can be asked, what answers it; others get their turn between them."""
        finest, named = folded(tallies.cells, self._places), _rules(tallies.rules, self._places)
        cells: dict[tuple[str, ...], Mapping[Cell, Tally]] = {}
        rules: dict[tuple[str, ...], Mapping[Rule, Count]] = {}
        for parts in _PARTS:
            cells[parts] = finest if parts == Cell._fields else together(finest, parts)
            rules[parts] = named if parts == Cell._fields else _rules_together(named, parts)
            await self._rest(0)
        return CountedDay(day, cells, rules, places_folded(tallies.places, self._places))

    async def _read(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        return await self._transactions.read(work, patience=_PATIENCE)

    async def _write(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        return await self._transactions.write(work, patience=_PATIENCE)


async def _changed_days(uow: UnitOfWork, since: datetime, until: datetime, before: datetime) -> list[datetime]:
    return list(await uow.daily_figures.changed_days(since, until, before=before))


def _rules(rules: Mapping[Rule, Count], most: int) -> dict[Rule, Count]:
    """The rarest beyond ``most`` are not named."""
    ordered = sorted(rules.items(), key=lambda one: (-one[1].occurrences, -one[1].alerts, one[0]))
    kept = dict(ordered[:most])
    for rule, count in ordered[most:]:
        _add(kept, Rule(OTHER, Cell(OTHER, OTHER, rule.cell.severity)), count)
    return kept


def _rules_together(rules: Mapping[Rule, Count], parts: tuple[str, ...]) -> dict[Rule, Count]:
    """Added up over all but these parts of the place."""
    sums: dict[Rule, Count] = {}
    for rule, count in rules.items():
        _add(sums, Rule(rule.uid, rule.cell.only(parts)), count)
    return sums


def _add(sums: dict[Rule, Count], rule: Rule, count: Count) -> None:
    sums.setdefault(rule, Count()).plus(count)
