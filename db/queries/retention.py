"""What is old: found through an index, and deleted by primary keys in small transactions.

Whether a row may go is asked twice: when it is read for the archive, and again under its lock when it is deleted.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Select, Table, and_, func, literal, or_, select, true, type_coerce

from db.approval_tables import approvals
from db.escalation_tables import escalation_steps
from db.gate import Gate, Row
from db.queries import marks
from db.queries.daily_figures import FIGURES_FLOOR, FIGURES_MARK
from db.queries.rollups import ALERTS_MARK, EPISODES_MARK, FLOOR_MARK
from db.queries.work_leases import WorkLease
from db.search_tables import incident_words
from db.tables import (
    alerts,
    deliveries,
    incident_episodes,
    incident_events,
    incident_series,
    incidents,
    key_aliases,
    outbox,
    storm_incidents,
)
from db.thread_tables import former_cards, told_messages
from db.types import JsonText, LongText
from db.webhook_tables import outgoing_webhooks
from incidents.errors import Conflict
from incidents.keeping import Cursor, Json, Kept, OldRows, StoredRow, Walk
from incidents.model import Status

LEASE = timedelta(minutes=5)
"""Renewed with every deletion. What a process that died had begun is taken over after it."""

PARTS = (
    incident_events, incident_episodes, incident_series, key_aliases, outbox, storm_incidents, told_messages,
    former_cards, escalation_steps, outgoing_webhooks, approvals,
)  # fmt: skip
"""What belongs to an incident and goes with it."""
DERIVED = (incident_words,)
"""So does this, which can be made anew from it: it is neither counted nor archived."""

_NAME = "retention"
_BARE_MARK = "retention:bare_deliveries"
_HEAVIEST = 8 * 2**20
_WEIGHT_OF_AN_EVENT = 4096

_TABLES: dict[Kept, tuple[Table, Column[datetime]]] = {
    Kept.ALERTS: (alerts, alerts.c.received_at),
    Kept.BARE_DELIVERIES: (deliveries, deliveries.c.received_at),
    Kept.DELIVERIES: (deliveries, deliveries.c.received_at),
    Kept.INCIDENTS: (incidents, incidents.c.resolved_time),
}


class OldDataQueries:
    """Implements ``incidents.keeping.OldData``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._lease = WorkLease(gate, _NAME, LEASE)

    async def take(self, *, holder: str, even_at_rest: bool) -> int | None:
        return await self._lease.take(holder=holder, even_at_rest=even_at_rest)

    async def finish(self, fence: int, *, rest: timedelta) -> None:
        await self._lease.finish(fence, rest=rest)

    async def give_up(self, before: datetime) -> datetime | None:
        # Under the lock of whoever counts or starts over: of the two, one sees what the other has decided.
        stand = await marks.lock(self._gate, ALERTS_MARK, EPISODES_MARK, wait=True)
        if stand is None:
            return None
        counted = min([*stand.values(), *(await marks.read(self._gate, FIGURES_MARK)).values()])
        await marks.raise_to(self._gate, FLOOR_MARK, min(before, counted))
        return counted

    async def look(self, walk: Walk, *, after: Cursor | None, limit: int, with_rows: bool) -> OldRows:
        scanned = await self._gate.rows(await self._scan(walk, after, limit))
        found = await self._may_go([row["id"] for row in scanned], walk)
        taken, last = _not_too_heavy(scanned, found, full=len(scanned) == limit)
        ids = tuple(row["id"] for row in taken)
        rows = await self._rows(walk, taken) if with_rows and ids else {}
        versions = {row["id"]: row["version"] for row in taken} if walk.kept is Kept.INCIDENTS else {}
        return OldRows(ids, last, versions, await self._counts(walk, ids), rows)

    async def delete(self, walk: Walk, old: OldRows, *, fence: int) -> Mapping[str, int]:
        await self._lease.keep(fence)
        table, _ = _TABLES[walk.kept]
        ids = await self._still_may_go(walk, old)
        if not ids:
            return {}
        if walk.kept is Kept.INCIDENTS:
            await self._give_up_figures(walk.before)
        gone = {}
        for derived in DERIVED if walk.kept is Kept.INCIDENTS else ():
            await self._gate.execute(self._gate.delete(derived).where(derived.c.incident_id.in_(ids)))
        for part in PARTS if walk.kept is Kept.INCIDENTS else ():
            gone[part.name] = await self._gate.changed(self._gate.delete(part).where(part.c.incident_id.in_(ids)))
        _as_many_as_archived(gone, old, ids)
        gone[table.name] = await self._gate.changed(self._gate.delete(table).where(table.c.id.in_(ids)))
        return gone

    async def _give_up_figures(self, before: datetime) -> None:
        """Days in which incidents began or ended that are deleted now can't be counted again."""
        if (await marks.read(self._gate, FIGURES_FLOOR)).get(FIGURES_FLOOR) != before:
            await marks.raise_to(self._gate, FIGURES_FLOOR, before)

    async def walked(self, walk: Walk) -> None:
        if walk.kept is Kept.BARE_DELIVERIES:
            await marks.raise_to(self._gate, _BARE_MARK, walk.before)

    async def oldest(self) -> Mapping[str, datetime]:
        found = {}
        for table, time in _TABLES.values():
            first = self._gate.select(table, time).where(time.is_not(None)).order_by(time).limit(1)
            found[table.name] = await self._gate.scalar(first)
        return {name: time for name, time in found.items() if time is not None}

    async def _scan(self, walk: Walk, after: Cursor | None, limit: int) -> Select[Any]:
        """A stretch of the index by time, whether its rows may go or not."""
        table, time = _TABLES[walk.kept]
        statement = self._gate.select(table, table.c.id, time.label("time")).where(time < walk.before)
        if after is not None:
            later = or_(time > after.time, and_(time == after.time, table.c.id > after.id))
            statement = statement.where(time >= after.time, later)
        elif walk.kept is Kept.BARE_DELIVERIES:
            begun = (await marks.read(self._gate, _BARE_MARK)).get(_BARE_MARK)
            statement = statement.where(true() if begun is None else time >= begun)
        return statement.order_by(time, table.c.id).limit(limit)

    async def _may_go(self, ids: Sequence[int], walk: Walk) -> dict[int, Row]:
        table, _ = _TABLES[walk.kept]
        columns = [table.c.id, _weight(table).label("weight")]
        if table is incidents:
            columns += [incidents.c.version, incidents.c.resolved_time]
        statement = self._gate.select(table, *columns).where(table.c.id.in_(ids), *self._conditions(walk))
        return {row["id"]: row for row in await self._gate.rows(statement)} if ids else {}

    async def _still_may_go(self, walk: Walk, old: OldRows) -> list[int]:
        """Locked. What somebody else has locked stays for the next time, and so does what has changed."""
        table, _ = _TABLES[walk.kept]
        version = incidents.c.version if table is incidents else literal(0).label("version")
        statement = self._gate.select(table, table.c.id, version).where(table.c.id.in_(old.ids))
        locked = statement.where(*self._conditions(walk)).order_by(table.c.id).with_for_update(skip_locked=True)
        found = await self._gate.rows(locked) if old.ids else []
        return [row["id"] for row in found if old.versions.get(row["id"], row["version"]) == row["version"]]

    def _conditions(self, walk: Walk) -> list[Any]:
        if walk.kept is Kept.ALERTS:
            return [alerts.c.received_at < walk.before]
        if walk.kept is Kept.INCIDENTS:
            return self._conditions_of_incidents(walk)
        old = [deliveries.c.received_at < walk.before, deliveries.c.last_seen_at < walk.before]
        if walk.kept is Kept.BARE_DELIVERIES:
            old.append(deliveries.c.status != "processed")
        elif walk.bare_are_gone:
            old.append(deliveries.c.status == "processed")
        return [*old, self._no_alerts(alerts.c.delivery_id == deliveries.c.id, walk)]

    def _conditions_of_incidents(self, walk: Walk) -> list[Any]:
        """Resolved, and nothing points to it any more: no alert, no merged incident, no message that is still due.

        One that was merged waits for the one that holds its series to be as old: until then the merge can be undone.
        """
        child = incidents.alias("child")
        merged = select(child.c.id).where(
            child.c.tenant_id == self._gate.tenant_id, child.c.merged_into_id == incidents.c.id
        )
        holder, alias = incidents.alias("holder"), key_aliases.c
        younger = or_(holder.c.status != Status.RESOLVED.value, holder.c.resolved_time >= walk.before)
        held = (
            self._gate.select(key_aliases, alias.id)
            .join(holder, holder.c.id == alias.incident_id)
            .where(alias.merged_id == incidents.c.id, younger)
        )
        due = self._gate.select(outbox, outbox.c.id).where(
            outbox.c.incident_id == incidents.c.id, outbox.c.due_at.is_not(None)
        )
        return [
            incidents.c.status == Status.RESOLVED.value,
            incidents.c.resolved_time < walk.before,
            self._no_alerts(alerts.c.incident_id == incidents.c.id, walk),
            _none(merged),
            _none(held),
            _none(due),
        ]

    def _no_alerts(self, of_row: Any, walk: Walk) -> Any:
        statement = self._gate.select(alerts, alerts.c.id).where(of_row)
        if walk.alerts_from is not None:
            statement = statement.where(alerts.c.received_at >= walk.alerts_from)
        return _none(statement)

    async def _counts(self, walk: Walk, ids: Sequence[int]) -> Mapping[str, int]:
        table, _ = _TABLES[walk.kept]
        counts = {table.name: len(ids)}
        for part in PARTS if walk.kept is Kept.INCIDENTS and ids else ():
            counted = self._gate.select(part, func.count()).where(part.c.incident_id.in_(ids))
            counts[part.name] = int(await self._gate.scalar(counted))
        return counts

    async def _rows(self, walk: Walk, taken: Sequence[Row]) -> Mapping[tuple[str, date], Sequence[StoredRow]]:
        """In full, by table and day. What belongs to an incident has the day on which that was resolved."""
        table, time = _TABLES[walk.kept]
        ids = [row["id"] for row in taken]
        rows: dict[tuple[str, date], list[StoredRow]] = {}
        for row in await self._stored(table, table.c.id.in_(ids)):
            rows.setdefault((table.name, row[time.name].date()), []).append(row)
        days = {row["id"]: row["resolved_time"].date() for row in taken if walk.kept is Kept.INCIDENTS}
        for part in PARTS if days else ():
            for row in await self._stored(part, part.c.incident_id.in_(ids)):
                rows.setdefault((part.name, days[row["incident_id"]]), []).append(row)
        return rows

    async def _stored(self, table: Table, condition: Any) -> list[dict[str, Any]]:
        told = [column for column in table.c if column.computed is None]
        columns = [type_coerce(c, LongText).label(c.name) if isinstance(c.type, JsonText) else c for c in told]
        found = await self._gate.rows(self._gate.select(table, *columns).where(condition).order_by(table.c.id))
        as_json = {column.name for column in told if isinstance(column.type, JsonText)}
        return [{name: _kept_as_it_is(value, name in as_json) for name, value in row.items()} for row in found]


def _none(of: Select[Any]) -> Any:
    """NOT EXISTS, row by row through an index: with a LIMIT MariaDB can't turn it into one look at the whole table."""
    return of.limit(1).scalar_subquery().is_(None)


def _kept_as_it_is(value: Any, is_json: bool) -> Any:
    return Json(value) if is_json and value is not None else value


def _weight(table: Table) -> Any:
    """About how many bytes a row has, so that a transaction doesn't carry gigabytes."""
    if table is incidents:
        return (incidents.c.event_count + 1) * _WEIGHT_OF_AN_EVENT
    large = [column for column in table.c if isinstance(column.type, JsonText) or column.name == "raw_body"]
    return sum((func.coalesce(func.length(column), 0) for column in large), literal(0))


def _not_too_heavy(scanned: Sequence[Row], found: Mapping[int, Row], *, full: bool) -> tuple[list[Row], Cursor | None]:
    """Those that may go, in their order, up to the weight of one transaction; and where the next stretch begins."""
    taken: list[Row] = []
    weight, last = 0, None
    for row in scanned:
        one = found.get(row["id"])
        weight += int(one["weight"]) if one is not None else 0
        if taken and weight > _HEAVIEST:
            return taken, last
        taken += [one] if one is not None else []
        last = Cursor(row["time"], row["id"])
    return taken, last if full else None


def _as_many_as_archived(gone: Mapping[str, int], old: OldRows, ids: Iterable[int]) -> None:
    """Raises Conflict where a part of an incident came after it was archived: nothing goes that is in no archive."""
    mine = set(ids)
    archived = Counter(table for (table, _), rows in old.rows.items() for row in rows if row.get("incident_id") in mine)
    if old.rows and any(archived[table] != count for table, count in gone.items()):
        raise Conflict("an incident has changed since it was archived")
