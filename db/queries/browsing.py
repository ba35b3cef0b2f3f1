"""Lists of incidents, page by page: by indexes, and however many there are, no page searches more than so many.

Open ones are bounded by a limit on how many may be open; they are sorted anew for each page. Past ones are walked
through by when they were resolved, and only so far: what a word must be looked for in has no index.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_

from db import rows
from db.gate import Gate, Row
from db.queries.ordering import owner_column
from db.tables import incidents, outbox
from incidents.browse import Filter, Listed, Matching, Page, PageTurn, Position, position_of
from incidents.model import Incident, Severity
from incidents.outbox import OutboxKind

MOST_SEARCHED = 10_000
"""Past incidents of one page."""

_SEARCHED = (
    incidents.c.service, incidents.c.cluster, incidents.c.namespace, incidents.c.phase, incidents.c.title,
    incidents.c.alert_name,
)  # fmt: skip
_rank = case({s.value: s.rank for s in Severity}, value=incidents.c.severity)
_PAST = (incidents.c.resolved_time.desc(), incidents.c.id.desc())
_PAST_BACK = (incidents.c.resolved_time, incidents.c.id)
_OPEN = (_rank.desc(), incidents.c.start_time, incidents.c.id)
_OPEN_BACK = (_rank, incidents.c.start_time.desc(), incidents.c.id.desc())


class BrowsingQueries:
    """The part of ``incidents.views.Views`` that lists."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def page(self, wanted: Filter, *, turn: PageTurn | None = None, limit: int) -> Page:
        walk = self._past_walk(wanted, turn) if wanted.is_past else self._open_walk(wanted, turn)
        statement = walk.statement.where(*self._narrowed(wanted)).order_by(*walk.order).limit(limit + 1)
        found = [rows.incident(row) for row in await self._gate.rows(statement)]
        horizon = await self._horizon(walk)
        if turn is not None and not found and horizon is None:
            return await self.page(wanted, limit=limit)
        shown = found[:limit]
        cards = await self._cards([one.id for one in shown])
        listed = [Listed(one, cards.get(one.id)) for one in shown]
        beyond = position_of(shown[-1], is_past=wanted.is_past) if len(found) > limit else horizon
        behind = _behind(shown, turn, is_past=wanted.is_past)
        total, is_more = await self._total(wanted)
        if turn is not None and turn.back:
            return Page(listed[::-1], total, is_more, on=behind, back=beyond)
        return Page(listed, total, is_more, on=beyond, back=behind)

    async def _total(self, wanted: Filter) -> tuple[int, bool]:
        """How many there are, of past ones among the newest; whether there may be more."""
        walk = self._past_walk(wanted, None) if wanted.is_past else self._open_walk(wanted, None)
        count = walk.statement.where(*self._narrowed(wanted)).with_only_columns(func.count())
        return int(await self._gate.scalar(count)), await self._horizon(walk) is not None

    def _open_walk(self, wanted: Filter, turn: PageTurn | None) -> "_Walk":
        statement = self._gate.select(incidents).where(incidents.c.status.in_(sorted(wanted.statuses)))
        if wanted.within is not None:
            statement = statement.where(incidents.c.start_time >= self._gate.now - wanted.within)
        if turn is None:
            return _Walk(statement, _OPEN)
        if turn.back:
            return _Walk(statement.where(_above(turn.position)), _OPEN_BACK)
        return _Walk(statement.where(_below(turn.position)), _OPEN)

    def _past_walk(self, wanted: Filter, turn: PageTurn | None) -> "_Walk":
        """Only what is searched is joined: told by a condition, MySQL reads on behind it where little is found."""
        order = _PAST_BACK if turn is not None and turn.back else _PAST
        some = self._gate.select(incidents, incidents.c.id, incidents.c.resolved_time).where(*self._resolved(wanted))
        if turn is not None:
            some = some.where(_newer(turn.position) if turn.back else _older(turn.position))
        some = some.order_by(*order)
        searched = some.limit(MOST_SEARCHED).subquery("searched")
        statement = self._gate.select(incidents).join(searched, searched.c.id == incidents.c.id)
        return _Walk(statement, order, some.offset(MOST_SEARCHED - 1).limit(1))

    async def _horizon(self, walk: "_Walk") -> Position | None:
        """The last of those that are searched; None: all are."""
        row = await self._gate.row(walk.last) if walk.last is not None else None
        return None if row is None else Position(row["resolved_time"], row["id"])

    def _resolved(self, wanted: Filter) -> list[ColumnElement[bool]]:
        """Only what is resolved has such a time. Naming the status, too, would tempt MySQL to go by another index."""
        if wanted.within is None:
            return [incidents.c.resolved_time.is_not(None)]
        return [incidents.c.resolved_time >= self._gate.now - wanted.within]

    def _narrowed(self, wanted: Filter) -> list[ColumnElement[bool]]:
        narrowed = [*matching(wanted.matching), *self._of_people(wanted)]
        if wanted.noise:
            narrowed.append(incidents.c.is_noise.is_(True))
        if wanted.snoozed:
            narrowed.append(incidents.c.snoozed_until > self._gate.now)
        return narrowed

    def _of_people(self, wanted: Filter) -> list[ColumnElement[bool]]:
        if wanted.unassigned:
            return [owner_column.is_(None)]
        if wanted.owner is None:
            return []
        is_owner = owner_column == wanted.owner
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
    """Where a page is looked for, and in which order. ``last`` finds the last that is searched, None: all are."""

    statement: Select[Any]
    order: Sequence[ColumnElement[Any]]
    last: Select[Any] | None = None


def matching(wanted: Matching) -> list[ColumnElement[bool]]:
    """For incidents that other conditions make few: words have no index."""
    told = [or_(*(func.lower(column).contains(word, autoescape=True) for column in _SEARCHED)) for word in wanted.words]
    if wanted.severities:
        told.append(incidents.c.severity.in_(sorted(severity.value for severity in wanted.severities)))
    if wanted.services:
        told.append(func.lower(incidents.c.service).in_(wanted.services))
    return told


def _behind(shown: Sequence[Incident], turn: PageTurn | None, *, is_past: bool) -> Position | None:
    """Where one came from. Where nothing is shown, that is the turn's position, its own incident included."""
    if turn is None:
        return None
    if shown:
        return position_of(shown[0], is_past=is_past)
    return replace(turn.position, id=turn.position.id + (1 if turn.back else -1))


def _below(than: Position) -> ColumnElement[bool]:
    """Of open ones: those that come later in the list."""
    time, id_ = incidents.c.start_time, incidents.c.id
    ties = or_(time > than.at, and_(time == than.at, id_ > than.id))
    return or_(_rank < than.rank, and_(_rank == than.rank, ties))


def _above(than: Position) -> ColumnElement[bool]:
    time, id_ = incidents.c.start_time, incidents.c.id
    ties = or_(time < than.at, and_(time == than.at, id_ < than.id))
    return or_(_rank > than.rank, and_(_rank == than.rank, ties))


def _older(than: Position) -> ColumnElement[bool]:
    """The first comparison says nothing new, but by it the index is entered at the right place."""
    time, id_ = incidents.c.resolved_time, incidents.c.id
    return and_(time <= than.at, or_(time < than.at, id_ < than.id))


def _newer(than: Position) -> ColumnElement[bool]:
    time, id_ = incidents.c.resolved_time, incidents.c.id
    return and_(time >= than.at, or_(time > than.at, id_ > than.id))


def _place(row: Row) -> tuple[str, str]:
    return row["channel_id"], row["ts"]
