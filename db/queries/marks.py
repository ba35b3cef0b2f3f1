"""Marks on the time line: how far something has come. Each is a row of ``counters``, in microseconds since 1970."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from db import dialect
from db.gate import Gate
from db.tables import counters

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


async def read(gate: Gate, *names: str) -> dict[str, datetime]:
    """Those of these marks that are set. Locks nothing."""
    statement = gate.select(counters).where(counters.c.name.in_(names))
    return {row["name"]: _time(row["value"]) for row in await gate.rows(statement)}


async def lock(gate: Gate, *names: str, wait: bool) -> dict[str, datetime] | None:
    """These marks, which all are set, locked until the transaction ends; None where somebody else has them.

    ``wait``: until they are free.
    """
    statement = gate.select(counters).where(counters.c.name.in_(names)).order_by(counters.c.name)
    found = await gate.rows(statement.with_for_update(skip_locked=not wait))
    return {row["name"]: _time(row["value"]) for row in found} if len(found) == len(names) else None


async def create(gate: Gate, marks: Mapping[str, datetime]) -> None:
    """Set those that are not set yet."""
    keep = dialect.insert_or_keep(gate.connection, counters, unique=("tenant_id", "name"))
    rows = [{"tenant_id": gate.tenant_id, "name": name, "value": _micros(marks[name])} for name in sorted(marks)]
    await gate.execute(keep.values(rows))


async def move(gate: Gate, name: str, to: datetime) -> None:
    """Set a mark anew, forwards or back."""
    await gate.execute(gate.update(counters).where(counters.c.name == name).values(value=_micros(to)))


async def raise_to(gate: Gate, name: str, to: datetime) -> None:
    """Set a mark, unless it stands later already."""
    await create(gate, {name: to})
    later = gate.update(counters).where(counters.c.name == name, counters.c.value < _micros(to))
    await gate.execute(later.values(value=_micros(to)))


def _micros(time: datetime) -> int:
    return (time - _EPOCH) // _MICROSECOND


def _time(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND
