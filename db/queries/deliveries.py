"""Deliveries: what came in, as received."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import func

from db import rows
from db.gate import Gate
from db.tables import alerts, deliveries, incidents
from incidents.model import Delivery, Incident, RejectedDelivery
from incidents.ports import SeenBody


class DeliveryQueries:
    """Implements ``incidents.ports.Deliveries``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def lock_bodies(self, bodies: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], SeenBody]:
        # Two lists rather than pairs: MariaDB has no range plan for (a, b) IN, and a lock on a scan locks everything.
        wanted = set(bodies)
        statement = (
            self._gate.select(deliveries)
            .where(deliveries.c.source.in_(sorted({source for source, _ in wanted})))
            .where(deliveries.c.newest_sha256.in_(sorted({sha256 for _, sha256 in wanted})))
            .with_for_update()
        )
        found = {(row["source"], row["newest_sha256"]): row for row in await self._gate.rows(statement)}
        return {
            body: SeenBody(row["id"], row["request_id"], row["last_seen_at"])
            for body, row in found.items()
            if body in wanted
        }

    async def incidents_of(self, delivery_id: int) -> Sequence[Incident]:
        arrived = self._gate.select(alerts, alerts.c.incident_id).where(alerts.c.delivery_id == delivery_id)
        statement = self._gate.select(incidents).where(incidents.c.id.in_(arrived)).order_by(incidents.c.number)
        return [rows.incident(row) for row in await self._gate.rows(statement)]

    async def alerts_in(self, delivery_id: int) -> int:
        statement = self._gate.select(alerts, func.count()).where(alerts.c.delivery_id == delivery_id)
        return int(await self._gate.scalar(statement))

    async def add(self, delivery: Delivery, *, after: SeenBody | None) -> int:
        if after is not None:
            before = self._gate.update(deliveries).where(deliveries.c.id == after.delivery_id)
            await self._gate.execute(before.values(newest_sha256=None))
        return await self._insert(
            delivery, status="processed", envelope=dict(delivery.envelope), newest_sha256=delivery.body_sha256
        )

    async def add_duplicate(self, delivery: Delivery, *, of: int) -> int:
        seen = self._gate.update(deliveries).where(deliveries.c.id == of).values(last_seen_at=self._gate.now)
        await self._gate.execute(seen)
        return await self._insert(delivery, status="duplicate", envelope=dict(delivery.envelope), duplicate_of_id=of)

    async def add_rejected(self, rejected: RejectedDelivery) -> int:
        return await self._insert(rejected, status="rejected", error=rejected.error, raw_body=rejected.raw_body)

    async def _insert(self, delivery: Delivery | RejectedDelivery, **values: object) -> int:
        return await self._gate.insert_one(
            deliveries,
            received_at=self._gate.now,
            last_seen_at=self._gate.now,
            source=delivery.source,
            request_id=delivery.request_id,
            headers=dict(delivery.headers),
            body_sha256=delivery.body_sha256,
            **values,
        )
