"""Keeping the figures by day: what is due behind a mark, the episodes of a day, and the rows that stand for it.

The mark at T means: what was opened, resolved or done before T is counted. Days are read without any lock, in pages,
and stored in a transaction that holds the mark; so if anybody has moved it meanwhile, nothing is stored.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import combinations, islice
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, func, select

from base import codec
from db.daily_tables import daily_figures, daily_places, daily_rules, daily_times, hourly_alerts
from db.gate import Gate, Row
from db.queries import marks
from db.queries.daily_rows import rows_of_all_times, rows_of_places, rows_of_times
from db.queries.rollups import ALERTS_MARK
from db.queries.statistics import OF_EPISODES, past_episode
from db.queries.work_leases import WorkLease
from db.tables import alert_rollups, incident_episodes, incident_events, incidents
from incidents.daily.keeping import DAY, CountedDay, Due, EpisodeTime, Happened, Page, day_of
from incidents.daily.packed import TIMES, packed
from incidents.daily.quality import HAPPENED, QUALITY
from incidents.daily.tally import COUNTS, Cell, Place, Tally, cell_of, place_of
from incidents.model import AlertKind, EventKind

FIGURES_MARK = "figures:days"
FIGURES_FLOOR = "figures:floor"
"""Incidents that were resolved before it are deleted: days that began earlier can't be counted again."""
LEASE = timedelta(minutes=2)
"""Renewed with every day that is stored. What a process that died had begun is taken over after it."""
ALL = "all"

_NAME = "figures"
_ROWS_AT_ONCE = 100
_TICK = timedelta(microseconds=1)
_ALTERS_FIGURES = [
    kind.value
    for kind in (
        EventKind.OPENED, EventKind.REOPENED, EventKind.DECLARED, EventKind.ACKNOWLEDGED, EventKind.ASSIGNED,
        EventKind.RESOLVED, EventKind.MARKED_NOISE, EventKind.MARKED_REAL, EventKind.SEVERITY_RAISED,
        EventKind.SEVERITY_SET, EventKind.MERGED, EventKind.ABSORBED, EventKind.UNMERGED, EventKind.SPLIT,
    )
]  # fmt: skip
_episode, _event, _rollup, _time = incident_episodes.c, incident_events.c, alert_rollups.c, daily_times.c


class DailyFigureQueries:
    """Implements ``incidents.daily.keeping.DailyFigures``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._lease = WorkLease(gate, _NAME, LEASE)

    async def take(self, *, holder: str, even_at_rest: bool) -> int | None:
        return await self._lease.take(holder=holder, even_at_rest=even_at_rest)

    async def finish(self, fence: int, *, rest: timedelta) -> None:
        await self._lease.finish(fence, rest=rest)

    async def due(self, lag: timedelta) -> Due:
        """Not beyond the alerts that are counted by the hour, of which a day's are made."""
        known = await marks.read(self._gate, FIGURES_MARK, ALERTS_MARK)
        if FIGURES_MARK not in known:
            await marks.create(self._gate, {FIGURES_MARK: await self._beginning()})
            known = await marks.read(self._gate, FIGURES_MARK, ALERTS_MARK)
        horizon = min([self._gate.now - lag, *(known[name] for name in (ALERTS_MARK,) if name in known)])
        return Due(known[FIGURES_MARK], horizon)

    async def changed_days(self, since: datetime, until: datetime, *, before: datetime) -> Sequence[datetime]:
        statement = (
            self._gate.select(incident_events, _episode.opened_at, _episode.resolved_at)
            .join_from(incident_events, incident_episodes, _event.incident_id == _episode.incident_id)
            .where(_event.at >= since, _event.at < until, _event.kind.in_(_ALTERS_FIGURES))
            .where(_episode.opened_at < before)
            .distinct()
        )
        floor = (await marks.read(self._gate, FIGURES_FLOOR)).get(FIGURES_FLOOR)
        days = {day_of(time) for row in await self._gate.rows(statement) for time in row.values() if time is not None}
        return sorted(day for day in days if day < before and (floor is None or day >= floor))

    async def next_day(self, since: datetime) -> datetime | None:
        stored = self._gate.select(daily_figures, daily_figures.c.day).where(daily_figures.c.grouped_by == ALL)
        firsts = [
            await self._first(incident_episodes, _episode.opened_at, since),
            await self._first(incident_episodes, _episode.resolved_at, since),
            await self._first(alert_rollups, _rollup.hour, since),
            await self._gate.scalar(stored.where(daily_figures.c.day >= since).order_by(daily_figures.c.day).limit(1)),
        ]
        return min((day_of(first) for first in firsts if first is not None), default=None)

    async def episodes(
        self, by: EpisodeTime, since: datetime, until: datetime, *, most: int, opened_before: datetime | None = None
    ) -> Page:
        time, earlier = _episode[by.value], [] if opened_before is None else [_episode.opened_at < opened_before]
        found = self._gate.select(incident_episodes, time).where(time >= since, time < until, *earlier).order_by(time)
        full = await self._gate.scalar(found.offset(most).limit(1))
        end = until if full is None else min(until, max(full, since + _TICK))
        some = self._gate.select(incident_episodes, _episode.incident_id).where(time >= since, time < end, *earlier)
        rows = await self._gate.rows(self._whole(some.distinct()))
        return Page([past_episode(row) for row in rows], end, self._gate.now)

    def _whole(self, wanted: Select[Any]) -> Select[Any]:
        """All episodes of these incidents, which are this tenant's, and so are their episodes."""
        ids = wanted.subquery("ids")
        episodes = incident_episodes.c.incident_id == ids.c.incident_id
        return (
            select(*OF_EPISODES)
            .select_from(ids)
            .join(incident_episodes, episodes)
            .join(incidents, incidents.c.id == ids.c.incident_id)
        )

    async def alerts(self, day: datetime) -> Sequence[tuple[str, Place, int]]:
        by = [_rollup.rule_uid, *(_rollup[part] for part in Place._fields)]
        statement = self._gate.select(alert_rollups, *by, func.sum(_rollup.alerts).label("n"))
        of_day = statement.where(_rollup.hour >= day, _rollup.hour < day + DAY, _rollup.alerts != 0).group_by(*by)
        return [
            (row["rule_uid"], place_of(*(row[part] for part in Place._fields)), int(row["n"]))
            for row in await self._gate.rows(of_day)
        ]

    async def happened(self, since: datetime, until: datetime) -> Sequence[Happened]:
        of_it = (incidents.c.rule_uid, incidents.c.service, incidents.c.cluster, incidents.c.severity, _event.kind)
        columns = (func.max(incidents.c.alert_name).label("name"), func.count().label("n"))
        statement = (
            self._gate.select(incident_events, *of_it, *columns)
            .join_from(incident_events, incidents, incidents.c.id == _event.incident_id)
            .where(_event.at >= since, _event.at < until, _event.kind.in_([kind.value for kind in HAPPENED]))
            .where(incidents.c.kind != AlertKind.TEST.value)
            .group_by(*of_it)
        )
        return [
            Happened(
                row["rule_uid"], row["name"], cell_of(row["service"], row["cluster"], row["severity"]), row["kind"],
                int(row["n"]),
            )
            for row in await self._gate.rows(statement)
        ]  # fmt: skip

    async def store(self, day: CountedDay, *, mark: datetime, to: datetime, fence: int) -> bool:
        await self._lease.keep(fence)
        if await marks.lock(self._gate, FIGURES_MARK, wait=True) != {FIGURES_MARK: mark}:
            return False
        floor = (await marks.read(self._gate, FIGURES_FLOOR)).get(FIGURES_FLOOR)
        if floor is None or day.day >= floor:
            levels = daily_figures.c.grouped_by.in_(LEVELS)
            await self._replace(daily_figures, _rows_of_figures(day), levels, daily_figures.c.day == day.day)
            levels = daily_rules.c.grouped_by.in_(LEVELS)
            await self._replace(daily_rules, _rows_of_rules(day), levels, daily_rules.c.day == day.day)
            await self._store_for_dashboards(day)
        await marks.move(self._gate, FIGURES_MARK, to)
        return True

    async def start_over(self, since: datetime | None) -> datetime:
        beginning = await self._beginning()
        await marks.create(self._gate, {FIGURES_MARK: beginning})
        stand = await marks.lock(self._gate, FIGURES_MARK, wait=True) or {}
        back = beginning if since is None else day_of(since)
        floor = (await marks.read(self._gate, FIGURES_FLOOR)).get(FIGURES_FLOOR)
        if floor is not None:
            back = max(back, day_of(floor - _TICK) + DAY)
        back = min(back, *stand.values())
        await marks.move(self._gate, FIGURES_MARK, back)
        return back

    async def _beginning(self) -> datetime:
        firsts = [
            await self._first(incident_episodes, _episode.opened_at),
            await self._first(alert_rollups, _rollup.hour),
        ]
        return day_of(min((first for first in firsts if first is not None), default=self._gate.now))

    async def _first(self, table: Any, column: Column[Any], since: datetime | None = None) -> Any:
        statement = self._gate.select(table, column).order_by(column).limit(1)
        return await self._gate.scalar(statement if since is None else statement.where(column >= since))

    async def _store_for_dashboards(self, day: CountedDay) -> None:
        """What Grafana reads, which can neither read ``packed`` nor count a million rows."""
        await self._replace(daily_places, rows_of_places(day), daily_places.c.day == day.day)
        for level, rows in (("severity", rows_of_all_times(day)), ("place", rows_of_times(day))):
            of_level = (
                daily_times.c.grouped_by == level,
                daily_times.c.figure.in_(TIMES),
                daily_times.c.day == day.day,
            )
            await self._replace(daily_times, rows, *of_level)
        hours = await self._hours(day.day)
        of_day = (hourly_alerts.c.hour >= day.day, hourly_alerts.c.hour < day.day + DAY)
        await self._replace(hourly_alerts, iter(hours), *of_day)

    async def _hours(self, day: datetime) -> Sequence[Row]:
        sums = [func.sum(_rollup[name]).label(name) for name in ("alerts", "incidents", "reopened")]
        statement = self._gate.select(alert_rollups, _rollup.hour, _rollup.severity, *sums)
        of_day = statement.where(_rollup.hour >= day, _rollup.hour < day + DAY)
        rows = await self._gate.rows(of_day.group_by(_rollup.hour, _rollup.severity))
        return [{**row, **{sum_.name: int(row[sum_.name]) for sum_ in sums}} for row in rows]

    async def _replace(self, table: Any, rows: Iterator[Row], *former: ColumnElement[bool]) -> None:
        """Few at a time: the event loop has others to serve, and to put them into words takes a while."""
        await self._gate.execute(self._gate.delete(table).where(*former))
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            await self._gate.insert_many(table, some)


def level_of(parts: Iterable[str]) -> str:
    """``grouped_by`` of rows that tell these parts of a place apart."""
    wanted = set(parts)
    return ",".join(part for part in Cell._fields if part in wanted) or ALL


LEVELS = [level_of(parts) for n in range(len(Cell._fields) + 1) for parts in combinations(Cell._fields, n)]


def digest(level: str, cell: Cell, *more: str) -> str:
    """Together they are too wide for an index: unique is their SHA-256, the same on every database."""
    return hashlib.sha256(codec.dumps([level, *cell, *more]).encode()).hexdigest()


def _rows_of_figures(day: CountedDay) -> Iterator[Row]:
    for parts, cells in day.cells.items():
        for cell, tally in cells.items():
            yield _place(day.day, level_of(parts), cell) | _figures(tally)


def _figures(tally: Tally) -> dict[str, object]:
    row: dict[str, object] = {name: tally.counts[name] for name in COUNTS} | {"packed": packed(tally)}
    for name in TIMES:
        times = getattr(tally, name)
        spread = times.spread()
        row |= {
            f"{name}_n": times.n,
            f"{name}_seconds": times.seconds,
            f"{name}_median": None if spread.median is None else spread.median.total_seconds(),
            f"{name}_p90": None if spread.p90 is None else spread.p90.total_seconds(),
        }
    return row


def _rows_of_rules(day: CountedDay) -> Iterator[Row]:
    for parts, rules in day.rules.items():
        level = level_of(parts)
        for (uid, cell), count in rules.items():
            told: dict[str, object] = {"rule_uid": uid, "rule_name": count.name}
            told |= {"occurrences": count.occurrences, "alerts": count.alerts}
            told |= {name: count.quality[name] for name in QUALITY}
            yield _place(day.day, level, cell, uid) | told


def _place(day: datetime, level: str, cell: Cell, *more: str) -> dict[str, object]:
    return {"day": day, "dimensions": digest(level, cell, *more), "grouped_by": level, **cell._asdict()}
