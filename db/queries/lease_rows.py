"""Leases before anybody has had them: a row each."""

from db import dialect
from db.gate import Gate
from db.tables import leases


async def create(gate: Gate, name: str, *, holder: str = "", fence: int = 0) -> None:
    """One that ends now; one that is there already stays as it is."""
    keep = dialect.insert_or_keep(gate.connection, leases, unique=("tenant_id", "name"))
    row = {"name": name, "holder": holder, "fence": fence, "expires_at": gate.now}
    await gate.execute(keep.values(tenant_id=gate.tenant_id, **row))
