"""The tenant gate: the one way in which queries reach the database.

Statements are begun here, so that each carries its tenant; a test listens to the engine and fails on any other.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    Delete,
    Executable,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

from db import bulk

Row = Mapping[str, Any]
"""A row by column names."""


def prepared(table: Table, *columns: Any) -> Select[Any]:
    """The same SELECT as ``Gate.select``, to be built once and run often: it costs less than half then.

    Its other values are ``bindparam``s, which ``Gate.rows`` is given.
    """
    return select(*(columns or (table,))).select_from(table).where(table.c.tenant_id == bindparam("tenant_id"))


def among(name: str) -> BindParameter[Any]:
    """A list of values of a prepared statement, for ``column.in_(…)``."""
    return bindparam(name, expanding=True)


class Gate:
    """A connection inside a transaction that sees one tenant. ``now`` is the database's clock, aware UTC.

    ``id_step`` is by how much the ids of rows that one INSERT makes differ.
    """

    def __init__(self, connection: AsyncConnection, *, tenant_id: int, now: datetime, id_step: int = 1) -> None:
        self.connection = connection
        self.tenant_id = tenant_id
        self.now = now
        self._id_step = id_step

    def select(self, table: Table, *columns: Any) -> Select[Any]:
        """``SELECT columns`` (all, where none are named) of this tenant's rows."""
        return select(*(columns or (table,))).select_from(table).where(table.c.tenant_id == self.tenant_id)

    def update(self, table: Table) -> Update:
        return update(table).where(table.c.tenant_id == self.tenant_id)

    def delete(self, table: Table) -> Delete:
        return delete(table).where(table.c.tenant_id == self.tenant_id)

    def insert(self, table: Table, **values: Any) -> Insert:
        return insert(table).values(tenant_id=self.tenant_id, **values)

    async def insert_many(self, table: Table, rows: Sequence[Row]) -> None:
        """All have the same columns."""
        await self._many(table, rows, bulk.insert)

    async def insert_many_or_keep(self, table: Table, rows: Sequence[Row], *, unique: tuple[str, ...]) -> None:
        """The same, leaving rows with the same unique columns as they are."""
        await self._many(table, rows, partial(bulk.insert_or_keep, unique=unique))

    async def insert_many_or_update(self, table: Table, rows: Sequence[Row], *, unique: tuple[str, ...]) -> None:
        """The same, overwriting the other columns of rows with the same unique columns."""
        await self._many(table, rows, partial(bulk.insert_or_update, unique=unique))

    async def insert_numbered(self, table: Table, rows: Sequence[Row]) -> list[int]:
        """The same; their ids, in their order.

        One statement with a known number of rows gets consecutive ids, whatever others insert meanwhile:
        https://dev.mysql.com/doc/refman/8.0/en/innodb-auto-increment-handling.html
        """
        ids: list[int] = []
        for some in bulk.chunks(rows):
            names, told = self._told(table, some)
            text = bulk.insert(table, names, self.connection.dialect, rows=len(some))
            last = (await self.connection.exec_driver_sql(text, tuple(chain.from_iterable(told)))).lastrowid
            first = last - len(some) + 1 if self.connection.dialect.name == "sqlite" else last
            ids += [first + place * self._id_step for place in range(len(some))]
        return ids

    async def update_many(self, table: Table, rows: Sequence[Row]) -> None:
        """Overwrite the other columns of the rows with these ``id``s. All have the same columns."""
        for some in bulk.chunks(rows):
            names = ("id", *(name for name in some[0] if name != "id"))
            told = bulk.parameters(table, names, self.connection.dialect, some)
            text = bulk.update_by_id(table, names, self.connection.dialect, rows=len(some))
            if self.connection.dialect.name == "sqlite":
                await self.connection.exec_driver_sql(text, [(*row[1:], row[0], self.tenant_id) for row in told])
            else:
                await self.connection.exec_driver_sql(text, (*chain.from_iterable(told), self.tenant_id))

    async def _many(self, table: Table, rows: Sequence[Row], statement: Callable[..., str]) -> None:
        for some in bulk.chunks(rows):
            names, told = self._told(table, some)
            await self.connection.exec_driver_sql(statement(table, names, self.connection.dialect), told)

    def _told(self, table: Table, rows: Sequence[Row]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        names = tuple(rows[0])
        told = bulk.parameters(table, names, self.connection.dialect, rows)
        return ("tenant_id", *names), [(self.tenant_id, *row) for row in told]

    async def insert_one(self, table: Table, **values: Any) -> int:
        """Insert a row and return its id."""
        result = await self.connection.execute(self.insert(table, **values))
        key = result.inserted_primary_key
        return int(key[0]) if key is not None else 0

    async def execute(self, statement: Executable, **values: Any) -> CursorResult[Any]:
        """``values``: of a prepared statement, to which the tenant is added."""
        told = {"tenant_id": self.tenant_id, **values} if values else None
        result: CursorResult[Any] = await self.connection.execute(statement, told)
        return result

    async def changed(self, statement: Update) -> int:
        """Run it; how many rows it matched."""
        return (await self.execute(statement)).rowcount

    async def rows(self, statement: Executable, **values: Any) -> list[Row]:
        return cast("list[Row]", list((await self.execute(statement, **values)).mappings()))

    async def row(self, statement: Executable) -> Row | None:
        return cast("Row | None", (await self.execute(statement)).mappings().first())

    async def scalar(self, statement: Executable) -> Any:
        return (await self.execute(statement)).scalar()
