"""Who handed a schedule over to whom: a row for each turn that was told of, and for the first that was seen."""

from db.calendar_tables import handovers
from db.gate import Gate, Row
from incidents.schedules.handover import Handover

_TABLE = handovers


class HandoverQueries:
    """Implements ``incidents.schedules.keeping.Handovers``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def last(self, schedule: str) -> Handover | None:
        newest = self._gate.select(_TABLE).where(_TABLE.c.schedule == schedule).order_by(_TABLE.c.at.desc()).limit(1)
        row = await self._gate.row(newest)
        return None if row is None else _handover(row)

    async def get(self, handover_id: int) -> Handover | None:
        row = await self._gate.row(self._gate.select(_TABLE).where(_TABLE.c.id == handover_id))
        return None if row is None else _handover(row)

    async def add(self, handover: Handover) -> int | None:
        this = (_TABLE.c.schedule == handover.schedule, _TABLE.c.at == handover.at)
        if await self._gate.row(self._gate.select(_TABLE, _TABLE.c.id).where(*this)) is not None:
            return None
        told = {"schedule": handover.schedule, "at": handover.at, "until": handover.until}
        return await self._gate.insert_one(_TABLE, person=handover.person, previous=handover.before, **told)


def _handover(row: Row) -> Handover:
    return Handover(row["schedule"], row["at"], row["person"], row["previous"], row["until"], row["id"])
