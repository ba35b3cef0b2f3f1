"""Hourly sums for dashboards, computed window by window behind two marks, never by whoever stores an alert.

A mark at T means: all that was received (opened, resolved) before T is counted, and nothing else. Both are locked by
whoever counts, in the transaction that writes the sums: so each row is counted once, however many processes count.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, and_, case, func, or_

from base import codec
from db import dialect
from db.gate import Gate, Row
from db.queries import marks
from db.tables import alert_rollups, alerts, incident_episodes, incident_events, incidents
from incidents.keeping import RollupLimits, RollupStep
from incidents.model import EventKind, Resolution

ALERTS_MARK = "rollups:alerts"
EPISODES_MARK = "rollups:episodes"
FLOOR_MARK = "retention:floor"
"""Some of what was received before it is deleted: those hours can't be counted again."""
OTHER = "(other)"

_HOUR = timedelta(hours=1)
_TICK = timedelta(microseconds=1)
_AT_ONCE = 500
_KEY = ("tenant_id", "hour", "dimensions")
_FIGURES = ("alerts", "incidents", "reopened", "resolved_untouched")
_ALTERS_FIGURES = [
    *(kind.value for kind in EventKind if kind.name.startswith("SEVERITY")),
    EventKind.ABSORBED.value,
    EventKind.UNMERGED.value,
]
"""A merge may make the other one graver; to undo it takes that back, and may say that an episode ended before."""
_rollup, _alert, _episode, _event = alert_rollups.c, alerts.c, incident_episodes.c, incident_events.c


@dataclass(frozen=True, slots=True)
class _Dimensions:
    rule_uid: str
    service: str
    cluster: str
    severity: str
    namespace: str
    phase: str

    @property
    def digest(self) -> str:
        """Together they are too wide for an index: unique is their SHA-256, the same on every database.

        Where there is neither namespace nor phase it is what it was before these were told apart.
        """
        told = list(astuple(self))
        return hashlib.sha256(codec.dumps(told if self.namespace or self.phase else told[:4]).encode()).hexdigest()

    def folded(self) -> "_Dimensions":
        return _Dimensions(OTHER, OTHER, OTHER, self.severity, OTHER, OTHER)


@dataclass(frozen=True, slots=True)
class _Figures:
    alerts: int = 0
    incidents: int = 0
    reopened: int = 0
    resolved_untouched: int = 0

    def plus(self, other: "_Figures", *, sign: int = 1) -> "_Figures":
        return _Figures(*(a + sign * b for a, b in zip(astuple(self), astuple(other), strict=True)))


@dataclass(slots=True)
class _Sums:
    """Figures by dimensions, in the order in which these first came."""

    of: dict[_Dimensions, _Figures] = field(default_factory=dict)

    def add(self, dimensions: _Dimensions, figures: _Figures) -> None:
        self.of[dimensions] = self.of.get(dimensions, _Figures()).plus(figures)


class RollupQueries:
    """Implements ``incidents.keeping.Rollups``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def count_alerts(self, limits: RollupLimits) -> RollupStep:
        stand = await self._lock()
        if stand is None:
            return RollupStep(busy=True)
        since, horizon = stand[ALERTS_MARK], self._gate.now - limits.lag
        if since >= horizon:
            return RollupStep(counted_until=since)
        start, end = await self._window_of_alerts(since, horizon, limits.rows)
        await self._clear(since, end, ("alerts",))
        sums = await self._alerts_between(start, end)
        sums, folded = await self._fold(_hour(start), sums, limits.distinct)
        await self._add(_hour(start), sums)
        await marks.move(self._gate, ALERTS_MARK, end)
        return RollupStep(counted_until=end, folded=folded, more=end < horizon)

    async def count_episodes(self, limits: RollupLimits) -> RollupStep:
        stand = await self._lock()
        if stand is None:
            return RollupStep(busy=True)
        since, horizon = stand[EPISODES_MARK], self._gate.now - limits.lag
        if since >= horizon:
            return RollupStep(counted_until=since)
        start = await self._first_of_episodes(since, horizon)
        end = horizon if start is None else min(_hour(start) + _HOUR, horizon)
        await self._clear(since, end, _FIGURES[1:])
        for hour in await self._changed_hours(start or end, end):
            await self._count_hour(hour, end, limits.distinct)
        await marks.move(self._gate, EPISODES_MARK, end)
        return RollupStep(counted_until=end, more=end < horizon)

    async def counted_until(self) -> datetime | None:
        found = await marks.read(self._gate, ALERTS_MARK, EPISODES_MARK)
        return min(found.values()) if len(found) == 2 else None

    async def start_over(self, since: datetime | None) -> datetime:
        await marks.create(self._gate, {name: await self._beginning() for name in (ALERTS_MARK, EPISODES_MARK)})
        stand = await marks.lock(self._gate, ALERTS_MARK, EPISODES_MARK, wait=True) or {}
        back = _hour(since or await self._beginning())
        floor = (await marks.read(self._gate, FLOOR_MARK)).get(FLOOR_MARK)
        if floor is not None:
            back = max(back, _hour(floor - _TICK) + _HOUR)
        for name, mark in stand.items():
            await marks.move(self._gate, name, min(mark, back))
        return min(back, *stand.values()) if stand else back

    async def _lock(self) -> dict[str, datetime] | None:
        """Both marks; None where somebody else counts. The first time, they are set to where the data begins."""
        names = (ALERTS_MARK, EPISODES_MARK)
        if len(await marks.read(self._gate, *names)) < 2:
            beginning = await self._beginning()
            await marks.create(self._gate, dict.fromkeys(names, beginning))
        return await marks.lock(self._gate, *names, wait=False)

    async def _beginning(self) -> datetime:
        firsts = [
            await self._first(alerts, _alert.received_at, None),
            await self._first(incident_episodes, _episode.opened_at, None),
        ]
        return _hour(min((first for first in firsts if first is not None), default=self._gate.now))

    async def _first(self, table: Any, column: Column[Any], since: datetime | None, *, skip: int = 0) -> Any:
        """The first time in an index at or after ``since``, or the one ``skip`` rows later; None: there is none."""
        statement = self._gate.select(table, column).order_by(column).limit(1).offset(skip)
        return await self._gate.scalar(statement if since is None else statement.where(column >= since))

    async def _window_of_alerts(self, since: datetime, horizon: datetime, most: int) -> tuple[datetime, datetime]:
        """From the first alert that is not counted: within one hour, and of not many more than ``most`` alerts."""
        first = await self._first(alerts, _alert.received_at, since)
        if first is None or first >= horizon:
            return horizon, horizon
        start = max(since, _hour(first))
        full = await self._first(alerts, _alert.received_at, first, skip=most)
        end = min(_hour(start) + _HOUR, horizon)
        return start, end if full is None else min(end, max(full, first + _TICK))

    async def _first_of_episodes(self, since: datetime, horizon: datetime) -> datetime | None:
        """Where something may have happened to an episode first; None: nothing did before the horizon."""
        firsts = [
            await self._first(incident_episodes, _episode.opened_at, since),
            await self._first(incident_episodes, _episode.resolved_at, since),
            await self._first(incident_events, _event.at, since),
        ]
        first = min((one for one in firsts if one is not None), default=horizon)
        return max(since, _hour(first)) if first < horizon else None

    async def _clear(self, since: datetime, end: datetime, columns: Iterable[str]) -> None:
        """Hours that are entered now: what stands there is of a count that was started over."""
        entered, last = _hour(since - _TICK) + _HOUR, _hour(end - _TICK)
        if entered > last:
            return
        hours = and_(_rollup.hour >= entered, _rollup.hour <= last)
        stale = or_(*(_rollup[name] != 0 for name in columns))
        nothing = dict.fromkeys(columns, 0)
        await self._gate.execute(self._gate.update(alert_rollups).where(hours, stale).values(nothing))
        await self._gate.execute(self._gate.delete(alert_rollups).where(hours, *_EMPTY))

    async def _alerts_between(self, start: datetime, end: datetime) -> _Sums:
        dimensions = [_alert[name] for name in _Dimensions.__slots__]
        statement = (
            self._gate.select(alerts, *dimensions, func.count().label("alerts"))
            .where(_alert.received_at >= start, _alert.received_at < end)
            .group_by(*dimensions)
            .order_by(func.min(_alert.id))
        )
        return _summed(await self._gate.rows(statement) if start < end else [])

    async def _changed_hours(self, start: datetime, end: datetime) -> list[datetime]:
        """Hours of which the count of episodes may have changed: of an end, of a beginning, of a severity."""
        if start >= end:
            return []
        times = [
            await self._first(incident_episodes, _episode.opened_at, start),
            await self._first(incident_episodes, _episode.resolved_at, start),
        ]
        hours = {_hour(time) for time in times if time is not None and time < end}
        for row in await self._gate.rows(self._episodes_whose_figures_changed(start, end)):
            hours |= {_hour(time) for time in (row["opened_at"], row["resolved_at"]) if time is not None and time < end}
        floor = (await marks.read(self._gate, FLOOR_MARK)).get(FLOOR_MARK)
        return sorted(hour for hour in hours if floor is None or hour >= floor)

    def _episodes_whose_figures_changed(self, start: datetime, end: datetime) -> Any:
        same = and_(_event.incident_id == _episode.incident_id, _event.episode == _episode.number)
        return (
            self._gate.select(incident_events, _episode.opened_at, _episode.resolved_at)
            .join_from(incident_events, incident_episodes, same)
            .where(_event.at >= start, _event.at < end, _event.kind.in_(_ALTERS_FIGURES))
            .distinct()
        )

    async def _count_hour(self, hour: datetime, end: datetime, distinct: int) -> None:
        """Bring the figures of one hour's episodes to what they are now: a severity rises after the opening."""
        end = min(hour + _HOUR, end)
        wanted = await self._episodes_between(hour, end)
        known = self._gate.select(alert_rollups).where(_rollup.hour == hour, or_(*_OF_EPISODES))
        stand = _summed(await self._gate.rows(known), figures=_FIGURES[1:])
        wanted, _ = await self._fold(hour, wanted, distinct)
        for dimensions, figures in stand.of.items():
            wanted.of[dimensions] = wanted.of.get(dimensions, _Figures()).plus(figures, sign=-1)
        changed = _Sums({d: f for d, f in wanted.of.items() if f != _Figures()})
        if changed.of:
            await self._add(hour, changed)
            await self._gate.execute(self._gate.delete(alert_rollups).where(_rollup.hour == hour, *_EMPTY))

    async def _episodes_between(self, start: datetime, end: datetime) -> _Sums:
        """By what their incident is about and how grave the episode is by now."""
        sums = _Sums()
        opened = {
            "incidents": func.sum(case((_episode.number == 1, 1), else_=0)),
            "reopened": func.sum(case((_episode.number > 1, 1), else_=0)),
        }
        untouched = or_(_episode.responded_at.is_(None), _episode.responded_at > _episode.resolved_at)
        recovered = and_(_episode.resolution == Resolution.RECOVERED.value, untouched)
        ended = {"resolved_untouched": func.sum(case((recovered, 1), else_=0))}
        for time, figures in ((_episode.opened_at, opened), (_episode.resolved_at, ended)):
            of_it = (incidents.c.rule_uid, incidents.c.service, incidents.c.cluster)
            dimensions = (*of_it, _episode.severity, incidents.c.namespace, incidents.c.phase)
            statement = (
                self._gate.select(incident_episodes, *dimensions, *(f.label(name) for name, f in figures.items()))
                .join_from(incident_episodes, incidents, incidents.c.id == _episode.incident_id)
                .where(time >= start, time < end)
                .group_by(*dimensions)
                .order_by(func.min(_episode.id))
            )
            _summed(await self._gate.rows(statement), into=sums, figures=tuple(figures))
        return sums

    async def _fold(self, hour: datetime, sums: _Sums, distinct: int) -> tuple[_Sums, int]:
        """Labels may have a million values: an hour that has ``distinct`` rows takes no others, but one (other) for
        each severity. The second is how many alerts and episodes went there."""
        of_hour = self._gate.select(alert_rollups, func.count()).where(_rollup.hour == hour)
        if await self._gate.scalar(of_hour) + len(sums.of) <= distinct:
            return sums, 0
        known = self._gate.select(alert_rollups, _rollup.dimensions, _rollup.rule_uid).where(_rollup.hour == hour)
        rows = {row["dimensions"]: row["rule_uid"] for row in await self._gate.rows(known)}
        room = distinct - sum(rule_uid != OTHER for rule_uid in rows.values())
        kept, folded = _Sums(), 0
        for dimensions, figures in sums.of.items():
            if dimensions.digest in rows or room > 0:
                room -= dimensions.digest not in rows
                kept.add(dimensions, figures)
            else:
                kept.add(dimensions.folded(), figures)
                folded += sum(astuple(figures))
        return kept, folded

    async def _add(self, hour: datetime, sums: _Sums) -> None:
        """In the order of their key, as everybody locks them."""
        rows = sorted((self._row(hour, *one) for one in sums.of.items()), key=lambda row: str(row["dimensions"]))
        statement = dialect.insert_or_add(self._gate.connection, alert_rollups, unique=_KEY, add=_FIGURES)
        for first in range(0, len(rows), _AT_ONCE):
            await self._gate.execute(statement, rows[first : first + _AT_ONCE])

    def _row(self, hour: datetime, dimensions: _Dimensions, figures: _Figures) -> dict[str, object]:
        told = {name: getattr(dimensions, name) for name in _Dimensions.__slots__}
        sums = {name: getattr(figures, name) for name in _FIGURES}
        return {"tenant_id": self._gate.tenant_id, "hour": hour, "dimensions": dimensions.digest, **told, **sums}


_EMPTY = [_rollup[name] == 0 for name in _FIGURES]
_OF_EPISODES = [_rollup[name] != 0 for name in _FIGURES[1:]]


def _hour(time: datetime) -> datetime:
    """The beginning of its hour."""
    return time.replace(minute=0, second=0, microsecond=0)


def _summed(rows: Iterable[Row], *, into: _Sums | None = None, figures: tuple[str, ...] = ("alerts",)) -> _Sums:
    """MySQL holds 'a' and 'a ' equal and groups them; so, to count the same on each database, do we."""
    sums = _Sums() if into is None else into
    for row in rows:
        told = (row[name].rstrip(" ") for name in _Dimensions.__slots__)
        counted: Mapping[str, Any] = {name: int(row[name]) for name in figures}
        sums.add(_Dimensions(*told), replace(_Figures(), **counted))
    return sums
