"""Deliveries: what came in, as received."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import product
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from db import rows
from db.gate import Gate, Row, among, by_index, prepared
from db.tables import alerts, deliveries, incidents
from incidents.arrivals import SeenBody, StoredRequest, TakenDelivery
from incidents.deliveries import (
    MOST_COUNTED,
    AlertFate,
    DeliveryNotFound,
    DeliveryStatus,
    KeptDelivery,
    PastDelivery,
    Refusals,
)
from incidents.model import Delivery, Incident, RejectedDelivery


class DeliveryQueries:
    """Implements ``incidents.arrivals.Deliveries``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def lock_bodies(self, bodies: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], SeenBody]:
        # Two lists rather than pairs: MariaDB has no range plan for (a, b) IN, and a lock on a scan locks everything.
        wanted = set(bodies)
        told = await self._gate.prepared_rows(
            _lock_bodies(),
            sources=sorted({source for source, _ in wanted}),
            bodies=sorted({sha256 for _, sha256 in wanted}),
        )
        found = {(row["source"], row["newest_sha256"]): row for row in told}
        return {
            body: SeenBody(row["id"], row["request_id"], row["last_seen_at"], row["received_at"])
            for body, row in found.items()
            if body in wanted
        }

    async def stored(self, request_ids: Iterable[str], *, since: datetime) -> Mapping[str, StoredRequest]:
        # By the index of times: requests are looked for only after a run whose outcome is not known, a moment ago.
        columns = (deliveries.c.id, deliveries.c.request_id, deliveries.c.duplicate_of_id)
        statement = self._gate.select(deliveries, *columns).where(
            deliveries.c.received_at >= since, deliveries.c.request_id.in_(sorted(set(request_ids)))
        )
        found = await self._gate.rows(statement)
        return {row["request_id"]: StoredRequest(row["id"], row["duplicate_of_id"]) for row in found}

    async def incidents_of(self, delivery_id: int) -> Sequence[Incident]:
        arrived = self._gate.select(alerts, alerts.c.incident_id).where(alerts.c.delivery_id == delivery_id)
        statement = self._gate.select(incidents).where(incidents.c.id.in_(arrived)).order_by(incidents.c.number)
        return [rows.incident(row) for row in await self._gate.rows(statement)]

    async def alerts_in(self, delivery_id: int) -> int:
        statement = self._gate.select(alerts, func.count()).where(alerts.c.delivery_id == delivery_id)
        return int(await self._gate.scalar(statement))

    async def add(self, taken: Sequence[TakenDelivery]) -> dict[int, int]:
        """The processed before their duplicates, which name their ids."""
        processed = [one for one in taken if one.duplicate_of is None]
        duplicates = [one for one in taken if one.duplicate_of is not None]
        await self._outdate(one.after for one in processed if one.after is not None)
        ids = dict(zip((one.id for one in processed), await self._insert(processed, {}), strict=True))
        await self._see(one.duplicate_of for one in duplicates if one.duplicate_of is not None)
        return ids | dict(zip((one.id for one in duplicates), await self._insert(duplicates, ids), strict=True))

    async def _outdate(self, before: Iterable[int]) -> None:
        """They are no longer the newest with their body. (Those of this very batch never were.)"""
        ids = sorted(one for one in before if one > 0)
        if ids:
            statement = self._gate.update(deliveries).where(deliveries.c.id.in_(ids))
            await self._gate.execute(statement.values(newest_sha256=None))

    async def _see(self, repeated: Iterable[int]) -> None:
        ids = sorted({one for one in repeated if one > 0})
        if ids:
            statement = self._gate.update(deliveries).where(deliveries.c.id.in_(ids))
            await self._gate.execute(statement.values(last_seen_at=self._gate.now))

    async def _insert(self, taken: Sequence[TakenDelivery], ids: Mapping[int, int]) -> list[int]:
        return await self._gate.insert_numbered(
            deliveries,
            [
                {
                    **self._row(one.delivery),
                    "status": "processed" if one.duplicate_of is None else "duplicate",
                    "envelope": dict(one.delivery.envelope),
                    "newest_sha256": one.delivery.body_sha256 if one.is_newest else None,
                    "duplicate_of_id": ids.get(one.duplicate_of, one.duplicate_of) if one.duplicate_of else None,
                }
                for one in taken
            ],
        )

    async def add_rejected(self, rejected: RejectedDelivery) -> int:
        told = {"status": "rejected", "error": rejected.error, "raw_body": rejected.raw_body}
        return await self._gate.insert_one(deliveries, **self._row(rejected), **told)

    async def browse(
        self, *, status: DeliveryStatus | None, sources: Collection[str] | None, since: datetime | None, limit: int
    ) -> list[PastDelivery]:
        columns = [deliveries.c[name] for name in _LISTED]
        statement = self._gate.select(deliveries, *columns).order_by(deliveries.c.id.desc()).limit(limit)
        if status is not None:
            statement = statement.where(deliveries.c.status == status.value)
        if status is DeliveryStatus.REJECTED:
            statement = statement.where(deliveries.c.newest_sha256.is_(None))
        if sources is not None:
            statement = statement.where(deliveries.c.source.in_(sorted(sources)))
        if since is not None:
            statement = statement.where(deliveries.c.received_at >= since)
        return await self._told(await self._gate.rows(statement))

    async def page(
        self,
        *,
        statuses: Collection[DeliveryStatus],
        sources: Collection[str],
        since: datetime | None,
        after: tuple[datetime, int] | None,
        limit: int,
    ) -> list[PastDelivery]:
        """Source by source and status by status, each through the index that has them in their order."""
        received, by = deliveries.c.received_at, [deliveries.c[name] for name in _LISTED]
        statement = self._gate.select(deliveries, *by).order_by(received.desc(), deliveries.c.id.desc()).limit(limit)
        if since is not None:
            statement = statement.where(received >= since)
        if after is not None:
            at, last = after
            statement = statement.where(received <= at, or_(received < at, deliveries.c.id < last))
        if not statuses and not sources:
            return await self._told(await self._gate.rows(_along(statement, "ix_deliveries_received_at")))
        found: list[Row] = []
        for source, status in product(sorted(set(sources)), sorted(set(statuses) or DeliveryStatus)):
            of_these = (deliveries.c.source == source, deliveries.c.status == status.value)
            found += await self._gate.rows(_along(statement.where(*of_these), "ix_deliveries_status"))
        found.sort(key=lambda row: (row["received_at"], row["id"]), reverse=True)
        return await self._told(found[:limit])

    async def _told(self, found: Sequence[Row]) -> list[PastDelivery]:
        arrived = await self._arrived([row["id"] for row in found])
        return [_past(row, arrived.get(row["id"], [])) for row in found]

    async def _arrived(self, delivery_ids: Sequence[int]) -> Mapping[int, list[Row]]:
        """By delivery: how many alerts were stored (``n``) in which incident (``number``, None: in none)."""
        counted = (
            self._gate.select(alerts, alerts.c.delivery_id, incidents.c.number, func.count().label("n"))
            .outerjoin_from(alerts, incidents, incidents.c.id == alerts.c.incident_id)
            .where(alerts.c.delivery_id.in_(delivery_ids))
            .group_by(alerts.c.delivery_id, incidents.c.number)
        )
        by_delivery: dict[int, list[Row]] = {}
        for row in await self._gate.rows(counted) if delivery_ids else []:
            by_delivery.setdefault(row["delivery_id"], []).append(row)
        return by_delivery

    async def get(self, delivery_id: int) -> KeptDelivery:
        return _kept(await self._gate.row(self._one(delivery_id)), delivery_id)

    async def lock(self, delivery_id: int) -> KeptDelivery:
        return _kept(await self._gate.row(self._one(delivery_id).with_for_update()), delivery_id)

    def _one(self, delivery_id: int) -> Select[Any]:
        return self._gate.select(deliveries).where(deliveries.c.id == delivery_id)

    async def fates(self, delivery_id: int, *, limit: int) -> list[AlertFate]:
        statement = (
            self._gate.select(alerts, *(alerts.c[name] for name in _TOLD_OF_ALERTS), incidents.c.number)
            .outerjoin_from(alerts, incidents, incidents.c.id == alerts.c.incident_id)
            .where(alerts.c.delivery_id == delivery_id)
            .order_by(alerts.c.id)
            .limit(limit)
        )
        return [_fate(row) for row in await self._gate.rows(statement)]

    async def mark_replayed(self, delivery_id: int, *, as_id: int) -> None:
        this = self._gate.update(deliveries).where(deliveries.c.id == delivery_id)
        await self._gate.execute(this.values(status=DeliveryStatus.REPLAYED.value, duplicate_of_id=as_id))

    async def refusals(self, source: str, since: datetime, until: datetime) -> Refusals:
        # Every refused row has that NULL: without it only the index of times would help, and an hour may hold millions.
        wanted = and_(
            deliveries.c.source == source,
            deliveries.c.newest_sha256.is_(None),
            deliveries.c.status.in_(_REFUSED),
            deliveries.c.received_at >= since,
            deliveries.c.received_at < until,
        )
        some = self._gate.select(deliveries, deliveries.c.status).where(wanted).limit(MOST_COUNTED + 1).subquery()
        counted = select(some.c.status, func.count().label("n")).group_by(some.c.status)
        counts = {row["status"]: row["n"] for row in await self._gate.rows(counted)}
        newest = (
            self._gate.select(deliveries, deliveries.c.received_at, deliveries.c.error)
            .where(wanted, deliveries.c.status == DeliveryStatus.REJECTED.value)
            .order_by(deliveries.c.id.desc())
        )
        latest = await self._gate.row(newest.limit(1))
        total = sum(counts.values())
        return Refusals(
            count=min(total, MOST_COUNTED),
            replayed=counts.get(DeliveryStatus.REPLAYED.value, 0),
            latest_at=latest["received_at"] if latest else None,
            latest_error=(latest["error"] or "") if latest else "",
            is_more=total > MOST_COUNTED,
        )

    async def latest_clusters(self, *, since: datetime, limit: int) -> list[str]:
        statement = (
            self._gate.select(alerts, alerts.c.cluster)
            .where(alerts.c.received_at >= since)
            .order_by(alerts.c.received_at.desc())
            .limit(limit)
        )
        return [row["cluster"] for row in await self._gate.rows(statement)]

    def _row(self, delivery: Delivery | RejectedDelivery) -> dict[str, object]:
        return {
            "received_at": self._gate.now,
            "last_seen_at": self._gate.now,
            "source": delivery.source,
            "request_id": delivery.request_id,
            "headers": dict(delivery.headers),
            "body_sha256": delivery.body_sha256,
            "default_labels": dict(delivery.default_labels) or None,
        }


def _along(statement: Select[Any], index: str) -> Select[Any]:
    """MariaDB would rather begin with the newest of all, and pass over what lies before the page."""
    return statement.with_hint(deliveries, by_index(index), "mysql")


@cache
def _lock_bodies() -> Select[Any]:
    columns = (deliveries.c.id, deliveries.c.source, deliveries.c.newest_sha256, deliveries.c.request_id)
    return (
        prepared(deliveries, *columns, deliveries.c.last_seen_at, deliveries.c.received_at)
        .where(deliveries.c.source.in_(among("sources")), deliveries.c.newest_sha256.in_(among("bodies")))
        .with_hint(deliveries, by_index("uq_deliveries_newest_sha256"), "mysql")
        .with_for_update()
    )


_LISTED = ("id", "received_at", "source", "status", "duplicate_of_id", "error")
_REFUSED = (DeliveryStatus.REJECTED.value, DeliveryStatus.REPLAYED.value)
_PLACE = ("cluster", "namespace", "service", "phase")
_TOLD_OF_ALERTS = ("alert_name", "status", "reason", "severity", "starts_at", "ends_at", *_PLACE)


def _past(row: Row, arrived: Sequence[Row]) -> PastDelivery:
    return PastDelivery(
        id=row["id"],
        received_at=row["received_at"],
        source=row["source"],
        status=DeliveryStatus(row["status"]),
        other_id=row["duplicate_of_id"],
        error=row["error"],
        alerts=sum(one["n"] for one in arrived),
        incidents=tuple(sorted(one["number"] for one in arrived if one["number"] is not None)),
    )


def _kept(row: Row | None, delivery_id: int) -> KeptDelivery:
    if row is None:
        raise DeliveryNotFound(delivery_id)
    return KeptDelivery(
        id=row["id"],
        received_at=row["received_at"],
        source=row["source"],
        request_id=row["request_id"],
        status=DeliveryStatus(row["status"]),
        other_id=row["duplicate_of_id"],
        error=row["error"],
        headers=row["headers"],
        body_sha256=row["body_sha256"],
        envelope=row["envelope"],
        raw_body=row["raw_body"],
        default_labels=row["default_labels"] or {},
    )


def _fate(row: Row) -> AlertFate:
    return AlertFate(
        name=row["alert_name"],
        status=row["status"],
        reason=row["reason"],
        severity=row["severity"],
        place=[row[part] for part in _PLACE if row[part]],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        incident=row["number"],
    )
