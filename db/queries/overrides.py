"""Who has taken a schedule over. What was ended by hand keeps its row, with the end that it had."""

from collections.abc import Collection
from datetime import datetime

from db.gate import Gate, Row
from db.schedule_tables import schedule_overrides
from incidents.schedules.model import Override

_TABLE = schedule_overrides


class OverrideQueries:
    """Implements ``incidents.schedules.keeping.Overrides``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def add(self, *, schedule: str, person: str, start: datetime, end: datetime, by: str) -> Override:
        span = {"starts_at": start, "ends_at": end}
        told = {"schedule": schedule, "person": person, "created_by": by, "created_at": self._gate.now}
        number = await self._gate.insert_one(_TABLE, **told, **span)
        return Override(number, schedule, person, start, end, by)

    async def standing(self, schedules: Collection[str] | None = None) -> list[Override]:
        statement = self._gate.select(_TABLE).where(
            _TABLE.c.ends_at > self._gate.now, _TABLE.c.ends_at > _TABLE.c.starts_at
        )
        if schedules is not None:
            statement = statement.where(_TABLE.c.schedule.in_(schedules))
        return [_override(row) for row in await self._gate.rows(statement.order_by(_TABLE.c.starts_at, _TABLE.c.id))]

    async def get(self, override_id: int) -> Override | None:
        row = await self._gate.row(self._gate.select(_TABLE).where(_TABLE.c.id == override_id))
        return None if row is None else _override(row)

    async def end(self, override_id: int, *, by: str) -> Override | None:
        one = _TABLE.c.id == override_id
        row = await self._gate.row(self._gate.select(_TABLE).where(one).with_for_update())
        if row is None or row["ends_at"] <= self._gate.now or row["ends_at"] <= row["starts_at"]:
            return None
        ends_at = max(row["starts_at"], self._gate.now)
        await self._gate.execute(self._gate.update(_TABLE).where(one).values(ends_at=ends_at, ended_by=by))
        return _override(row)


def _override(row: Row) -> Override:
    return Override(row["id"], row["schedule"], row["person"], row["starts_at"], row["ends_at"], row["created_by"])
