"""The series of incidents."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, func

from db import rows
from db.gate import Gate, among, prepared
from db.tables import incident_series
from incidents.model import AlertStatus, Incident, Series


class SeriesQueries:
    """Implements ``incidents.history.SeriesStore``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._seen: dict[int, Series] = {}

    async def latest(self, keys: Iterable[str]) -> dict[str, Series]:
        wanted = sorted(set(keys))
        found = await self._gate.prepared_rows(_newest(), keys=wanted) if wanted else []
        told = [rows.series(row) for row in found]
        self._seen.update({row["id"]: one for row, one in zip(found, told, strict=True)})
        return {one.key: one for one in told}

    async def save(self, series: Sequence[Series], *, deliveries: Mapping[int, int]) -> None:
        """Of those that were only told again, which is nearly all, only what tells that is written."""
        new, changed, told_again = [], [], []
        for one in sorted(series, key=lambda one: (one.incident_id, one.key)):
            if one.id is None:
                new.append(rows.series_values(one, deliveries))
            elif _is_told_again(one, self._seen.get(one.id)):
                now = rows.told_again_values(one, deliveries)
                told_again.append({"id": one.id, "incident_id": one.incident_id, **now})  # the second is nothing new
            else:
                changed.append({"id": one.id, **rows.series_values(one, deliveries)})
        await self._gate.update_many(incident_series, changed)
        await self._gate.update_many(incident_series, told_again)
        # One that comes back to an incident where it was before is its newest again: that is where it is found.
        await self._gate.replace_many(incident_series, new)

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
        found = await self._gate.prepared_rows(_latest_ends(), ids=ids)
        return {(row["incident_id"], row["ended_episode"]): row["latest"] for row in found}

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


@cache
def _latest_ends() -> Select[Any]:
    of_one = (incident_series.c.incident_id, incident_series.c.ended_episode)
    return (
        prepared(incident_series, *of_one, func.max(incident_series.c.ends_at).label("latest"))
        .where(incident_series.c.incident_id.in_(among("ids")), incident_series.c.ended_episode.is_not(None))
        .where(incident_series.c.is_blind.is_(False))
        .group_by(*of_one)
    )


@cache
def _newest() -> Select[Any]:
    """The row of each series key that was made last."""
    newest = (
        prepared(incident_series, func.max(incident_series.c.id).label("id"))
        .where(incident_series.c.series_key.in_(among("keys")))
        .group_by(incident_series.c.series_key)
        .subquery("newest")
    )
    return prepared(incident_series).join(newest, newest.c.id == incident_series.c.id)


_lasting = attrgetter(*(name for name in Series.__match_args__ if name not in rows.TOLD_AGAIN))


def _is_told_again(series: Series, seen: Series | None) -> bool:
    """Whether nothing but its values and its last alert differs from what was read."""
    return seen is not None and bool(_lasting(series) == _lasting(seen))
