"""Deliveries: what came in, as received."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, func

from db import rows
from db.gate import Gate, among, prepared
from db.tables import alerts, deliveries, incidents
from incidents.model import Delivery, Incident, RejectedDelivery
from incidents.ports import SeenBody, TakenDelivery


class DeliveryQueries:
    """Implements ``incidents.ports.Deliveries``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def lock_bodies(self, bodies: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], SeenBody]:
        # Two lists rather than pairs: MariaDB has no range plan for (a, b) IN, and a lock on a scan locks everything.
        wanted = set(bodies)
        told = await self._gate.rows(
            _lock_bodies(),
            sources=sorted({source for source, _ in wanted}),
            bodies=sorted({sha256 for _, sha256 in wanted}),
        )
        found = {(row["source"], row["newest_sha256"]): row for row in told}
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


@cache
def _lock_bodies() -> Select[Any]:
    columns = (deliveries.c.id, deliveries.c.source, deliveries.c.newest_sha256, deliveries.c.request_id)
    return (
        prepared(deliveries, *columns, deliveries.c.last_seen_at)
        .where(deliveries.c.source.in_(among("sources")), deliveries.c.newest_sha256.in_(among("bodies")))
        .with_for_update()
    )
