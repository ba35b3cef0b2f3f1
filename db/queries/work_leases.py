"""Work that one process at a time does, and again after a rest. Whoever loses its lease stores nothing more."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Update, or_

from db.gate import Gate
from db.queries import lease_rows
from db.tables import leases
from incidents.errors import LeaseLost


class WorkLease:
    """The lease ``name`` of the gate's tenant, for ``length`` from each ``keep`` on."""

    def __init__(self, gate: Gate, name: str, length: timedelta) -> None:
        self._gate, self._name, self._length = gate, name, length

    async def take(self, *, holder: str, even_at_rest: bool) -> int | None:
        """The fence; None: another has it, or, unless ``even_at_rest``, it is not time yet."""
        now = self._gate.now
        await lease_rows.create(self._gate, self._name)
        at_rest = leases.c.holder == "" if even_at_rest else leases.c.expires_at <= now
        free = self._gate.update(leases).where(leases.c.name == self._name, or_(leases.c.expires_at <= now, at_rest))
        taken = free.values(holder=holder, fence=leases.c.fence + 1, expires_at=now + self._length)
        if await self._gate.changed(taken) != 1:
            return None
        fence = self._gate.select(leases, leases.c.fence).where(leases.c.name == self._name)
        return int(await self._gate.scalar(fence))

    async def keep(self, fence: int) -> None:
        """From now on for its length. Raises LeaseLost."""
        later = self._gate.now + self._length
        if await self._gate.changed(self._mine(fence).values(expires_at=later)) != 1:
            raise LeaseLost(self._name)

    async def finish(self, fence: int, *, rest: timedelta) -> None:
        """Nobody's, until after the rest."""
        await self._gate.execute(self._mine(fence).values(holder="", expires_at=self._gate.now + rest))

    def _mine(self, fence: int) -> Any:
        update: Update = self._gate.update(leases)
        return update.where(leases.c.name == self._name, leases.c.fence == fence)
