"""What a person's Home shows: pages of what is open, and the last day in numbers. Read, never written.

All that is open is read by its index, and there is never more of it than ``limits.open_incidents``; of the last day no
more than the newest of each kind.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select

from db import rows
from db.gate import Gate, Row
from db.queries.ordering import ACTIVE_FIRST, GRAVEST_FIRST, owner_column
from db.tables import incident_episodes, incidents, outbox
from incidents.homes import (
    NUMBERS_OVER,
    HomeLine,
    HomeView,
    Lines,
    Numbers,
    PageSizes,
    Sample,
    Shelf,
)
from incidents.model import AlertKind, Resolution, Status
from incidents.outbox import OutboxKind

MOST_COUNTED = 10_000
_MOST_SAMPLES = 1_000
OPEN = incidents.c.status.in_((Status.ACTIVE.value, Status.ACKNOWLEDGED.value))
_NO_TEST = incidents.c.kind != AlertKind.TEST.value
_ITS_INCIDENT = and_(
    incidents.c.tenant_id == incident_episodes.c.tenant_id, incidents.c.id == incident_episodes.c.incident_id
)
_any = incident_episodes.alias("any_episode")


class HomeViewQueries:
    """The reading half of ``incidents.homes.Homes``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def view(self, user_id: str, *, page: int, sizes: PageSizes) -> HomeView:
        totals, unacknowledged = await self._counts(user_id)
        pages = max(1, *(-(-totals.get(shelf, 0) // sizes.of(shelf)) for shelf in Shelf))
        page = min(max(page, 0), pages - 1)
        found = {shelf: await self._on(shelf, user_id, page, sizes.of(shelf), totals.get(shelf, 0)) for shelf in Shelf}
        cards = await self._cards([row["id"] for some in found.values() for row in some])
        lines = {shelf: Lines(totals.get(shelf, 0), [_line(row, cards) for row in found[shelf]]) for shelf in Shelf}
        return HomeView(
            person=user_id,
            mine=lines[Shelf.MINE],
            team=lines[Shelf.TEAM],
            snoozed=lines[Shelf.SNOOZED],
            unacknowledged=unacknowledged,
            numbers=await self._numbers(),
            page=page,
            pages=pages,
        )

    async def _counts(self, user_id: str) -> tuple[Mapping[Shelf, int], int]:
        """How many stand on each shelf, and how many of them nobody has acknowledged, snoozed ones apart."""
        shelf = self._shelf(user_id).label("shelf")
        counted = self._gate.select(incidents, shelf, incidents.c.status, func.count().label("n"))
        totals: dict[Shelf, int] = {}
        unacknowledged = 0
        for row in await self._gate.rows(counted.where(OPEN).group_by("shelf", incidents.c.status)):
            where = Shelf(row["shelf"])
            totals[where] = totals.get(where, 0) + row["n"]
            if row["status"] == Status.ACTIVE.value and where is not Shelf.SNOOZED:
                unacknowledged += row["n"]
        return totals, unacknowledged

    async def _on(self, shelf: Shelf, user_id: str, page: int, size: int, total: int) -> Sequence[Row]:
        if page * size >= total:
            return []
        statement = self._gate.select(incidents).where(OPEN, self._shelf(user_id) == shelf.value)
        first = (incidents.c.snoozed_until,) if shelf is Shelf.SNOOZED else (GRAVEST_FIRST, ACTIVE_FIRST)
        ordered = statement.order_by(*first, incidents.c.start_time, incidents.c.id)
        return await self._gate.rows(ordered.limit(size).offset(page * size))

    def _shelf(self, user_id: str) -> ColumnElement[str]:
        return case(
            (incidents.c.snoozed_until > self._gate.now, Shelf.SNOOZED.value),
            (owner_column == user_id, Shelf.MINE.value),
            else_=Shelf.TEAM.value,
        )

    async def _cards(self, incident_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
        """By incident: the first message that shows it, its own card before a roll-up or digest."""
        if not incident_ids:
            return {}
        asked_for = (
            self._gate.select(outbox)
            .where(outbox.c.incident_id.in_(sorted(incident_ids)), outbox.c.kind == OutboxKind.CARD.value)
            .order_by(outbox.c.id.desc())
        )
        found = await self._gate.rows(asked_for)
        elsewhere = {row["shown_in_id"] for row in found if row["ts"] is None and row["shown_in_id"] is not None}
        places = {row["id"]: row for row in await self._by_id(sorted(elsewhere))}
        standing_in = {row["incident_id"]: _place(places.get(row["shown_in_id"])) for row in found if not row["ts"]}
        own = {row["incident_id"]: _place(row) for row in found if row["ts"]}
        return {one: place for one, place in (standing_in | own).items() if place is not None}

    async def _by_id(self, ids: Sequence[int]) -> Sequence[Row]:
        if not ids:
            return []
        return await self._gate.rows(self._gate.select(outbox).where(outbox.c.id.in_(ids)))

    async def _numbers(self) -> Numbers:
        since = self._gate.now - NUMBERS_OVER
        resolved, noise = await self._resolved(since)
        return Numbers(
            opened=await self._opened(since),
            resolved=resolved,
            noise=noise,
            acknowledged=Sample.of(await self._spans(self._acknowledged(since))),
            recovered=Sample.of(await self._spans(self._recovered(since))),
            most=MOST_COUNTED,
        )

    async def _opened(self, since: datetime) -> int:
        first = self._first_episodes(since, incident_episodes.c.tenant_id, incident_episodes.c.id)
        some = first.limit(MOST_COUNTED).subquery("some")
        counted = select(func.count()).select_from(some).where(some.c.tenant_id == self._gate.tenant_id)
        return int(await self._gate.scalar(counted))

    async def _resolved(self, since: datetime) -> tuple[int, int]:
        """Merged ones apart: what they were merged into is resolved in its turn."""
        some = self._resolved_since(since, incidents.c.tenant_id, incidents.c.is_noise).where(
            or_(incidents.c.resolution.is_(None), incidents.c.resolution != Resolution.MERGED.value)
        )
        newest = some.order_by(incidents.c.resolved_time.desc()).limit(MOST_COUNTED).subquery("newest")
        noise = func.sum(case((newest.c.is_noise.is_(True), 1), else_=0))
        counted = select(func.count().label("n"), noise.label("noise")).where(
            newest.c.tenant_id == self._gate.tenant_id
        )
        row = await self._gate.row(counted)
        return (row["n"], int(row["noise"] or 0)) if row else (0, 0)

    def _acknowledged(self, since: datetime) -> Select[Any]:
        """Of the newest that opened since then: those that somebody answered, whichever of their episodes it was in."""
        columns = (incident_episodes.c.tenant_id, incident_episodes.c.incident_id, incident_episodes.c.opened_at)
        some = self._first_episodes(since, *columns).where(incidents.c.is_noise.is_(False))
        newest = some.order_by(incident_episodes.c.opened_at.desc()).limit(_MOST_SAMPLES).subquery("newest")
        spans = self._with_episodes(newest, func.min(newest.c.opened_at), func.min(_any.c.responded_at))
        return spans.where(_any.c.responded_at.is_not(None))

    def _recovered(self, since: datetime) -> Select[Any]:
        """Of the newest that have ended since then: those that really recovered."""
        columns = (incidents.c.tenant_id, incidents.c.id.label("incident_id"))
        really = (incidents.c.is_noise.is_(False), incidents.c.resolution == Resolution.RECOVERED.value)
        some = self._resolved_since(since, *columns).where(*really)
        newest = some.order_by(incidents.c.resolved_time.desc()).limit(_MOST_SAMPLES).subquery("newest")
        return self._with_episodes(newest, func.min(_any.c.started_at), func.max(_any.c.recovered_at))

    def _with_episodes(self, newest: Subquery, began: Any, ended: Any) -> Select[Any]:
        """From when to when each of them went, over all of its episodes."""
        its_own = and_(_any.c.tenant_id == newest.c.tenant_id, _any.c.incident_id == newest.c.incident_id)
        told: Select[Any] = select(began.label("began"), ended.label("ended")).select_from(newest).join(_any, its_own)
        return told.where(newest.c.tenant_id == self._gate.tenant_id).group_by(newest.c.incident_id)

    async def _spans(self, statement: Select[Any]) -> list[timedelta]:
        found = await self._gate.rows(statement)
        return [max(row["ended"] - row["began"], timedelta(0)) for row in found if row["began"] and row["ended"]]

    def _first_episodes(self, since: datetime, *columns: Any) -> Select[Any]:
        return (
            self._gate.select(incident_episodes, *columns)
            .join(incidents, _ITS_INCIDENT)
            .where(incident_episodes.c.opened_at >= since, incident_episodes.c.number == 1, _NO_TEST)
        )

    def _resolved_since(self, since: datetime, *columns: Any) -> Select[Any]:
        return self._gate.select(incidents, *columns).where(incidents.c.resolved_time >= since, _NO_TEST)


def _line(row: Row, cards: Mapping[int, tuple[str, str]]) -> HomeLine:
    return HomeLine(rows.incident(row), cards.get(row["id"]), row.get("snoozed_by"))


def _place(row: Row | None) -> tuple[str, str] | None:
    return (row["channel_id"], row["ts"]) if row is not None and row["ts"] and row["channel_id"] else None
