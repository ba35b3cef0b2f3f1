"""Windows of maintenance, and the incidents that stand in them. What is over is found by its number alone."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, bindparam, func, or_, select

from db import dialect, rows
from db.gate import Gate, Row, prepared
from db.maintenance_tables import maintenance_windows
from db.queries.home_views import OPEN
from db.tables import incident_episodes, incidents
from db.types import UtcDateTime
from incidents.maintenance.keeping import PastIncidents
from incidents.maintenance.model import NewWindow, Repeat, Scope, Window
from incidents.model import DECLARED, AlertKind, Incident, Place, Severity

_TABLE = maintenance_windows
_MOST_STANDING = 200
"""More than may stand: two that are planned at once may both be the last."""
_PLACE = (incidents.c.cluster, incidents.c.namespace, incidents.c.service, incidents.c.phase)
_ALIKE = (*_PLACE, incidents.c.rule_uid, incidents.c.alert_name, incidents.c.severity)


class MaintenanceQueries:
    """Implements ``incidents.maintenance.keeping.Maintenance``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def add(self, wanted: NewWindow) -> Window:
        keep = dialect.insert_or_keep(self._gate.connection, _TABLE, unique=("tenant_id", "token"))
        await self._gate.execute(keep.values(tenant_id=self._gate.tenant_id, **self._new(wanted)))
        found = await self._gate.row(self._gate.select(_TABLE).where(_TABLE.c.token == wanted.token))
        if found is None:
            raise LookupError(f"a window was not kept: {wanted.token}")
        return _window(found)

    def _new(self, wanted: NewWindow) -> Mapping[str, Any]:
        return {
            "token": wanted.token,
            "scope": dict(wanted.scope.limits()),
            "starts_at": wanted.starts_at,
            "ends_at": wanted.ends_at,
            "repeats": wanted.repeats.value,
            "zone": wanted.zone.key,
            "reason": wanted.reason,
            "channel": wanted.channel,
            "created_by": wanted.by,
            "created_at": self._gate.now,
            "due_at": wanted.starts_at,
        }

    async def get(self, window_id: int) -> Window | None:
        return _found(await self._gate.row(self._gate.select(_TABLE).where(_TABLE.c.id == window_id)))

    async def lock(self, window_id: int) -> Window | None:
        this = self._gate.select(_TABLE).where(_TABLE.c.id == window_id).with_for_update()
        return _found(await self._gate.row(this))

    async def standing(self) -> list[Window]:
        return [_window(row) for row in await self._gate.prepared_rows(_standing())]

    async def over(self, *, before: tuple[datetime, int] | None, limit: int) -> list[Window]:
        """By the index of their ends, backwards: what is older costs no more."""
        over = self._gate.select(_TABLE).where(_TABLE.c.ended_at.is_not(None))
        if before is not None:
            ended_at, window_id = before
            same = and_(_TABLE.c.ended_at == ended_at, _TABLE.c.id < window_id)
            over = over.where(_TABLE.c.ended_at <= ended_at, or_(_TABLE.c.ended_at < ended_at, same))
        newest = over.order_by(_TABLE.c.ended_at.desc(), _TABLE.c.id.desc()).limit(limit)
        return [_window(row) for row in await self._gate.rows(newest)]

    async def save(self, window: Window, *, due_at: datetime | None) -> None:
        now = {
            "ended_at": window.ended_at,
            "ended_by": window.ended_by,
            "under_way": window.under_way,
            "left_firing": list(window.left) or None,
            "left_of": window.left_of,
            "due_at": due_at,
        }
        await self._gate.execute(self._gate.update(_TABLE).where(_TABLE.c.id == window.id).values(**now))

    async def any_due(self) -> bool:
        return bool(await self._gate.prepared_rows(_any_due(), now=self._gate.now))

    async def lock_due(self) -> Window | None:
        first = (
            self._gate.select(_TABLE)
            .where(_TABLE.c.due_at <= self._gate.now)
            .order_by(_TABLE.c.due_at, _TABLE.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return _found(await self._gate.row(first))

    async def unmarked(self) -> list[Incident]:
        free = self._gate.select(incidents).where(
            OPEN, incidents.c.maintenance_id.is_(None), incidents.c.source != DECLARED
        )
        return [rows.incident(row) for row in await self._gate.rows(free)]

    async def marked(self, window_id: int, *, limit: int) -> list[int]:
        theirs = (
            self._gate.select(incidents, incidents.c.id)
            .where(incidents.c.maintenance_id == window_id, incidents.c.resolved_time.is_(None))
            .order_by(incidents.c.id)
            .limit(limit)
        )
        return [row["id"] for row in await self._gate.rows(theirs)]

    async def let_go(self, window_id: int) -> None:
        over = self._gate.update(incidents).where(
            incidents.c.maintenance_id == window_id, incidents.c.resolved_time.is_not(None)
        )
        await self._gate.execute(over.values(maintenance_id=None))

    async def seen(self, incident_ids: Collection[int]) -> list[Incident]:
        these = self._gate.select(incidents).where(incidents.c.id.in_(sorted(set(incident_ids))))
        return [rows.incident(row) for row in await self._gate.rows(these)]

    async def past(self, since: datetime, *, most: int) -> tuple[list[PastIncidents], bool]:
        """The newest episodes by their index, then each incident by its id, once; the sums come back, not the rows."""
        newest = (
            self._gate.select(incident_episodes, incident_episodes.c.tenant_id, incident_episodes.c.incident_id)
            .where(incident_episodes.c.opened_at >= since)
            .order_by(incident_episodes.c.opened_at.desc())
            .limit(most)
            .subquery("newest")
        )
        found = await self._gate.rows(self._sums_of(newest))
        looked_at = sum(row["episodes"] for row in found)
        kept = [_past(row) for row in found if row["source"] != DECLARED and row["kind"] != AlertKind.TEST.value]
        return kept, looked_at >= most

    def _sums_of(self, newest: Any) -> Select[Any]:
        each = (
            select(newest.c.tenant_id, newest.c.incident_id, func.count().label("episodes"))
            .where(newest.c.tenant_id == self._gate.tenant_id)
            .group_by(newest.c.tenant_id, newest.c.incident_id)
            .subquery("each_incident")
        )
        of = and_(incidents.c.tenant_id == each.c.tenant_id, incidents.c.id == each.c.incident_id)
        alike = (*_ALIKE, incidents.c.source, incidents.c.kind)
        return (
            select(
                *alike,
                func.count().label("incidents"),
                func.sum(each.c.episodes).label("episodes"),
                func.sum(incidents.c.alert_count).label("alerts"),
            )
            .select_from(each)
            .join(incidents, of)
            .where(each.c.tenant_id == self._gate.tenant_id)
            .group_by(*alike)
        )


@cache
def _any_due() -> Select[Any]:
    return prepared(_TABLE, _TABLE.c.id).where(_TABLE.c.due_at <= bindparam("now", type_=UtcDateTime())).limit(1)


@cache
def _standing() -> Select[Any]:
    standing = prepared(_TABLE).where(_TABLE.c.ended_at.is_(None))
    return standing.order_by(_TABLE.c.starts_at, _TABLE.c.id).limit(_MOST_STANDING)


def _found(row: Row | None) -> Window | None:
    return None if row is None else _window(row)


def _window(row: Row) -> Window:
    return Window(
        id=row["id"],
        scope=Scope(**{field: tuple(values) for field, values in row["scope"].items()}),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        zone=ZoneInfo(row["zone"]),
        by=row["created_by"],
        channel=row["channel"],
        created_at=row["created_at"],
        repeats=Repeat(row["repeats"]),
        reason=row["reason"],
        ended_at=row["ended_at"],
        ended_by=row["ended_by"],
        under_way=row["under_way"],
        left=tuple(row["left_firing"] or ()),
        left_of=row["left_of"],
    )


def _past(row: Row) -> PastIncidents:
    return PastIncidents(
        place=Place(row["cluster"], row["namespace"], row["service"], row["phase"]),
        rule_uid=row["rule_uid"],
        alert_name=row["alert_name"],
        severity=Severity(row["severity"]),
        incidents=int(row["incidents"]),
        alerts=int(row["alerts"]),
    )
