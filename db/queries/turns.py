"""What one process at a time does: rows of ``leases`` that nobody holds, and that say until when all rest."""

from datetime import timedelta

from db.gate import Gate
from db.queries import lease_rows
from db.tables import leases

_PREFIX = "turn:"


class TurnQueries:
    """Implements ``incidents.schedules.keeping.Turns``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def take(self, name: str, *, rest: timedelta) -> bool:
        await lease_rows.create(self._gate, f"{_PREFIX}{name}")
        free = self._gate.update(leases).where(
            leases.c.name == f"{_PREFIX}{name}", leases.c.expires_at <= self._gate.now
        )
        return await self._gate.changed(free.values(expires_at=self._gate.now + rest)) == 1
