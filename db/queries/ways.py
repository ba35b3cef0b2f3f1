"""The ways to Slack and until when each is busy: rows of ``leases``, so that all processes keep one pace."""

from datetime import datetime

from db import dialect
from db.gate import Gate
from db.tables import leases
from incidents.errors import Conflict
from incidents.rules.pace import Pace


class Ways:
    """Each way is a lease named ``pace:…``; it is taken by compare-and-set on its fence."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._fences: dict[str, int] = {}
        self._until: dict[str, datetime] = {}

    async def busy(self) -> dict[str, datetime]:
        """Those that are busy now, and until when."""
        statement = self._gate.select(leases).where(leases.c.name.like("pace:%"))
        for row in await self._gate.rows(statement):
            self._fences[row["name"]], self._until[row["name"]] = row["fence"], row["expires_at"]
        return {name: until for name, until in self._until.items() if until > self._gate.now}

    async def take(self, name: str, pace: Pace) -> None:
        """One call goes this way now. Raises Conflict where another process was faster."""
        until = pace.after_one(self._until.get(name), now=self._gate.now)
        if name not in self._fences:
            await self._create(name)
        statement = self._gate.update(leases).where(leases.c.name == name, leases.c.fence == self._fences[name])
        if await self._gate.changed(statement.values(expires_at=until, fence=leases.c.fence + 1)) != 1:
            raise Conflict(f"{name} was taken by another process")

    async def close(self, name: str, until: datetime) -> None:
        """Nothing goes this way before then."""
        await self._create(name)
        statement = self._gate.update(leases).where(leases.c.name == name, leases.c.expires_at < until)
        await self._gate.execute(statement.values(expires_at=until, fence=leases.c.fence + 1))

    async def _create(self, name: str) -> None:
        keep = dialect.insert_or_keep(self._gate.connection, leases, unique=("tenant_id", "name"))
        row = {"name": name, "holder": "", "fence": 0, "expires_at": self._gate.now}
        await self._gate.execute(keep.values(tenant_id=self._gate.tenant_id, **row))
        self._fences.setdefault(name, 0)
