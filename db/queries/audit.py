"""The audit log: written without waiting for anybody, sealed by whoever holds its tenant's chain."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, type_coerce

from db import dialect
from db.audit_tables import audit_chains, audit_log
from db.gate import Gate, Row
from db.tables import incident_events, incidents
from db.types import LongText
from incidents.audit.keeping import Chain, Happened, Place, Reached, Wanted
from incidents.audit.model import RESERVED, Entry, Head, NewEntry, Seal, Sealed
from incidents.audit.sealing import genesis
from incidents.model import SYSTEM

_entry, _event = audit_log.c, incident_events.c
_FEW = 20
_JSON = (_entry.before, _entry.after, _entry.data)


class AuditQueries:
    """Implements ``incidents.audit.keeping.AuditLog``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    @property
    def tenant_id(self) -> int:
        return self._gate.tenant_id

    async def add(self, entries: Sequence[NewEntry]) -> None:
        await self._gate.insert_many(audit_log, [_values(one) for one in entries])

    async def found(self, wanted: Wanted, *, before: Place | None, limit: int) -> list[Entry]:
        statement = self._gate.select(audit_log).where(*_conditions(wanted))
        if before is not None:
            earlier = or_(_entry.at < before.at, and_(_entry.at == before.at, _entry.id < before.id))
            statement = statement.where(_entry.at <= before.at, earlier)
        found = await self._gate.rows(statement.order_by(_entry.at.desc(), _entry.id.desc()).limit(limit))
        return [Entry(row["id"], _told(row), _seal(row) if row["seq"] is not None else None) for row in found]

    async def chain(self) -> Chain:
        row = await self._gate.row(self._gate.select(audit_chains))
        return self._chain(row)

    async def lock_chain(self, *, wait: bool) -> Chain | None:
        if await self._gate.scalar(self._gate.select(audit_chains, audit_chains.c.id)) is None:
            keep = dialect.insert_or_keep(self._gate.connection, audit_chains, unique=("tenant_id",))
            start = {"seq": 0, "hash": "", "keyed": False}
            await self._gate.execute(keep.values(tenant_id=self.tenant_id, **start))
        row = await self._gate.row(self._gate.select(audit_chains).with_for_update(skip_locked=not wait))
        return None if row is None else self._chain(row)

    async def save_chain(self, chain: Chain) -> None:
        reached = chain.reached
        values = {
            "seq": chain.head.seq,
            "hash": chain.head.hash,
            "keyed": chain.head.keyed,
            "events_at": reached.at if reached is not None else None,
            "events_id": reached.event_id if reached is not None else None,
            "told_at": chain.told_at,
        }
        await self._gate.execute(self._gate.update(audit_chains).values(values))

    async def unsealed(self, *, limit: int) -> list[Entry]:
        waiting = self._unsealed().where(_entry.action.not_in(sorted(RESERVED))).order_by(_entry.id).limit(limit)
        return [Entry(row["id"], _told(row)) for row in await self._gate.rows(waiting)]

    async def count_unsealed(self) -> int:
        return int(await self._gate.scalar(self._unsealed(func.count())))

    async def forged(self) -> list[Entry]:
        found = self._unsealed().where(_entry.action.in_(sorted(RESERVED))).order_by(_entry.id).limit(_FEW)
        return [Entry(row["id"], _told(row)) for row in await self._gate.rows(found)]

    async def seal(self, sealed: Sequence[Sealed]) -> None:
        await self._gate.update_many(audit_log, [{"id": one.id, **_seal_values(one.seal)} for one in sealed])

    async def add_sealed(self, sealed: Sequence[tuple[NewEntry, Seal]]) -> None:
        await self._gate.insert_many(audit_log, [{**_values(told), **_seal_values(seal)} for told, seal in sealed])

    async def events(self, after: Reached | None, *, until: datetime, limit: int) -> Happened:
        found = await self._gate.rows(self._events(after, until, limit))
        if not found:
            return Happened()
        reached = Reached(found[-1]["at"], found[-1]["id"])
        return Happened(tuple(_of_event(row) for row in found if row["entry_id"] is None), reached, len(found))

    async def sealed(self, *, after: int, until: int, limit: int) -> list[Sealed]:
        part = self._gate.select(audit_log).where(_entry.seq > after, _entry.seq <= until)
        return [_sealed(row) for row in await self._gate.rows(part.order_by(_entry.seq).limit(limit))]

    async def reserved(self, action: str, *, until: int) -> list[Sealed]:
        found = self._gate.select(audit_log).where(_entry.action == action, _entry.seq <= until).order_by(_entry.seq)
        return [_sealed(row) for row in await self._gate.rows(found)]

    async def newest(self, action: str) -> Sealed | None:
        found = self._gate.select(audit_log).where(_entry.action == action, _entry.seq.is_not(None))
        row = await self._gate.row(found.order_by(_entry.at.desc(), _entry.id.desc()).limit(1))
        return None if row is None else _sealed(row)

    async def seq_since(self, since: datetime) -> int | None:
        first = self._gate.select(audit_log, func.min(_entry.seq)).where(_entry.at >= since)
        found = await self._gate.scalar(first)
        return None if found is None else int(found)

    async def seq_before(self, until: datetime) -> int | None:
        last = self._gate.select(audit_log, func.max(_entry.seq)).where(_entry.at < until)
        found = await self._gate.scalar(last)
        return None if found is None else int(found)

    async def naming(self, words: Sequence[str], *, after: int, until: int) -> list[Sealed]:
        columns = (_entry.actor, _entry.via, _entry.origin, *(_as_text(one) for one in _JSON))
        names = or_(*(column.contains(word, autoescape=True) for column in columns for word in words))
        part = self._gate.select(audit_log).where(_entry.seq > after, _entry.seq <= until, names)
        return [_sealed(row) for row in await self._gate.rows(part.order_by(_entry.seq))]

    async def replace(self, changed: Sequence[tuple[int, NewEntry, str]]) -> None:
        words = ("actor", "via", "origin", "before", "after", "data")
        rows = [
            {"id": id_, "salt": salt, **{name: getattr(told, name) for name in words}} for id_, told, salt in changed
        ]
        await self._gate.update_many(audit_log, rows)

    async def old(self, *, before: datetime, limit: int) -> list[Sealed]:
        first = self._gate.select(audit_log).where(_entry.seq.is_not(None)).order_by(_entry.seq).limit(limit)
        found = []
        for row in await self._gate.rows(first):
            if row["at"] >= before:
                break
            found.append(_sealed(row))
        return found

    async def delete(self, ids: Sequence[int]) -> None:
        await self._gate.execute(self._gate.delete(audit_log).where(_entry.id.in_(ids)))

    def _unsealed(self, *columns: Any) -> Select[Any]:
        return self._gate.select(audit_log, *columns).where(_entry.seq.is_(None))

    def _chain(self, row: Row | None) -> Chain:
        if row is None:
            return Chain(genesis(self.tenant_id))
        head = Head(row["seq"], row["hash"], row["keyed"]) if row["seq"] else genesis(self.tenant_id)
        reached = Reached(row["events_at"], row["events_id"]) if row["events_at"] is not None else None
        return Chain(head, reached, row["told_at"])

    def _events(self, after: Reached | None, until: datetime, limit: int) -> Select[Any]:
        """By time, through its index: ids are in the order of insertion, of which nobody knows when it is whole."""
        columns = (_event.id, _event.incident_id, _event.at, _event.actor, _event.kind, _event.data)
        told = and_(_entry.tenant_id == _event.tenant_id, _entry.event_id == _event.id)
        statement = (
            self._gate.select(incident_events, *columns, incidents.c.number, _entry.id.label("entry_id"))
            .join_from(incident_events, incidents, incidents.c.id == _event.incident_id)
            .outerjoin(audit_log, told)
            .where(_event.at < until)
        )
        if after is not None:
            later = or_(_event.at > after.at, and_(_event.at == after.at, _event.id > after.event_id))
            statement = statement.where(_event.at >= after.at, later)
        return statement.order_by(_event.at, _event.id).limit(limit)


def _as_text(column: Any) -> Any:
    return type_coerce(column, LongText)


def _conditions(wanted: Wanted) -> list[Any]:
    told = {"actor": wanted.actor, "action": wanted.action, "subject": wanted.subject}
    conditions = [_entry[name] == value for name, value in told.items() if value is not None]
    if wanted.since is not None:
        conditions.append(_entry.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(_entry.at < wanted.until)
    return conditions


def _values(told: NewEntry) -> dict[str, Any]:
    return {name: getattr(told, name) for name in NewEntry.__slots__}


def _seal_values(seal: Seal) -> dict[str, Any]:
    return {name: getattr(seal, name) for name in Seal.__slots__}


def _told(row: Row) -> NewEntry:
    return NewEntry(**{name: row[name] for name in NewEntry.__slots__})


def _seal(row: Row) -> Seal:
    """What somebody has emptied by hand is no seal, but must be told, not stumbled over."""
    salt, digest, made = row["salt"] or "", row["digest"] or "", row["hash"] or ""
    return Seal(row["seq"], salt, digest, bool(row["keyed"]), made)


def _sealed(row: Row) -> Sealed:
    return Sealed(row["id"], _told(row), _seal(row))


def _of_event(row: Row) -> NewEntry:
    """As the timeline tells it. Fields before and after are not kept there; what was said is."""
    data = dict(row["data"] or {})
    via = data.pop("via", "")
    return NewEntry(
        at=row["at"],
        actor=row["actor"],
        action=f"incident.{row['kind']}",
        subject=f"INC-{row['number'] or 0}",
        via=via if isinstance(via, str) else "",
        origin="system" if row["actor"] == str(SYSTEM) else "",
        data=data or None,
        incident_id=row["incident_id"],
        event_id=row["id"],
    )
