"""Incidents: locked in one order by everybody, opened by an upsert, changed by compare-and-set."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import CompoundSelect, Select, bindparam, func, literal, or_, select, union_all

from db import rows
from db.gate import Gate, Row, among, by_index, prepared, prepared_found
from db.queries.counters import take
from db.tables import incidents
from db.types import UtcDateTime
from incidents.errors import Conflict, IncidentGone, IncidentNotFound
from incidents.model import Incident, Status
from incidents.ports import NewIncident


class IncidentQueries:
    """Implements ``incidents.ports.Incidents``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._locked: dict[int, Incident] = {}

    async def get(self, incident_id: int) -> Incident:
        statement = self._gate.select(incidents).where(incidents.c.id == incident_id)
        return _found(await self._gate.row(statement), IncidentGone(incident_id))

    async def by_number(self, number: int) -> Incident:
        statement = self._gate.select(incidents).where(incidents.c.number == number)
        return _found(await self._gate.row(statement), IncidentNotFound(f"INC-{number}"))

    async def lock(self, incident_id: int) -> Incident:
        statement = self._gate.select(incidents).where(incidents.c.id == incident_id).with_for_update()
        row = await self._gate.row(statement)
        await self._hold([row] if row is not None else [])
        return _found(row, IncidentGone(incident_id))

    async def lock_for(self, *, keys: Iterable[str], ids: Iterable[int], resolved_since: datetime) -> list[Incident]:
        # Two statements, since one OR over key and id would make the database scan in an order of its own choice.
        wanted, also = sorted(set(keys)), set(ids)
        known = {"keys": wanted, "since": resolved_since, "all": _ALL}
        told = await self._gate.prepared_rows(_lock_keys(), **known) if wanted else []
        found = sorted(told, key=itemgetter("incident_key", "id"))
        missing = sorted(also - {row["id"] for row in found})
        others = await self._gate.prepared_rows(_lock_ids(), ids=missing) if missing else []
        await self._hold([*found, *others])
        locked = [rows.incident(row) for row in (*found, *others)]
        self._locked.update((incident.id, incident) for incident in locked)
        return locked

    async def open(self, wanted: Sequence[NewIncident]) -> dict[str, tuple[Incident, bool]]:
        ordered = sorted(wanted, key=lambda new: new.incident_key)
        token = uuid.uuid4().hex
        told = [self._new_row(new, token) for new in ordered]
        await self._gate.insert_many_or_keep(incidents, told, unique=("tenant_id", "open_key"))
        found = await self._gate.prepared_rows(_lock_open(), keys=[new.incident_key for new in ordered])
        await self._hold(found)
        return {row["incident_key"]: (rows.incident(row), row["batch_token"] == token) for row in found}

    async def discard(self, ids: Iterable[int]) -> None:
        await self._gate.execute(self._gate.delete(incidents).where(incidents.c.id.in_(sorted(set(ids)))))

    async def next_numbers(self, count: int) -> int:
        return await take(self._gate, "incident_number", count)

    async def open_keys_of(self, rule_uids: Iterable[str]) -> set[str]:
        statement = (
            self._gate.select(incidents, incidents.c.incident_key)
            .where(incidents.c.rule_uid.in_(sorted(set(rule_uids))))
            .where(incidents.c.resolved_time.is_(None))
        )
        return {row["incident_key"] for row in await self._gate.rows(statement)}

    async def count_open(self, rule_uids: Iterable[str], *, most: int) -> tuple[Mapping[str, int], int]:
        rules = sorted({rows.fit({"rule_uid": uid})["rule_uid"] for uid in rule_uids})
        found = await self._gate.prepared_rows(_count_open(), rules=rules, most=most)
        in_all = sum(row["n"] for row in found if row["in_all"])
        return {row["rule_uid"]: row["n"] for row in found if not row["in_all"]}, in_all

    async def any_due(self) -> bool:
        return bool(await self._gate.prepared_rows(_any_due(), now=self._gate.now))

    async def lock_due(self, *, limit: int) -> list[Incident]:
        due = (
            self._gate.select(incidents)
            .where(incidents.c.check_at <= self._gate.now)
            .order_by(incidents.c.check_at, incidents.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        found = await self._gate.rows(due)
        await self._hold(found)
        return [rows.incident(row) for row in found]

    async def lock_free(self, incident_ids: Collection[int]) -> list[Incident]:
        if not incident_ids:
            return []
        free = (
            self._gate.select(incidents)
            .where(incidents.c.id.in_(sorted(set(incident_ids))))
            .order_by(incidents.c.id)
            .with_for_update(skip_locked=True)
        )
        found = await self._gate.rows(free)
        await self._hold(found)
        return [rows.incident(row) for row in found]

    async def open_for_key(self, incident_key: str) -> Incident | None:
        statement = self._gate.select(incidents).where(incidents.c.open_key == incident_key)
        row = await self._gate.row(statement)
        return None if row is None else rows.incident(row)

    async def save(self, incident: Incident, *, expected_version: int) -> None:
        statement = (
            self._gate.update(incidents)
            .where(incidents.c.id == incident.id, incidents.c.version == expected_version)
            .values(**rows.incident_values(incident))
        )
        if await self._gate.changed(statement) != 1:
            raise Conflict(f"{incident.name} is no longer at version {expected_version}")

    async def save_locked(self, changed: Sequence[Incident]) -> None:
        """Of those that nothing has happened to, which is most, only what counts their alerts is written."""
        news, counted = [], []
        for one in sorted(changed, key=lambda incident: incident.id):
            if _is_counted(one, self._locked.get(one.id)):
                counted.append({"id": one.id, **{name: getattr(one, name) for name in _COUNTS}})
            else:
                news.append({"id": one.id, "number": one.number, **rows.bulk_values(one)})
        await self._gate.update_many(incidents, counted)
        await self._gate.update_many(incidents, news)

    async def _hold(self, locked: Sequence[Row]) -> None:
        """What is locked on one node of a cluster is free on the others, until something is written to it.

        So of two that have locked the same, one is rolled back, whatever else they write. The token has done its duty.
        """
        if self._gate.in_cluster and locked:
            these = self._gate.update(incidents).where(incidents.c.id.in_(sorted({row["id"] for row in locked})))
            await self._gate.execute(these.values(batch_token=uuid.uuid4().hex))

    def _new_row(self, new: NewIncident, token: str) -> dict[str, object]:
        now = self._gate.now
        told = {name: getattr(new, name) for name in NewIncident.__slots__ if name != "place"}
        return rows.fit(
            {
                **told,
                **asdict(new.place),
                "status": Status.ACTIVE,
                "last_alert_time": now,
                "created_at": now,
                "alert_count": 0,
                "is_noise": False,
                "flapping": False,
                "episode": 1,
                "version": 1,
                "batch_token": token,
            }
        )


_ALL = 2**62
"""Without a limit MariaDB would not keep the order of a subquery."""
_COUNTS = ("last_alert_time", "alert_count")
_lasting = attrgetter(*(name for name in rows.CHANGING if name not in _COUNTS))


def _is_counted(incident: Incident, locked: Incident | None) -> bool:
    """Whether nothing but the count of its alerts differs from what was read."""
    return locked is not None and bool(_lasting(incident) == _lasting(locked))


@cache
def _any_due() -> Select[Any]:
    now = bindparam("now", type_=UtcDateTime())
    return prepared(incidents, incidents.c.id).where(incidents.c.check_at <= now).limit(1)


@cache
def _lock_keys() -> Select[Any]:
    """Found without a lock in the order of their keys, and in it locked by their ids.

    A search through the index of keys would lock the key behind each of them, too: that is where it finds that there
    are no more. So it would wait for whoever has locked that one, which is as good as any.
    """
    known = (
        prepared(incidents, incidents.c.id)
        .where(incidents.c.incident_key.in_(among("keys")))
        .where(or_(incidents.c.resolved_time.is_(None), incidents.c.resolved_time >= bindparam("since")))
        .with_hint(incidents, by_index("ix_incidents_incident_key"), "mysql")
        .order_by(incidents.c.incident_key, incidents.c.id)
        .limit(bindparam("all"))
        .subquery("known")
    )
    return prepared_found(incidents, known).with_for_update()


@cache
def _lock_ids() -> Select[Any]:
    return prepared(incidents).where(incidents.c.id.in_(among("ids"))).order_by(incidents.c.id).with_for_update()


@cache
def _lock_open() -> Select[Any]:
    by_key = prepared(incidents).where(incidents.c.open_key.in_(among("keys")))
    by_key = by_key.with_hint(incidents, by_index("uq_incidents_open_key"), "mysql")
    return by_key.order_by(incidents.c.open_key).with_for_update()


@cache
def _count_open() -> CompoundSelect[Any]:
    """Both counts in one round trip, each by an index, and neither longer than the limits are wide."""
    of_rule = (
        prepared(incidents, incidents.c.rule_uid, func.count().label("n"), literal(0).label("in_all"))
        .where(incidents.c.rule_uid.in_(among("rules")), incidents.c.resolved_time.is_(None))
        .group_by(incidents.c.rule_uid)
    )
    some = (
        prepared(incidents, incidents.c.id)
        .where(incidents.c.open_key.is_not(None))
        .limit(bindparam("most"))
        .subquery("some")
    )
    return union_all(of_rule, select(literal(""), func.count(), literal(1)).select_from(some))


def _found(row: Row | None, missing: IncidentNotFound) -> Incident:
    if row is None:
        raise missing
    return rows.incident(row)
