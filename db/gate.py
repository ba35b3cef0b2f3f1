"""The tenant gate: the one way in which queries reach the database.

Statements are begun here, so that each carries its tenant; a test listens to the engine and fails on any other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Delete, Executable, Insert, Select, Table, Update, delete, insert, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

Row = Mapping[str, Any]
"""A row by column names."""


class Gate:
    """A connection inside a transaction that sees one tenant. ``now`` is the database's clock, aware UTC."""

    def __init__(self, connection: AsyncConnection, *, tenant_id: int, now: datetime) -> None:
        self.connection = connection
        self.tenant_id = tenant_id
        self.now = now

    def select(self, table: Table, *columns: Any) -> Select[Any]:
        """``SELECT columns`` (all, where none are named) of this tenant's rows."""
        return select(*(columns or (table,))).select_from(table).where(table.c.tenant_id == self.tenant_id)

    def update(self, table: Table) -> Update:
        return update(table).where(table.c.tenant_id == self.tenant_id)

    def delete(self, table: Table) -> Delete:
        return delete(table).where(table.c.tenant_id == self.tenant_id)

    def insert(self, table: Table, **values: Any) -> Insert:
        return insert(table).values(tenant_id=self.tenant_id, **values)

    async def insert_many(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """One multi-row statement, as long as ``rows`` holds values only."""
        if rows:
            await self.connection.execute(insert(table), [{"tenant_id": self.tenant_id, **row} for row in rows])

    async def insert_one(self, table: Table, **values: Any) -> int:
        """Insert a row and return its id."""
        result = await self.connection.execute(self.insert(table, **values))
        key = result.inserted_primary_key
        return int(key[0]) if key is not None else 0

    async def execute(self, statement: Executable) -> CursorResult[Any]:
        result: CursorResult[Any] = await self.connection.execute(statement)
        return result

    async def changed(self, statement: Update | Delete) -> int:
        """Run it; how many rows it matched."""
        return (await self.execute(statement)).rowcount

    async def rows(self, statement: Executable) -> list[Row]:
        return cast("list[Row]", list((await self.execute(statement)).mappings()))

    async def row(self, statement: Executable) -> Row | None:
        return cast("Row | None", (await self.execute(statement)).mappings().first())

    async def scalar(self, statement: Executable) -> Any:
        return (await self.execute(statement)).scalar()
