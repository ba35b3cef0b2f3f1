"""Lists of incidents, page by page: by indexes, and however many there are, no page searches more than so many.

Open ones are bounded by a limit on how many may be open; they are sorted anew for each page. Past ones are walked
through by when they were resolved, and only so far: what a word must be looked for in has no index.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_

from db import rows
from db.gate import Gate, Row
from db.tables import incidents, outbox
from incidents.browse import Filter, Listed, Matching, Page, Position, Turn, position_of
from incidents.model import Incident, Severity
from incidents.ports import OutboxKind

MOST_SEARCHED = 10_000
"""Past incidents of one page."""

_SEARCHED = (
    incidents.c.service, incidents.c.cluster, incidents.c.namespace, incidents.c.phase, incidents.c.title,
    incidents.c.alert_name,
)  # fmt: skip
_rank = case({s.value: s.rank for s in Severity}, value=incidents.c.severity)
_owner = func.coalesce(incidents.c.assignee, incidents.c.acknowledged_by)
_PAST = (incidents.c.resolved_time.desc(), incidents.c.id.desc())
_PAST_BACK = (incidents.c.resolved_time, incidents.c.id)
_OPEN = (_rank.desc(), incidents.c.start_time, incidents.c.id)
_OPEN_BACK = (_rank, incidents.c.start_time.desc(), incidents.c.id.desc())


class BrowsingQueries:
    """The part of ``incidents.views.Views`` that lists."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def page(self, wanted: Filter, *, turn: Turn | None = None, limit: int) -> Page:
        walk = await self._past_walk(wanted, turn) if wanted.is_past else _open_walk(turn)
        statement = self._gate.select(incidents).where(*self._filtered(wanted), *walk.where).order_by(*walk.order)
        found = [rows.incident(row) for row in await self._gate.rows(statement.limit(limit + 1))]
        if turn is not None and not found and walk.horizon is None:
            return await self.page(wanted, limit=limit)
        shown = found[:limit]
        cards = await self._cards([one.id for one in shown])
        listed = [Listed(one, cards.get(one.id)) for one in shown]
        beyond = position_of(shown[-1], is_past=wanted.is_past) if len(found) > limit else walk.horizon
        behind = _behind(shown, turn, is_past=wanted.is_past)
        total, is_more = await self._total(wanted)
        if turn is not None and turn.back:
            return Page(listed[::-1], total, is_more, on=behind, back=beyond)
        return Page(listed, total, is_more, on=beyond, back=behind)

    async def _total(self, wanted: Filter) -> tuple[int, bool]:
        """How many there are, of past ones among the newest; whether there may be more."""
        statement = self._gate.select(incidents, func.count()).where(*self._filtered(wanted))
        if not wanted.is_past:
            return int(await self._gate.scalar(statement)), False
        horizon = await self._horizon(wanted, ())
        if horizon is not None:
            statement = statement.where(_down_to(horizon))
        return int(await self._gate.scalar(statement)), horizon is not None

    async def _past_walk(self, wanted: Filter, turn: Turn | None) -> "_Walk":
        back = turn is not None and turn.back
        start = [] if turn is None else [_newer(turn.position) if back else _older(turn.position)]
        horizon = await self._horizon(wanted, start, back=back)
        end = [] if horizon is None else [_up_to(horizon) if back else _down_to(horizon)]
        return _Walk([*start, *end], _PAST_BACK if back else _PAST, horizon)

    async def _horizon(
        self, wanted: Filter, start: Sequence[ColumnElement[bool]], *, back: bool = False
    ) -> Position | None:
        """The last of those that are searched from there; None: all are. Read from the index alone."""
        statement = (
            self._gate.select(incidents, incidents.c.id, incidents.c.resolved_time)
            .where(*self._resolved(wanted), *start)
            .order_by(*(_PAST_BACK if back else _PAST))
            .offset(MOST_SEARCHED - 1)
            .limit(1)
        )
        row = await self._gate.row(statement)
        return None if row is None else Position(row["resolved_time"], row["id"])

    def _resolved(self, wanted: Filter) -> list[ColumnElement[bool]]:
        """Only what is resolved has such a time. Naming the status, too, would tempt MySQL to go by its index."""
        if wanted.within is None:
            return [incidents.c.resolved_time.is_not(None)]
        return [incidents.c.resolved_time >= self._gate.now - wanted.within]

    def _filtered(self, wanted: Filter) -> list[ColumnElement[bool]]:
        narrowed = [*matching(wanted.matching), *self._of_people(wanted)]
        if wanted.noise:
            narrowed.append(incidents.c.is_noise.is_(True))
        if wanted.snoozed:
            narrowed.append(incidents.c.snoozed_until > self._gate.now)
        if wanted.is_past:
            return [*self._resolved(wanted), *narrowed]
        if wanted.within is not None:
            narrowed.append(incidents.c.start_time >= self._gate.now - wanted.within)
        return [incidents.c.status.in_(sorted(status.value for status in wanted.statuses)), *narrowed]

    def _of_people(self, wanted: Filter) -> list[ColumnElement[bool]]:
        if wanted.unassigned:
            return [_owner.is_(None)]
        if wanted.owner is None:
            return []
        is_owner = _owner == wanted.owner
        return [or_(is_owner, incidents.c.resolved_by == wanted.owner) if wanted.is_past else is_owner]

    async def _cards(self, incident_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Each incident's first."""
        if not incident_ids:
            return {}
        statement = (
            self._gate.select(outbox, outbox.c.incident_id, outbox.c.channel_id, outbox.c.ts)
            .where(outbox.c.incident_id.in_(incident_ids), outbox.c.kind == OutboxKind.CARD.value)
            .where(outbox.c.ts.is_not(None), outbox.c.channel_id.is_not(None))
            .order_by(outbox.c.id.desc())
        )
        return {row["incident_id"]: _place(row) for row in await self._gate.rows(statement)}


@dataclass(frozen=True, slots=True)
class _Walk:
    """Where a page is looked for, in which order, and how far; None: to the end."""

    where: Sequence[ColumnElement[bool]]
    order: Sequence[ColumnElement[Any]]
    horizon: Position | None = None


def matching(wanted: Matching) -> list[ColumnElement[bool]]:
    """For incidents that other conditions make few: words have no index."""
    told = [or_(*(func.lower(column).contains(word, autoescape=True) for column in _SEARCHED)) for word in wanted.words]
    if wanted.severities:
        told.append(incidents.c.severity.in_(sorted(severity.value for severity in wanted.severities)))
    return told


def _behind(shown: Sequence[Incident], turn: Turn | None, *, is_past: bool) -> Position | None:
    """Where one came from. Where nothing is shown, that is the turn's position, its own incident included."""
    if turn is None:
        return None
    if shown:
        return position_of(shown[0], is_past=is_past)
    return replace(turn.position, id=turn.position.id + (1 if turn.back else -1))


def _open_walk(turn: Turn | None) -> _Walk:
    if turn is None:
        return _Walk((), _OPEN)
    at, time, id_ = turn.position, incidents.c.start_time, incidents.c.id
    if turn.back:
        ties = or_(time < at.at, and_(time == at.at, id_ < at.id))
        return _Walk([or_(_rank > at.rank, and_(_rank == at.rank, ties))], _OPEN_BACK)
    ties = or_(time > at.at, and_(time == at.at, id_ > at.id))
    return _Walk([or_(_rank < at.rank, and_(_rank == at.rank, ties))], _OPEN)


def _older(than: Position) -> ColumnElement[bool]:
    """The first comparison says nothing new, but by it the index is entered at the right place."""
    time, id_ = incidents.c.resolved_time, incidents.c.id
    return and_(time <= than.at, or_(time < than.at, id_ < than.id))


def _newer(than: Position) -> ColumnElement[bool]:
    time, id_ = incidents.c.resolved_time, incidents.c.id
    return and_(time >= than.at, or_(time > than.at, id_ > than.id))


def _down_to(end: Position) -> ColumnElement[bool]:
    time, id_ = incidents.c.resolved_time, incidents.c.id
    return and_(time >= end.at, or_(time > end.at, id_ >= end.id))


def _up_to(end: Position) -> ColumnElement[bool]:
    time, id_ = incidents.c.resolved_time, incidents.c.id
    return and_(time <= end.at, or_(time < end.at, id_ <= end.id))


def _place(row: Row) -> tuple[str, str]:
    return row["channel_id"], row["ts"]
