"""Who has opened their Home, what Slack shows there, and which process keeps all of them up to date."""

import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Update, bindparam, case, func, or_, select

from db import dialect
from db.gate import Row, prepared
from db.home_tables import app_homes
from db.maintenance_tables import maintenance_windows
from db.queries import lease_rows
from db.queries.home_views import OPEN, HomeViewQueries
from db.queries.ways import Ways
from db.schedule_tables import schedule_overrides
from db.tables import incidents, leases, outbox
from db.types import UtcDateTime
from incidents.homes import FOLLOWED_FOR, NUMBERS_OVER, PAGE_KEPT_FOR, OpenedHome
from incidents.outbox import OutboxKind, Priority
from incidents.rules import pace

_LEASE = "home"
_WAY = "home"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REFRESHED_EVERY = timedelta(minutes=5)
"""Numbers of the last day change by themselves, as it moves on."""
_MOST_RESOLVED = 1_000
_MOST_WAITING = 1_000
_SOONEST = timedelta(milliseconds=50)


class HomeQueries(HomeViewQueries):
    """Implements ``incidents.homes.Homes``."""

    async def world(self) -> str:
        """Every change that people can see raises an incident's version, and a card's link comes with its ``ts``."""
        told = [
            await self._sums(self._open()),
            await self._sums(self._resolved_lately()),
            await self._waiting_cards(),
            await self._sums(self._taken_over()),
            await self._sums(self._in_maintenance()),
            (self._gate.now - _EPOCH) // _REFRESHED_EVERY,
        ]
        return hashlib.sha256(repr(told).encode()).hexdigest()

    async def opened(self, user_id: str, *, language: str | None = None, page: int | None = None) -> None:
        now = self._gate.now
        keep = dialect.insert_or_keep(self._gate.connection, app_homes, unique=("tenant_id", "user_id"))
        new = {"language": language or "", "page": page or 0, "opened_at": now, "failures": 0}
        await self._gate.execute(keep.values(tenant_id=self._gate.tenant_id, user_id=user_id, **new))
        turned_back = case((app_homes.c.opened_at < now - PAGE_KEPT_FOR, 0), else_=app_homes.c.page)
        # In this order: MySQL evaluates assignments from left to right with the values already assigned.
        seen = self._of(user_id).ordered_values(
            (app_homes.c.page, turned_back if page is None else page),
            (app_homes.c.language, app_homes.c.language if language is None else language),
            (app_homes.c.opened_at, now),
            (app_homes.c.world, None),
            (app_homes.c.not_before, None),
        )
        await self._gate.execute(seen)

    async def get(self, user_id: str) -> OpenedHome | None:
        row = await self._gate.row(self._gate.select(app_homes).where(app_homes.c.user_id == user_id))
        return None if row is None else _home(row)

    async def followed(self) -> int:
        [row] = await self._gate.prepared_rows(_followed(), since=self._gate.now - FOLLOWED_FOR)
        return int(row["n"])

    async def outdated(self, world: str, *, limit: int) -> list[str]:
        now = self._gate.now
        statement = (
            self._gate.select(app_homes, app_homes.c.user_id)
            .where(*self._lately(), or_(app_homes.c.world.is_(None), app_homes.c.world != world))
            .where(or_(app_homes.c.not_before.is_(None), app_homes.c.not_before <= now))
            .order_by(app_homes.c.opened_at.desc(), app_homes.c.id)
            .limit(limit)
        )
        return [row["user_id"] for row in await self._gate.rows(statement)]

    async def shown(self, user_id: str, *, world: str, content_sha256: str, view_hash: str | None) -> None:
        now = {"world": world, "content_sha256": content_sha256, "view_hash": view_hash}
        await self._gate.execute(self._of(user_id).values(not_before=None, failures=0, **now))

    async def failed(self, user_id: str, *, wait: timedelta) -> None:
        unknown = {"world": None, "content_sha256": None, "failures": app_homes.c.failures + 1}
        await self._gate.execute(self._of(user_id).values(not_before=self._gate.now + wait, **unknown))

    async def forget(self, user_id: str) -> None:
        await self._gate.execute(self._gate.delete(app_homes).where(app_homes.c.user_id == user_id))

    async def forget_old(self) -> int:
        old = app_homes.c.opened_at < self._gate.now - FOLLOWED_FOR
        return await self._gate.changed(self._gate.delete(app_homes).where(old))

    async def may_publish(self, *, urgent: bool) -> timedelta:
        ways, priority = Ways(self._gate), Priority.CLICK if urgent else Priority.UPDATE
        await ways.look()
        if ways.allows(_WAY, pace.HOMES, priority):
            await ways.take(_WAY, pace.HOMES)
            return timedelta(0)
        return max(ways.opens(_WAY, pace.HOMES, priority), _SOONEST)

    async def close(self, *, wait: timedelta) -> None:
        await Ways(self._gate).close(_WAY, self._gate.now + wait)

    async def lease(self, holder: str, *, until_in: timedelta) -> bool:
        row = await self._gate.row(self._gate.select(leases).where(leases.c.name == _LEASE))
        if row is None:
            await lease_rows.create(self._gate, _LEASE)
            return await self._take_lease(holder, fence=0, until_in=until_in)
        if row["holder"] != holder and row["expires_at"] > self._gate.now:
            return False
        return await self._take_lease(holder, fence=row["fence"], until_in=until_in)

    async def release(self, holder: str) -> None:
        mine = self._gate.update(leases).where(leases.c.name == _LEASE, leases.c.holder == holder)
        await self._gate.execute(mine.values(expires_at=self._gate.now))

    async def _take_lease(self, holder: str, *, fence: int, until_in: timedelta) -> bool:
        """Compare-and-set on the fence: of two processes that saw it free, one gets it."""
        free = self._gate.update(leases).where(leases.c.name == _LEASE, leases.c.fence == fence)
        until = self._gate.now + until_in
        return await self._gate.changed(free.values(holder=holder, fence=fence + 1, expires_at=until)) == 1

    def _resolved_lately(self) -> Select[Any]:
        """The newest of them: what becomes of the others shows when all is refreshed."""
        since = self._gate.now - NUMBERS_OVER
        newest = (
            self._gate.select(incidents, incidents.c.tenant_id, incidents.c.id, incidents.c.version)
            .where(incidents.c.resolved_time >= since)
            .order_by(incidents.c.resolved_time.desc())
            .limit(_MOST_RESOLVED)
            .subquery("newest")
        )
        summed: tuple[ColumnElement[Any], ...] = (func.count(), func.sum(newest.c.id), func.sum(newest.c.version))
        return select(*summed).where(newest.c.tenant_id == self._gate.tenant_id)

    def _open(self) -> Select[Any]:
        snoozed = func.sum(case((incidents.c.snoozed_until > self._gate.now, 1), else_=0))
        summed = (func.count(), func.sum(incidents.c.id), func.sum(incidents.c.version), snoozed)
        return self._gate.select(incidents, *summed).where(OPEN)

    def _taken_over(self) -> Select[Any]:
        """Who is on call by overrides: those that are not over, and those of them that have begun."""
        ends_at, starts_at = schedule_overrides.c.ends_at, schedule_overrides.c.starts_at
        begun = func.sum(case((starts_at <= self._gate.now, 1), else_=0))
        summed = (func.count(), func.sum(schedule_overrides.c.id), begun)
        return self._gate.select(schedule_overrides, *summed).where(ends_at > self._gate.now, ends_at > starts_at)

    def _in_maintenance(self) -> Select[Any]:
        """The windows that stand, and which of them are under way."""
        begun = func.sum(case((maintenance_windows.c.under_way.is_not(None), maintenance_windows.c.id), else_=0))
        summed = (func.count(), func.sum(maintenance_windows.c.id), begun)
        return self._gate.select(maintenance_windows, *summed).where(maintenance_windows.c.ended_at.is_(None))

    async def _sums(self, statement: Select[Any]) -> list[int]:
        [row] = (await self._gate.execute(statement)).all()
        return [int(value or 0) for value in row]

    async def _waiting_cards(self) -> int:
        """Cards that Slack has not taken yet, whose links are not known."""
        some = (
            self._gate.select(outbox, outbox.c.tenant_id, outbox.c.id)
            .where(outbox.c.due_at.is_not(None), outbox.c.kind == OutboxKind.CARD.value, outbox.c.ts.is_(None))
            .limit(_MOST_WAITING)
            .subquery("some")
        )
        counted = select(func.count()).select_from(some).where(some.c.tenant_id == self._gate.tenant_id)
        return int(await self._gate.scalar(counted))

    def _lately(self) -> tuple[ColumnElement[bool], ...]:
        return (app_homes.c.opened_at >= self._gate.now - FOLLOWED_FOR,)

    def _of(self, user_id: str) -> Update:
        return self._gate.update(app_homes).where(app_homes.c.user_id == user_id)


@cache
def _followed() -> Select[Any]:
    since = bindparam("since", type_=UtcDateTime())
    return prepared(app_homes, func.count().label("n")).where(app_homes.c.opened_at >= since)


def _home(row: Row) -> OpenedHome:
    return OpenedHome(
        user_id=row["user_id"],
        language=row["language"],
        page=row["page"],
        content_sha256=row["content_sha256"],
        view_hash=row["view_hash"],
        failures=row["failures"],
    )
