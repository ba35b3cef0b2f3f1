"""What MySQL and SQLite say differently: the clock and the upsert."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Insert, Table, text
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

_CLOCK = {
    "mysql": text("SELECT CAST(UTC_TIMESTAMP(6) AS CHAR)"),
    "sqlite": text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"),
}


def name(connection: AsyncConnection) -> str:
    """``sqlite`` or ``mysql``."""
    return "sqlite" if connection.dialect.name == "sqlite" else "mysql"


async def clock(connection: AsyncConnection) -> datetime:
    """The database's present time, aware UTC, to the microsecond (SQLite: millisecond)."""
    told: str = (await connection.execute(_CLOCK[name(connection)])).scalar_one()
    return datetime.fromisoformat(told).replace(tzinfo=UTC)


def insert_or_keep(connection: AsyncConnection, table: Table, *, unique: Sequence[str]) -> Insert:
    """An INSERT that leaves a row with the same unique columns as it is (and, on MySQL, locks it)."""
    if name(connection) == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing(index_elements=list(unique))
    keep = unique[0]
    return mysql.insert(table).on_duplicate_key_update({keep: table.c[keep]})


def insert_or_add(connection: AsyncConnection, table: Table, *, unique: Sequence[str], add: Sequence[str]) -> Insert:
    """An INSERT, to be executed with rows, that adds ``add`` to those of rows with the same unique columns.

    With rows as parameters rather than as values it is compiled once, and the driver makes one statement of it.
    """
    if name(connection) == "sqlite":
        lite = sqlite.insert(table)
        sums = {column: table.c[column] + lite.excluded[column] for column in add}
        return lite.on_conflict_do_update(index_elements=list(unique), set_=sums)
    my = mysql.insert(table)
    return my.on_duplicate_key_update({column: table.c[column] + my.inserted[column] for column in add})
