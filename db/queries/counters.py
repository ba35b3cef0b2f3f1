"""Numbers without gaps between tenants: a locked row each."""

from functools import cache

from sqlalchemy import Update, bindparam, func, update

from db import dialect
from db.gate import Gate
from db.tables import counters


async def take(gate: Gate, name: str, count: int) -> int:
    """The first of ``count`` consecutive numbers, from 1. The row stays locked until the transaction ends."""
    last = await _add(gate, name, count)
    if last is None:
        keep = dialect.insert_or_keep(gate.connection, counters, unique=("tenant_id", "name"))
        await gate.execute(keep.values(tenant_id=gate.tenant_id, name=name, value=0))
        last = await _add(gate, name, count) or count
    return last - count + 1


async def _add(gate: Gate, name: str, count: int) -> int | None:
    """The counter's new value; None where there is no such counter yet.

    Each in one statement: MySQL has no RETURNING, but hands back what LAST_INSERT_ID was given.
    """
    if dialect.name(gate.connection) == "sqlite":
        this = gate.update(counters).where(counters.c.name == name)
        told = await gate.scalar(this.values(value=counters.c.value + count).returning(counters.c.value))
        return None if told is None else int(told)
    said = await gate.prepared_change(_raise(), name=name, count=count)
    return said.last_id if said.matched else None


@cache
def _raise() -> Update:
    more = func.last_insert_id(counters.c.value + bindparam("count"))
    this = counters.c.tenant_id == bindparam("of_tenant"), counters.c.name == bindparam("name")
    return update(counters).where(*this).values(value=more)
