"""Merging and splitting: series that change their incident, and keys whose alerts go to another."""

import re
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, func, or_

from db import rows
from db.gate import Gate, among, prepared
from db.tables import incident_series, incidents, key_aliases
from incidents.merges import Counts
from incidents.model import AlertStatus, Incident, Resolution, Series, Status

_FIRING_FIRST = case((incident_series.c.status == AlertStatus.FIRING.value, 0), else_=1)
_NUMBER = re.compile(r"(?:#|inc[-_#]?)?0*([1-9][0-9]{0,9})")
_MOVED = ("incident_id", "merged_from_id", "ended_episode")


class MergeQueries:
    """Implements ``incidents.merges.Merges``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def series_of(self, incident_id: int) -> list[Series]:
        newer = incident_series.alias("newer")
        lost = exists().where(
            newer.c.tenant_id == self._gate.tenant_id,
            newer.c.series_key == incident_series.c.series_key,
            newer.c.id > incident_series.c.id,
        )
        return await self._series(self._of(incident_id).where(~lost))

    async def series_merged_from(self, merged_ids: Collection[int], *, within: int) -> list[Series]:
        return await self._series(self._of(within).where(incident_series.c.merged_from_id.in_(sorted(merged_ids))))

    def _of(self, incident_id: int) -> Select[Any]:
        return self._gate.select(incident_series).where(incident_series.c.incident_id == incident_id)

    async def _series(self, statement: Select[Any]) -> list[Series]:
        ordered = statement.order_by(_FIRING_FIRST, incident_series.c.name, incident_series.c.id)
        return [rows.series(row) for row in await self._gate.rows(ordered)]

    async def move(self, series: Sequence[Series]) -> None:
        """What was left behind there of a series that comes back makes room: of each an incident has one row."""
        for incident_id in sorted({one.incident_id for one in series}):
            keys = sorted(one.key for one in series if one.incident_id == incident_id)
            left_behind = self._gate.delete(incident_series).where(
                incident_series.c.incident_id == incident_id, incident_series.c.series_key.in_(keys)
            )
            await self._gate.execute(left_behind)
        told = [{"id": one.id, **{name: getattr(one, name) for name in _MOVED}} for one in series]
        await self._gate.update_many(incident_series, told)

    async def count(self, incident: Incident) -> Counts:
        column = incident_series.c
        ended = and_(column.ended_episode == incident.episode, column.is_blind.is_(False))
        doubt = case((ended, column.doubt))
        firing = and_(column.status == AlertStatus.FIRING.value, column.is_blind.is_(False))
        statement = self._gate.select(
            incident_series,
            doubt.label("why"),
            func.count().label("series"),
            func.sum(case((firing, 1), else_=0)).label("firing"),
        ).where(column.incident_id == incident.id)
        found = await self._gate.rows(statement.group_by("why"))
        return Counts(
            firing=sum(int(row["firing"]) for row in found),
            series=sum(row["series"] for row in found),
            doubts={Resolution(row["why"]): row["series"] for row in found if row["why"]},
        )

    async def merged_into(self, incident_ids: Collection[int]) -> list[Incident]:
        found = await self._gate.prepared_rows(_merged_into(), ids=sorted(incident_ids)) if incident_ids else []
        return [rows.incident(row) for row in found]

    async def candidates(self, words: Collection[str], *, limit: int) -> list[Incident]:
        is_open = incidents.c.status.in_([Status.ACTIVE.value, Status.ACKNOWLEDGED.value])
        statement = self._gate.select(incidents).where(is_open, *(_has(word.casefold()) for word in words))
        newest = statement.order_by(incidents.c.start_time.desc(), incidents.c.id.desc()).limit(limit)
        return [rows.incident(row) for row in await self._gate.rows(newest)]

    async def add_alias(self, merged: Incident, *, into: Incident) -> None:
        alias = key_aliases.c
        came_along = self._gate.update(key_aliases).where(alias.incident_id == merged.id)
        await self._gate.execute(came_along.values(incident_id=into.id))
        row = {"incident_key": merged.incident_key, "incident_id": into.id, "merged_id": merged.id}
        await self._gate.insert_many_or_update(key_aliases, [row], unique=("tenant_id", "merged_id"))

    async def take_back_alias(self, merged: Incident, *, family: Collection[int], within: int) -> None:
        alias = key_aliases.c
        await self._gate.execute(self._gate.delete(key_aliases).where(alias.merged_id == merged.id))
        if family:
            theirs = (alias.incident_id == within, alias.merged_id.in_(sorted(family)))
            await self._gate.execute(self._gate.update(key_aliases).where(*theirs).values(incident_id=merged.id))


@cache
def _merged_into() -> Select[Any]:
    return prepared(incidents).where(incidents.c.merged_into_id.in_(among("ids"))).order_by(incidents.c.id)


def _has(word: str) -> ColumnElement[bool]:
    """Numbers are found by their beginning, as people type them: ``14``, ``#14``, ``INC-14``."""
    texts = (incidents.c.title, incidents.c.alert_name, incidents.c.service, incidents.c.cluster, incidents.c.namespace)
    number = _NUMBER.fullmatch(word)
    numbered = [cast(incidents.c.number, String(20)).startswith(number[1])] if number else []
    return or_(*numbered, *(func.lower(text).contains(word, autoescape=True) for text in texts))
