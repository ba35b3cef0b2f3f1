"""Their database, read a page at a time. Nothing is ever written there."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Select, column, inspect, select, table
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.types import TIMESTAMP

from db.engine import parse_url
from incidents.errors import InvalidInput, Unavailable

Values = Mapping[str, Any]
"""A row by their names."""
FROM = "--from"


@dataclass(frozen=True, slots=True)
class Shape:
    """A table or view of theirs. ``in_utc``: columns whose times the server itself hands out in UTC."""

    name: str
    columns: Sequence[str]
    in_utc: frozenset[str]


class Source:
    """Made by ``opened``. Each page is read by itself: it holds nothing there, and sees what is written meanwhile."""

    def __init__(self, connection: AsyncConnection, url: URL) -> None:
        self._connection = connection
        self.told = url.render_as_string()
        """Without the password."""

    async def shape(self, name: str) -> Shape | None:
        """None: there is no such table."""
        return await self._connection.run_sync(_shape, name)

    async def tables(self) -> Sequence[str]:
        return await self._connection.run_sync(_tables)

    async def pages(self, shape: Shape, id_column: str, *, size: int) -> AsyncIterator[Sequence[Values]]:
        """All rows, by their ids. A page begins behind the last one, so the thousandth costs what the first does."""
        last: Any = None
        while page := await self._rows(_page(shape, id_column, last).limit(size)):
            yield page
            last = page[-1][id_column]

    async def by_ids(self, shape: Shape, id_column: str, ids: Sequence[Any]) -> Sequence[Values]:
        """These, in their order; what was deleted meanwhile is left out."""
        found = {row[id_column]: row for row in await self._rows(_all(shape).where(column(id_column).in_(ids)))}
        return [found[one] for one in ids if one in found]

    async def _rows(self, statement: Select[Any]) -> Sequence[Values]:
        return [dict(row) for row in (await self._connection.execute(statement)).mappings()]


@asynccontextmanager
async def opened(told: str) -> AsyncIterator[Source]:
    """Raises InvalidInput, and Unavailable where it can't be read."""
    url = _url(told)
    engine = _engine(url)
    try:
        async with engine.connect() as connection:
            yield Source(connection, url)
    except (DBAPIError, OSError) as error:
        raise Unavailable(f"{url.render_as_string()}: {getattr(error, 'orig', error)}") from error
    finally:
        await engine.dispose()


def _url(told: str) -> URL:
    try:
        url = parse_url(told)
    except InvalidInput as error:
        raise InvalidInput(FROM, error.problem) from error
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise InvalidInput(FROM, f"there is no file {url.database!r}: write sqlite:////the/whole/path.db")
    return url


def _engine(url: URL) -> AsyncEngine:
    """SQLite's file is opened for reading alone. MySQL hands out TIMESTAMPs in the session's zone: so that is UTC."""
    if url.get_backend_name() == "sqlite":
        database = f"file:{Path(url.database or '').absolute()}"
        readonly = url.set(database=database).update_query_dict({"mode": "ro", "uri": "true"})
        return create_async_engine(readonly, isolation_level="AUTOCOMMIT", hide_parameters=True)
    in_utc = {"init_command": "SET SESSION time_zone = '+00:00'"}
    whole = url.update_query_dict({"charset": "utf8mb4"})
    return create_async_engine(whole, isolation_level="AUTOCOMMIT", connect_args=in_utc, hide_parameters=True)


def _tables(connection: Connection) -> Sequence[str]:
    return inspect(connection).get_table_names()


def _shape(connection: Connection, name: str) -> Shape | None:
    found = inspect(connection)
    if name not in [*found.get_table_names(), *found.get_view_names()]:
        return None
    columns = found.get_columns(name)
    is_mysql = connection.dialect.name != "sqlite"
    in_utc = frozenset(one["name"] for one in columns if is_mysql and isinstance(one["type"], TIMESTAMP))
    return Shape(name, [one["name"] for one in columns], in_utc)


def _all(shape: Shape) -> Select[Any]:
    columns: list[Any] = [column(name) for name in shape.columns]
    return select(*columns).select_from(table(shape.name))


def _page(shape: Shape, id_column: str, last: Any) -> Select[Any]:
    statement = _all(shape).order_by(column(id_column))
    return statement if last is None else statement.where(column(id_column) > last)
