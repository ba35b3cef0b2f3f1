"""Lists of incidents for clients, page by page: by indexes, and no page searches more than so many.

Three ways lead to a page. Where the list's own order is an index's and nothing else is asked for, the index is walked.
Where something that is asked for names few incidents, these few are sorted. Else the index is walked in steps that
grow, and what it passes is filtered, up to ``MOST_SEARCHED`` incidents a page.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_

from db import rows
from db.gate import Gate, Row
from db.queries.alert_listing import AlertListing
from db.queries.ordering import GRAVEST_FIRST
from db.queries.past_listing import PastListing
from db.queries.search_words import begun_by, has_word
from db.search_tables import incident_words
from db.tables import incidents
from incidents.listing import IncidentMark, IncidentPage, IncidentsWanted, Sort
from incidents.model import Incident, Severity, Status

FEW = 2000
"""Incidents that are rather sorted than searched for."""
FEW_WITH_WORD = 10_000
"""The same of those that have a word: to walk by costs more for these."""
MOST_SEARCHED = 10_000
_FIRST_STEP = 500
_STEPS_GROW = 5

_c = incidents.c
_TIME = {
    Sort.NEWEST: _c.start_time, Sort.OLDEST: _c.start_time, Sort.LAST_RESOLVED: _c.resolved_time,
    Sort.GRAVEST: _c.start_time,
}  # fmt: skip
_RISING = frozenset({Sort.OLDEST, Sort.NUMBER})
_BY_NUMBER = frozenset({Sort.NUMBER, Sort.LAST_NUMBER})
_BY_START = frozenset({Sort.NEWEST, Sort.OLDEST, Sort.GRAVEST})
_WALKED_BY = {
    Sort.NEWEST: "ix_incidents_start_time", Sort.OLDEST: "ix_incidents_start_time",
    Sort.LAST_RESOLVED: "ix_incidents_resolved_time", Sort.GRAVEST: "ix_incidents_severity",
    Sort.NUMBER: "uq_incidents_number", Sort.LAST_NUMBER: "uq_incidents_number",
}  # fmt: skip
_BEGINS_WITH = ("assignee", "service", "namespace", "cluster", "severity")
"""Each has an index that goes on with start_time: with one value of it, that is walked in the place of all."""
_FOUND_BY = {
    "in_maintenance": "ix_incidents_maintenance_id", "snoozed": "ix_incidents_snoozed_until",
    "status": "ix_incidents_status", "resolved": "ix_incidents_resolved_time",
    "assignee": "ix_incidents_assignee", "service": "ix_incidents_service", "namespace": "ix_incidents_namespace",
    "cluster": "ix_incidents_cluster", "severity": "ix_incidents_severity", "start": "ix_incidents_start_time",
}  # fmt: skip

Conditions = Mapping[str, ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class _Lane:
    """A stretch of ``index``, whose rows come in the list's order. ``severity``: all have this one; None: any."""

    index: str
    within: tuple[ColumnElement[bool], ...] = ()
    severity: Severity | None = None


class ListingQueries(AlertListing, PastListing):
    """Implements ``incidents.listing.Listing``."""

    async def incidents(
        self, wanted: IncidentsWanted, *, sort: Sort, after: IncidentMark | None, limit: int
    ) -> IncidentPage:
        asked = _conditions(self._gate, wanted)
        lanes, rest = _lanes(wanted, asked, sort)
        few = await self._few(wanted, asked) if rest else None
        if few is not None:
            found = await self._gate.rows(_sorted(few, sort, after).limit(limit + 1))
            marks = [_mark(row, sort) for row in found]
            return await self._page(marks, sort, marks[limit - 1] if len(marks) > limit else None, limit)
        return await self._walk(lanes, rest, sort, after, limit)

    async def _few(self, wanted: IncidentsWanted, asked: Conditions) -> Select[Any] | None:
        """All that is asked for, looked for among those that one part of it names; None: no part names few."""
        for name, index in _FOUND_BY.items():
            if name in asked and not _is_common(name, wanted):
                those = self._ids(index, _c.id).where(asked[name])
                if await self._gate.scalar(those.offset(FEW).limit(1)) is None:
                    return self._ids(index).where(*asked.values())
        for word in wanted.words:
            those = self._gate.select(incident_words, incident_words.c.incident_id).where(begun_by(word))
            if await self._gate.scalar(those.offset(FEW_WITH_WORD).limit(1)) is None:
                some = those.distinct().subquery("having_word")
                others = (one for name, one in asked.items() if name != _of_word(word))
                # The words first: left to itself MariaDB may look each incident's up.
                these = self._ids("PRIMARY").join_from(some, incidents, some.c.incident_id == _c.id)
                return these.prefix_with("STRAIGHT_JOIN", dialect="mysql").where(*others)
        return None

    async def _walk(
        self,
        lanes: Sequence[_Lane],
        rest: Sequence[ColumnElement[bool]],
        sort: Sort,
        after: IncidentMark | None,
        limit: int,
    ) -> IncidentPage:
        found: list[IncidentMark] = []
        left = MOST_SEARCHED
        for lane, begin in _from(lanes, after):
            at, step = begin, _FIRST_STEP
            while True:
                edge = await self._edge(lane, sort, at, min(step, left)) if rest else None
                wanted = limit + 1 - len(found)
                some = self._stretch(lane, sort, at, edge).where(*rest).limit(wanted)
                found += [_mark(row, sort, lane.severity) for row in await self._gate.rows(some)]
                if len(found) > limit:
                    return await self._page(found, sort, found[limit - 1], limit)
                if edge is None:
                    break
                left -= min(step, left)
                if left <= 0:
                    return await self._page(found, sort, edge, limit)
                at, step = edge, step * _STEPS_GROW
        return await self._page(found, sort, None, limit)

    async def _edge(self, lane: _Lane, sort: Sort, at: IncidentMark | None, step: int) -> IncidentMark | None:
        """Where a step of so many ends; None: the lane ends before."""
        row = await self._gate.row(self._stretch(lane, sort, at, None).offset(step - 1).limit(1))
        return None if row is None else _mark(row, sort, lane.severity)

    def _stretch(self, lane: _Lane, sort: Sort, at: IncidentMark | None, edge: IncidentMark | None) -> Select[Any]:
        """What comes behind ``at`` up to ``edge``, which is part of it."""
        within = [*lane.within]
        if at is not None:
            within += _beyond(sort, at)
        if edge is not None:
            within += _up_to(sort, edge)
        keys = [_c.number] if sort in _BY_NUMBER else [_TIME[sort], _c.id]
        return self._ids(lane.index, *keys, _c.id).where(*within).order_by(*_directed(keys, sort))

    def _ids(self, index: str, *columns: ColumnElement[Any]) -> Select[Any]:
        read = columns or (_c.id, _c.number, _c.start_time, _c.resolved_time, _c.severity)
        return self._gate.select(incidents, *dict.fromkeys(read)).with_hint(
            incidents, f"FORCE INDEX ({index})", "mysql"
        )

    async def _page(
        self, marks: Sequence[IncidentMark], sort: Sort, after: IncidentMark | None, limit: int
    ) -> IncidentPage:
        by = _c.number if sort in _BY_NUMBER else _c.id
        ids = [mark.id for mark in marks[:limit]]
        found = await self._gate.rows(self._gate.select(incidents).where(by.in_(ids))) if ids else []
        told: dict[int, Incident] = {row[by.name]: rows.incident(row) for row in found}
        return IncidentPage([told[id_] for id_ in ids if id_ in told], after)


def _conditions(gate: Gate, wanted: IncidentsWanted) -> dict[str, ColumnElement[bool]]:
    """By name, what is asked for."""
    several = {
        "status": (_c.status, wanted.statuses), "severity": (_c.severity, wanted.severities),
        "cluster": (_c.cluster, wanted.clusters), "namespace": (_c.namespace, wanted.namespaces),
        "service": (_c.service, wanted.services), "phase": (_c.phase, wanted.phases),
        "source": (_c.source, wanted.sources),
    }  # fmt: skip
    told: dict[str, ColumnElement[bool]] = {
        name: column.in_(sorted(values)) for name, (column, values) in several.items() if values
    }
    if wanted.assignee is not None or wanted.unassigned:
        told["assignee"] = _c.assignee.is_(None) if wanted.unassigned else _c.assignee == wanted.assignee
    for name, column, is_so in (("noise", _c.is_noise, wanted.noise), ("flapping", _c.flapping, wanted.flapping)):
        if is_so is not None:
            told[name] = column.is_(is_so)
    if wanted.in_maintenance is not None:
        told["in_maintenance"] = _c.maintenance_id > 0 if wanted.in_maintenance else _c.maintenance_id.is_(None)
    if wanted.snoozed is not None:
        awake = or_(_c.snoozed_until.is_(None), _c.snoozed_until <= gate.now)
        told["snoozed"] = _c.snoozed_until > gate.now if wanted.snoozed else awake
    for name, column, since, until in (
        ("start", _c.start_time, wanted.since, wanted.until),
        ("resolved", _c.resolved_time, wanted.resolved_since, wanted.resolved_until),
    ):
        ends: list[ColumnElement[bool]] = [column >= since] if since is not None else []
        ends += [column < until] if until is not None else []
        if ends:
            told[name] = and_(*ends)
    return told | {_of_word(word): has_word(gate, word) for word in wanted.words}


def _of_word(word: str) -> str:
    return f"word {word}"


def _is_common(name: str, wanted: IncidentsWanted) -> bool:
    """What names nearly all, so that it need not be counted."""
    return (
        (name == "status" and Status.RESOLVED in wanted.statuses)
        or (name == "assignee" and wanted.unassigned)
        or (name == "snoozed" and wanted.snoozed is False)
        or (name == "in_maintenance" and wanted.in_maintenance is False)
    )


def _lanes(wanted: IncidentsWanted, asked: Conditions, sort: Sort) -> tuple[list[_Lane], list[ColumnElement[bool]]]:
    """The stretches of an index that are the list's order, and what must be filtered besides."""
    rest = dict(asked)
    within: list[ColumnElement[bool]] = [_c.resolved_time.is_not(None)] if sort is Sort.LAST_RESOLVED else []
    for name, sorts in (("start", _BY_START), ("resolved", {Sort.LAST_RESOLVED})):
        if name in rest and sort in sorts:
            within.append(rest.pop(name))
    if sort is Sort.GRAVEST:
        rest.pop("severity", None)
        graves = [one for one in Severity if not wanted.severities or one in wanted.severities]
        return [_Lane(_WALKED_BY[sort], (_c.severity == one.value, *within), severity=one) for one in graves], list(
            rest.values()
        )
    index = _WALKED_BY[sort]
    first = next((name for name in _BEGINS_WITH if sort in _BY_START and _is_one(name, wanted)), None)
    if first is not None:
        index = _FOUND_BY[first]
        within.append(rest.pop(first))
    return [_Lane(index, tuple(within))], list(rest.values())


def _is_one(name: str, wanted: IncidentsWanted) -> bool:
    """Whether exactly one value of it is asked for."""
    if name == "assignee":
        return wanted.assignee is not None or wanted.unassigned
    values = {
        "service": wanted.services, "namespace": wanted.namespaces, "cluster": wanted.clusters,
        "severity": wanted.severities,
    }[name]  # fmt: skip
    return len(values) == 1


def _from(lanes: Sequence[_Lane], after: IncidentMark | None) -> Iterator[tuple[_Lane, IncidentMark | None]]:
    """The lanes from the one that the mark is in."""
    begun = after is None or len(lanes) == 1
    for lane in lanes:
        is_here = after is not None and (len(lanes) == 1 or lane.severity is after.severity)
        begun = begun or is_here
        if begun:
            yield lane, after if is_here else None


def _beyond(sort: Sort, mark: IncidentMark) -> list[ColumnElement[bool]]:
    """What comes behind it. The first condition alone is what SQLite can walk by."""
    rises = sort in _RISING
    if sort in _BY_NUMBER:
        return [_c.number > mark.id if rises else _c.number < mark.id]
    time = _TIME[sort]
    if rises:
        return [time >= mark.at, or_(time > mark.at, and_(time == mark.at, _c.id > mark.id))]
    return [time <= mark.at, or_(time < mark.at, and_(time == mark.at, _c.id < mark.id))]


def _up_to(sort: Sort, mark: IncidentMark) -> list[ColumnElement[bool]]:
    """What comes before it, and itself."""
    rises = sort in _RISING
    if sort in _BY_NUMBER:
        return [_c.number <= mark.id if rises else _c.number >= mark.id]
    time = _TIME[sort]
    if rises:
        return [time <= mark.at, or_(time < mark.at, and_(time == mark.at, _c.id <= mark.id))]
    return [time >= mark.at, or_(time > mark.at, and_(time == mark.at, _c.id >= mark.id))]


def _sorted(statement: Select[Any], sort: Sort, after: IncidentMark | None) -> Select[Any]:
    """Few, in the list's order, from behind the mark."""
    keys = [_c.number] if sort in _BY_NUMBER else [_TIME[sort], _c.id]
    order = _directed(keys, sort)
    if sort is Sort.LAST_RESOLVED:
        statement = statement.where(_c.resolved_time.is_not(None))
    if sort is Sort.GRAVEST:
        order = [GRAVEST_FIRST, *order]
    if after is not None:
        behind = and_(*_beyond(sort, after))
        if sort is Sort.GRAVEST and after.severity is not None:
            rank: ColumnElement[Any] = GRAVEST_FIRST
            than = -after.severity.rank
            behind = or_(rank > than, and_(rank == than, behind))
        statement = statement.where(behind)
    return statement.order_by(*order)


def _directed(keys: Sequence[ColumnElement[Any]], sort: Sort) -> list[ColumnElement[Any]]:
    return [key.asc() if sort in _RISING else key.desc() for key in keys]


def _mark(row: Row, sort: Sort, severity: Severity | None = None) -> IncidentMark:
    if sort in _BY_NUMBER:
        return IncidentMark(row["number"])
    mark = IncidentMark(row["id"], row[_TIME[sort].name])
    if sort is not Sort.GRAVEST:
        return mark
    return replace(mark, severity=severity or Severity(row["severity"]))
