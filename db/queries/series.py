"""The series of incidents."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import func

from db import rows
from db.gate import Gate
from db.tables import incident_series
from incidents.model import Series


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

    async def save(self, series: Sequence[Series], *, deliveries: Mapping[int, int]) -> None:
        ordered = sorted(series, key=lambda one: (one.incident_id, one.key))
        values = [rows.series_values(one, deliveries) for one in ordered]
        known = [{"id": one.id, **told} for one, told in zip(ordered, values, strict=True) if one.id is not None]
        new = [told for one, told in zip(ordered, values, strict=True) if one.id is None]
        await self._gate.update_many(incident_series, known)
        await self._gate.insert_many_or_update(incident_series, new, unique=("incident_id", "series_key"))
