"""Numbers without gaps between tenants: a locked row each."""

from db import dialect
from db.gate import Gate
from db.tables import counters


async def take(gate: Gate, name: str, count: int) -> int:
    """The first of ``count`` consecutive numbers, from 1. The row stays locked until the transaction ends."""
    more = gate.update(counters).where(counters.c.name == name).values(value=counters.c.value + count)
    if await gate.changed(more) == 0:
        keep = dialect.insert_or_keep(gate.connection, counters, unique=("tenant_id", "name"))
        await gate.execute(keep.values(tenant_id=gate.tenant_id, name=name, value=0))
        await gate.execute(more)
    return int(await gate.scalar(gate.select(counters, counters.c.value).where(counters.c.name == name))) - count + 1
