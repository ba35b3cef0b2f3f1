"""What was last read of each schedule's calendar. What could be read stays until something else can."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Update, func, or_

from base import codec
from db.calendar_tables import calendars
from db.gate import Gate, Row
from incidents.schedules.model import Shift, StoredCalendar

_TABLE = calendars
_LONGEST_ERROR = 500
_PAUSE = timedelta(seconds=10)
"""Between two readings of one schedule, also where two processes disagree about what bongsu.yaml says."""


class CalendarQueries:
    """Implements ``incidents.schedules.keeping.Calendars``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def standing(self, schedules: Collection[str]) -> Mapping[str, StoredCalendar]:
        rows = await self._gate.rows(self._gate.select(_TABLE).where(_TABLE.c.schedule.in_(schedules)))
        return {row["schedule"]: _calendar(row) for row in rows}

    async def due(self, sources: Mapping[str, str]) -> list[str]:
        columns = (_TABLE.c.schedule, _TABLE.c.source_sha256, _TABLE.c.due_at, _TABLE.c.lease_until)
        rows = await self._gate.rows(self._gate.select(_TABLE, *columns).where(_TABLE.c.schedule.in_(sources)))
        rest = {row["schedule"] for row in rows if not self._is_due(row, sources[row["schedule"]])}
        return [name for name in sources if name not in rest]

    async def claim(self, schedule: str, *, source_sha256: str, lease: timedelta) -> bool:
        now = self._gate.now
        new = {"source_sha256": source_sha256, "shifts": "[]", "unmapped": "[]", "due_at": now, "lease_until": now}
        await self._gate.insert_many_or_keep(_TABLE, [{"schedule": schedule, **new}], unique=("tenant_id", "schedule"))
        is_due = or_(_TABLE.c.due_at <= now, _TABLE.c.source_sha256 != source_sha256)
        free = self._gate.update(_TABLE).where(_TABLE.c.schedule == schedule, _TABLE.c.lease_until <= now, is_due)
        taken = free.values(source_sha256=source_sha256, due_at=now, lease_until=now + lease)
        return await self._gate.changed(taken) == 1

    async def read(
        self,
        schedule: str,
        *,
        source_sha256: str,
        shifts: Collection[Shift],
        unmapped: Collection[str],
        rest: timedelta,
    ) -> None:
        told = {"shifts": _written(shifts), "unmapped": codec.dumps(list(unmapped)), "read_at": self._gate.now}
        well: dict[str, Any] = {"error": None, "failing_since": None}
        await self._gate.execute(self._ours(schedule, source_sha256).values(**told, **well, **self._over(rest)))

    async def failed(self, schedule: str, *, source_sha256: str, error: str, rest: timedelta) -> None:
        since: ColumnElement[Any] = func.coalesce(_TABLE.c.failing_since, self._gate.now)
        told = {"error": error[:_LONGEST_ERROR], "failing_since": since}
        await self._gate.execute(self._ours(schedule, source_sha256).values(**told, **self._over(rest)))

    def _is_due(self, row: Row, source_sha256: str) -> bool:
        is_other = bool(row["source_sha256"] != source_sha256)
        return bool(row["lease_until"] <= self._gate.now) and (is_other or bool(row["due_at"] <= self._gate.now))

    def _ours(self, schedule: str, source_sha256: str) -> Update:
        """Whoever still reads what ``bongsu.yaml`` said before must not overwrite what it says now."""
        return self._gate.update(_TABLE).where(_TABLE.c.schedule == schedule, _TABLE.c.source_sha256 == source_sha256)

    def _over(self, rest: timedelta) -> dict[str, datetime]:
        return {"due_at": self._gate.now + rest, "lease_until": self._gate.now + _PAUSE}


def _calendar(row: Row) -> StoredCalendar:
    unmapped = tuple(codec.loads(row["unmapped"].encode()))
    told = (row["read_at"], row["error"], row["failing_since"])
    return StoredCalendar(row["schedule"], row["source_sha256"], _shifts(row["shifts"]), unmapped, *told)


def _written(shifts: Collection[Shift]) -> str:
    return codec.dumps([[one.person, one.start.isoformat(), one.end.isoformat()] for one in shifts])


@lru_cache(maxsize=64)
def _shifts(text: str) -> tuple[Shift, ...]:
    """Of a text that is asked for at every alert, and changes now and then."""
    told = codec.loads(text.encode())
    return tuple(Shift(one, datetime.fromisoformat(start), datetime.fromisoformat(end)) for one, start, end in told)
