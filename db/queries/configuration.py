"""Whether ``bongsu.yaml`` can be read: a row of ``leases``. Its holder is the mistake, its end when that began."""

from sqlalchemy import Update

from db.gate import Gate
from db.queries import lease_rows
from db.tables import leases
from incidents.configuration import LONGEST_MISTAKE, BrokenConfig

_NAME = "config"


class ConfigurationQueries:
    """Implements ``incidents.configuration.Configuration``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def broken(self) -> BrokenConfig | None:
        row = await self._gate.row(self._gate.select(leases).where(leases.c.name == _NAME))
        return BrokenConfig(row["holder"], row["expires_at"]) if row is not None and row["holder"] else None

    async def broke(self, mistake: str) -> BrokenConfig:
        told = mistake[:LONGEST_MISTAKE]
        await lease_rows.create(self._gate, _NAME)
        before = await self.broken()
        since = self._gate.now if before is None else before.since
        await self._gate.execute(self._row().values(holder=told, expires_at=since))
        return BrokenConfig(told, since)

    async def mended(self) -> BrokenConfig | None:
        before = await self.broken()
        if before is not None:
            await self._gate.execute(self._row().values(holder=""))
        return before

    def _row(self) -> Update:
        return self._gate.update(leases).where(leases.c.name == _NAME)
