"""The same-row limit: the alerts that a run stored, inserted again by the driver alone, 100 rows a transaction.

Same server, same columns, same indexes; nothing is looked up, decided or related (no foreign keys).
"""

import asyncio
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import asyncmy
from sqlalchemy.engine import URL

from db.engine import connect, parse_url
from db.tables import alerts

_AT_ONCE = 100
_SECONDS = 3.0
_SAMPLE = 10_000
_CONNECTIONS = (1, 2, 4)
_COLUMNS = [column.name for column in alerts.columns if column.name != "id"]
_INSERT = f"INSERT INTO alerts ({', '.join(f'`{name}`' for name in _COLUMNS)}) VALUES "
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """Rows a second, with as many connections as were the fastest."""

    rate: float
    connections: int


async def row_limit(source: str, target: str) -> Limit:
    """From the rows in one database, into another of the same server, which has the tables and no rows."""
    rows, url = await _newest(source), parse_url(target)
    if url.get_backend_name() == "sqlite":
        return Limit(await asyncio.to_thread(_by_sqlite, str(url.database), rows), 1)
    return max([Limit(await _by_mysql(url, rows, many), many) for many in _CONNECTIONS], key=lambda one: one.rate)


async def _newest(source: str) -> Sequence[Row]:
    """As the driver gives them. Raises ValueError where there are too few."""
    engines = connect(source)
    try:
        async with engines.read.connect() as connection:
            names = ", ".join(f"`{name}`" for name in _COLUMNS)
            told = await connection.exec_driver_sql(f"SELECT {names} FROM alerts ORDER BY id DESC LIMIT {_SAMPLE}")
            rows = [tuple(row) for row in told]
    finally:
        await engines.dispose()
    if len(rows) < _AT_ONCE:
        raise ValueError(f"{len(rows)} alerts are too few to tell how fast they can be stored")
    return rows


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Again and again."""
    return cycle([rows[start : start + _AT_ONCE] for start in range(0, len(rows) - _AT_ONCE + 1, _AT_ONCE)])


async def _by_mysql(url: URL, rows: Sequence[Row], many: int) -> float:
    connections = [
        await asyncmy.connect(
            host=url.host,
            port=url.port,
            user=url.username,
            password=url.password,
            database=url.database,
            charset="utf8mb4",
            init_command="SET SESSION foreign_key_checks = 0",
        )
        for _ in range(many)
    ]
    try:
        async with connections[0].cursor() as cursor:
            await cursor.execute("TRUNCATE TABLE alerts")
        chunks, began = _chunks(rows), time.perf_counter()
        stored = await asyncio.gather(*(_until(began + _SECONDS, one, chunks) for one in connections))
        return sum(stored) / (time.perf_counter() - began)
    finally:
        for one in connections:
            await one.ensure_closed()


async def _until(end: float, connection: Any, chunks: Iterator[Sequence[Row]]) -> int:
    """Rows stored. The driver makes one multi-row statement of each ``executemany``."""
    statement, stored = f"{_INSERT}({', '.join(['%s'] * len(_COLUMNS))})", 0
    async with connection.cursor() as cursor:
        while time.perf_counter() < end:
            chunk = next(chunks)
            await cursor.executemany(statement, chunk)
            await connection.commit()
            stored += len(chunk)
    return stored


def _by_sqlite(path: str, rows: Sequence[Row]) -> float:
    """One connection: there is one writer at a time."""
    statement, stored, chunks = f"{_INSERT}({', '.join('?' * len(_COLUMNS))})", 0, _chunks(rows)
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        began = time.perf_counter()
        while time.perf_counter() < began + _SECONDS:
            chunk = next(chunks)
            connection.executemany(statement, chunk)
            connection.commit()
            stored += len(chunk)
        return stored / (time.perf_counter() - began)
    finally:
        connection.close()
