"""Alerts: appended, never updated."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam

from db import rows
from db.gate import Gate, among, prepared
from db.tables import alerts
from incidents.arrivals import OrphanResolve, StoredAlert
from incidents.model import AlertStatus


class AlertQueries:
    """Implements ``incidents.arrivals.Alerts``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def add(self, stored: Sequence[StoredAlert], *, deliveries: Mapping[int, int]) -> None:
        now = self._gate.now
        await self._gate.insert_many(alerts, [rows.alert_values(one, deliveries, received_at=now) for one in stored])

    async def orphan_resolves(self, series_keys: Iterable[str], *, since: datetime) -> Mapping[str, OrphanResolve]:
        return {
            row["series_key"]: OrphanResolve(row["series_key"], row["starts_at"], row["ends_at"] or row["received_at"])
            for row in await self._gate.prepared_rows(_orphans(), keys=sorted(set(series_keys)), since=since)
        }

    async def labels_of(self, incident_id: int) -> Mapping[str, str]:
        last = (
            self._gate.select(alerts, alerts.c.labels)
            .where(alerts.c.incident_id == incident_id)
            .order_by(alerts.c.received_at.desc(), alerts.c.id.desc())
            .limit(1)
        )
        return await self._gate.scalar(last) or {}


@cache
def _orphans() -> Select[Any]:
    """A beat of a heartbeat has no incident either, and ends nothing."""
    columns = (alerts.c.series_key, alerts.c.starts_at, alerts.c.ends_at, alerts.c.received_at)
    return (
        prepared(alerts, *columns)
        .where(alerts.c.incident_id.is_(None), alerts.c.received_at >= bindparam("since"))
        .where(alerts.c.status == AlertStatus.RESOLVED.value, alerts.c.series_key.in_(among("keys")))
        .order_by(alerts.c.starts_at, alerts.c.id)
    )
