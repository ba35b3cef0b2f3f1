"""What a storm looks like: sums and a short list for its roll-up, pages for who wants all, and whom a click means."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_

from db import rows
from db.gate import Gate, Row, prepared
from db.queries.ordering import GRAVEST_FIRST
from db.tables import incidents, outbox, storm_incidents, storms
from incidents.browse import Listed
from incidents.model import Incident, Severity, Status
from incidents.storms import Member, Storm, StormNotFound, StormPage, StormView

MEMBER_CARD = and_(outbox.c.tenant_id == storm_incidents.c.tenant_id, outbox.c.id == storm_incidents.c.outbox_id)
MEMBER_INCIDENT = and_(
    incidents.c.tenant_id == storm_incidents.c.tenant_id, incidents.c.id == storm_incidents.c.incident_id
)
_OPEN_FIRST = case((incidents.c.status == Status.RESOLVED.value, 1), else_=0)
_WORST_FIRST = (_OPEN_FIRST, GRAVEST_FIRST, incidents.c.start_time, incidents.c.id)


@cache
def _count_under_way() -> Select[Any]:
    return prepared(storms, func.count().label("n")).where(storms.c.open_channel.is_not(None))


class StormViewQueries:
    """The reading half of ``incidents.storms.Storms``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def view(self, storm_id: int, *, worst: int, services: int) -> StormView:
        """The revision is read first: of what comes meanwhile the message shows more than that, never less."""
        shown = await self.get(storm_id)
        where = await self._where(shown)
        named = await self._services(shown)
        return StormView(
            storm=shown,
            rev=shown.rev,
            total=sum(where.values()),
            services=named[:services],
            more_services=len(named[services:]),
            here={status: where.get((_HERE, status), 0) for status in Status},
            coming=_sum_of(_COMING, where),
            digested=_sum_of(_DIGESTED, where),
            worst=await self._worst(shown, worst),
        )

    async def page(self, storm_id: int, *, offset: int, limit: int) -> StormPage:
        shown = await self.get(storm_id)
        total = int(await self._gate.scalar(self._members(shown, func.count())))
        columns = (incidents, outbox.c.channel_id.label("card_channel"), outbox.c.ts.label("card_ts"))
        some = self._members(shown, *columns).order_by(*_WORST_FIRST).limit(limit).offset(offset)
        return StormPage(total, [_listed(row) for row in await self._gate.rows(some)])

    async def members(self, storm_id: int) -> Sequence[Member]:
        statement = (
            self._gate.select(
                storm_incidents,
                storm_incidents.c.incident_id,
                incidents.c.incident_key,
                storm_incidents.c.since_rev,
                storm_incidents.c.episode,
                storm_incidents.c.severity,
            )
            .join(outbox, MEMBER_CARD)
            .join(incidents, MEMBER_INCIDENT)
            .join(storms, and_(storms.c.tenant_id == outbox.c.tenant_id, storms.c.rollup_id == outbox.c.shown_in_id))
            .where(storm_incidents.c.storm_id == storm_id, storms.c.id == storm_id, outbox.c.ts.is_(None))
            .order_by(incidents.c.incident_key)
        )
        return [Member(**{**row, "severity": Severity(row["severity"])}) for row in await self._gate.rows(statement)]

    async def count_under_way(self) -> int:
        [row] = await self._gate.prepared_rows(_count_under_way())
        return int(row["n"])

    async def get(self, storm_id: int) -> Storm:
        statement = (
            self._gate.select(storms, storms, outbox.c.desired_rev)
            .join(outbox, and_(outbox.c.tenant_id == storms.c.tenant_id, outbox.c.id == storms.c.rollup_id))
            .where(storms.c.id == storm_id)
        )
        row = await self._gate.row(statement)
        if row is None:
            raise StormNotFound(storm_id)
        return storm(row, rev=row["desired_rev"])

    async def _where(self, of: Storm) -> Mapping[tuple[str, Status], int]:
        """How many incidents of each status are where."""
        place = case(
            (outbox.c.ts.is_not(None), _CARDED),
            (outbox.c.shown_in_id == of.rollup_id, _HERE),
            (is_coming(of), _COMING),
            else_=_DIGESTED,
        ).label("place")
        counted = self._members(of, place, incidents.c.status, func.count().label("n"))
        found = await self._gate.rows(counted.group_by("place", incidents.c.status))
        return {(row["place"], Status(row["status"])): row["n"] for row in found}

    async def _services(self, of: Storm) -> list[tuple[str, int]]:
        """Largest first; what has none is ``""``."""
        count = func.count().label("n")
        by_service = self._members(of, incidents.c.service, count).group_by(incidents.c.service)
        found = await self._gate.rows(by_service.order_by(count.desc(), incidents.c.service))
        return [(row["service"], row["n"]) for row in found]

    async def _worst(self, of: Storm, limit: int) -> list[Incident]:
        still_open = (
            self._members(of, incidents)
            .where(outbox.c.shown_in_id == of.rollup_id, outbox.c.ts.is_(None))
            .where(incidents.c.status != Status.RESOLVED.value)
        )
        return [rows.incident(row) for row in await self._gate.rows(still_open.order_by(*_WORST_FIRST).limit(limit))]

    def _members(self, of: Storm, *columns: Any) -> Select[Any]:
        return (
            self._gate.select(storm_incidents, *columns)
            .join(outbox, MEMBER_CARD)
            .join(incidents, MEMBER_INCIDENT)
            .where(storm_incidents.c.storm_id == of.id)
        )


_AS_STORED = (
    "id", "channel", "rollup_id", "began_at", "last_new_at", "hot_at", "looked_at", "ended_at", "settled_at", "coming",
    "looks",
)  # fmt: skip
_HERE, _COMING, _CARDED, _DIGESTED = "here", "coming", "carded", "digested"


def is_coming(of: Storm) -> ColumnElement[bool]:
    """Whether the card is on its way. One that a digest shows is so only if somebody has touched it since."""
    elsewhere = and_(outbox.c.shown_in_id != of.rollup_id, outbox.c.due_at.is_not(None))
    return and_(outbox.c.ts.is_(None), or_(outbox.c.shown_in_id.is_(None), elsewhere))


def _sum_of(place: str, where: Mapping[tuple[str, Status], int]) -> int:
    return sum(count for (one, _), count in where.items() if one == place)


def storm(row: Mapping[str, Any], *, rev: int) -> Storm:
    return Storm(**{name: row[name] for name in _AS_STORED}, rev=rev)


def _listed(row: Row) -> Listed:
    card = (row["card_channel"], row["card_ts"]) if row["card_ts"] and row["card_channel"] else None
    return Listed(rows.incident(row), card)
