"""The series of incidents."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func

from db import dialect, rows
from db.gate import Gate
from db.tables import incident_series
from incidents.model import AlertStatus, Incident, Series


class SeriesQueries:
    """Implements ``incidents.ports.SeriesStore``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def latest(self, keys: Iterable[str]) -> dict[str, Series]:
        newest = (
            self._gate.select(incident_series, func.max(incident_series.c.id).label("id"))
            .where(incident_series.c.series_key.in_(sorted(set(keys))))
            .group_by(incident_series.c.series_key)
        )
        ids = [row["id"] for row in await self._gate.rows(newest)]
        if not ids:
            return {}
        found = await self._gate.rows(self._gate.select(incident_series).where(incident_series.c.id.in_(ids)))
        return {row["series_key"]: rows.series(row) for row in found}

    async def save(self, series: Sequence[Series]) -> None:
        if not series:
            return
        ordered = sorted(series, key=lambda one: (one.incident_id, one.key))
        values = [{"tenant_id": self._gate.tenant_id, **rows.series_values(one)} for one in ordered]
        await self._gate.execute(
            dialect.insert_or_update(
                self._gate.connection, incident_series, unique=("incident_id", "series_key"), rows=values
            )
        )

    async def firing_blindly(self, incident_ids: Iterable[int]) -> list[Series]:
        ids = sorted(set(incident_ids))
        if not ids:
            return []
        statement = (
            self._gate.select(incident_series)
            .where(incident_series.c.incident_id.in_(ids), incident_series.c.status == AlertStatus.FIRING.value)
            .where(incident_series.c.doubt.is_not(None))
        )
        return [rows.series(row) for row in await self._gate.rows(statement)]

    async def latest_ends(self, incident_ids: Iterable[int]) -> Mapping[tuple[int, int], datetime]:
        ids = sorted(set(incident_ids))
        if not ids:
            return {}
        of_one = (incident_series.c.incident_id, incident_series.c.ended_episode)
        statement = (
            self._gate.select(incident_series, *of_one, func.max(incident_series.c.ends_at).label("latest"))
            .where(incident_series.c.incident_id.in_(ids), incident_series.c.ended_episode.is_not(None))
            .where(incident_series.c.is_blind.is_(False))
            .group_by(*of_one)
        )
        return {(row["incident_id"], row["ended_episode"]): row["latest"] for row in await self._gate.rows(statement)}

    async def end_firing(self, incident: Incident) -> None:
        statement = (
            self._gate.update(incident_series)
            .where(incident_series.c.incident_id == incident.id)
            .where(incident_series.c.status == AlertStatus.FIRING.value)
            .values(
                status=AlertStatus.RESOLVED.value, ends_at=self._gate.now, ended_episode=incident.episode, doubt=None
            )
        )
        await self._gate.execute(statement)
