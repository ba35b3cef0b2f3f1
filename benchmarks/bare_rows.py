"""The raw limit: the rows that a run has stored, inserted again by bare multi-row INSERTs on one connection."""

import time

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from db import tables
from db.engine import Engines, connect

TABLES = (
    tables.deliveries,
    tables.incidents,
    tables.alerts,
    tables.incident_series,
    tables.incident_episodes,
    tables.incident_events,
    tables.outbox,
)
_AT_ONCE = 500
_MOST = 100_000


async def seconds_to_insert(source: str, target: str) -> float:
    """Copy the rows from one database to another, empty one; the time of the INSERTs and COMMITs alone."""
    read, write = connect(source), connect(target)
    try:
        return sum([await _copy(table, read, write) for table in TABLES])
    finally:
        await read.dispose()
        await write.dispose()


async def _copy(table: Table, read: Engines, write: Engines) -> float:
    names = [column.name for column in table.columns if column.computed is None]
    quoted = ", ".join(f"`{name}`" for name in names)
    async with read.read.connect() as connection:
        told = await connection.exec_driver_sql(f"SELECT {quoted} FROM {table.name} LIMIT {_MOST}")
        rows = [tuple(row) for row in told]
    mark = "?" if write.dialect == "sqlite" else "%s"
    statement = f"INSERT INTO {table.name} ({quoted}) VALUES ({', '.join([mark] * len(names))})"
    async with write.write.connect() as connection:
        return await _insert(connection, statement, rows)


async def _insert(connection: AsyncConnection, statement: str, rows: list[tuple[object, ...]]) -> float:
    """The driver makes one multi-row statement of each ``executemany`` (SQLite: one prepared statement)."""
    began = time.perf_counter()
    for start in range(0, len(rows), _AT_ONCE):
        await connection.exec_driver_sql(statement, rows[start : start + _AT_ONCE])
        await connection.commit()
    return time.perf_counter() - began
