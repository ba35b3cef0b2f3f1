"""The tenants themselves: the one table whose rows belong to nobody."""

from sqlalchemy import select

from db.gate import Gate
from db.tables import tenants
from incidents.tenants.model import Tenant


class TenantQueries:
    """Implements ``incidents.tenants.keeping.Tenants``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def all(self) -> list[Tenant]:
        rows = await self._gate.rows(select(tenants).order_by(tenants.c.id))
        return [Tenant(row["id"], row["slug"], row["name"]) for row in rows]
