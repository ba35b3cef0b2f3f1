"""Heartbeats: when each was last heard of. Their rows are few, and locked in the order of their names."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, or_

from db.gate import Gate, Row
from db.heartbeat_tables import heartbeats
from db.queries import lease_rows, marks
from db.tables import leases, outbox
from db.types import UtcDateTime
from incidents.heartbeats.model import Pulse
from incidents.outbox import OutboxKind

_TABLE = heartbeats
_LISTENED = "heartbeats:listened"
_SWITCH = "heartbeat"
"""A lease that nobody holds: until it ends nobody calls the dead man's switch."""
_ONE_COUNTS = timedelta(seconds=1)


class HeartbeatQueries:
    """Implements ``incidents.heartbeats.keeping.Heartbeats``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def all(self) -> list[Pulse]:
        return [_pulse(row) for row in await self._gate.rows(self._by_name())]

    async def lock(self) -> list[Pulse]:
        return [_pulse(row) for row in await self._gate.rows(self._by_name().with_for_update())]

    async def add(self, within: Mapping[str, timedelta]) -> None:
        await self._add(within, last_seen_at=None)

    async def remove(self, names: Collection[str]) -> None:
        if names:
            await self._gate.execute(self._gate.delete(_TABLE).where(_TABLE.c.name.in_(sorted(names))))

    async def heard(self, within: Mapping[str, timedelta]) -> None:
        if not within:
            return
        now = self._gate.now
        due = {name: literal(now + of_it, UtcDateTime()) for name, of_it in within.items()}
        those = self._gate.update(_TABLE).where(
            _TABLE.c.name.in_(sorted(within)),
            or_(_TABLE.c.last_seen_at.is_(None), _TABLE.c.last_seen_at <= now - _ONE_COUNTS),
        )
        seconds = {name: _seconds(of_it) for name, of_it in within.items()}
        told = {"last_seen_at": now, "expected_by": _by_its_name(due), "within_seconds": _by_its_name(seconds)}
        if await self._gate.changed(those.values(**told)) < len(within):
            await self._add(within, last_seen_at=now)

    async def save(self, pulses: Sequence[Pulse]) -> None:
        for pulse in pulses:
            this = self._gate.update(_TABLE).where(_TABLE.c.name == pulse.name)
            await self._gate.execute(
                this.values(
                    within_seconds=_seconds(pulse.within),
                    expected_by=pulse.expected_by,
                    silent_since=pulse.silent_since,
                    told_at=pulse.told_at,
                    silence_incident_id=pulse.incident_id,
                )
            )

    async def listened_at(self) -> datetime | None:
        return (await marks.read(self._gate, _LISTENED)).get(_LISTENED)

    async def listen(self) -> datetime:
        await marks.create(self._gate, {_LISTENED: self._gate.now})
        before = (await marks.lock(self._gate, _LISTENED, wait=True) or {})[_LISTENED]
        await marks.raise_to(self._gate, _LISTENED, self._gate.now)
        return before

    async def unseen_since(self) -> datetime | None:
        """What belongs into a thread waits for its card; and what a roll-up stands for waits for nothing.

        A page may be held back until it is due, which no try has moved yet.
        """
        wanted_at = case((outbox.c.attempts == 0, outbox.c.due_at), else_=outbox.c.created_at)
        unseen = self._gate.select(outbox, func.min(wanted_at)).where(
            outbox.c.due_at.is_not(None),
            outbox.c.sent_rev == 0,
            outbox.c.ts.is_(None),
            outbox.c.shown_in_id.is_(None),
            outbox.c.kind.not_in((OutboxKind.THREAD.value, OutboxKind.REMINDER.value)),
        )
        since: datetime | None = await self._gate.scalar(unseen)
        return since

    async def take_turn(self, *, rest: timedelta) -> bool:
        await lease_rows.create(self._gate, _SWITCH)
        free = self._gate.update(leases).where(leases.c.name == _SWITCH, leases.c.expires_at <= self._gate.now)
        return await self._gate.changed(free.values(expires_at=self._gate.now + rest)) == 1

    async def _add(self, within: Mapping[str, timedelta], *, last_seen_at: datetime | None) -> None:
        """Those that are not there yet."""
        now = self._gate.now
        rows = [
            {
                "name": name,
                "within_seconds": _seconds(of_it),
                "created_at": now,
                "last_seen_at": last_seen_at,
                "expected_by": now + of_it,
            }
            for name, of_it in sorted(within.items())
        ]
        await self._gate.insert_many_or_keep(_TABLE, rows, unique=("tenant_id", "name"))

    def _by_name(self) -> Select[Any]:
        return self._gate.select(_TABLE).order_by(_TABLE.c.name)


def _by_its_name(values: Mapping[str, Any]) -> ColumnElement[Any]:
    return case({name: values[name] for name in sorted(values)}, value=_TABLE.c.name)


def _seconds(within: timedelta) -> int:
    return int(within.total_seconds())


def _pulse(row: Row) -> Pulse:
    return Pulse(
        name=row["name"],
        within=timedelta(seconds=row["within_seconds"]),
        created_at=row["created_at"],
        expected_by=row["expected_by"],
        last_seen_at=row["last_seen_at"],
        silent_since=row["silent_since"],
        told_at=row["told_at"],
        incident_id=row["silence_incident_id"],
    )
