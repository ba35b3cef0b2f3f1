"""Their database, read a page at a time. Nothing is ever written there."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Select,
    Text,
    cast,
    column,
    event,
    func,
    inspect,
    literal,
    select,
    table,
)
from sqlalchemy.engine import URL, Connection, Inspector
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.types import TIMESTAMP

from bongsu.takeover.undecoded import Undecoded
from db.engine import parse_url
from incidents.errors import InvalidInput, Unavailable

Values = Mapping[str, Any]
"""A row by their names."""
FROM = "--from"


@dataclass(frozen=True, slots=True)
class Shape:
    """A table or view of theirs. ``in_utc``: columns whose times the server itself hands out in UTC.

    ``unique``: columns of which the database promises that no two rows have the same value, but for NULL.
    """

    name: str
    columns: Sequence[str]
    in_utc: frozenset[str]
    unique: frozenset[str] = frozenset()


class Source:
    """Made by ``opened``. Each page is read by itself: it holds nothing there, and sees what is written meanwhile."""

    def __init__(self, connection: AsyncConnection, url: URL) -> None:
        self._connection = connection
        self.told = url.render_as_string()
        """Without the password."""

    async def shape(self, name: str) -> Shape | None:
        """None: there is no such table."""
        with _reached(self.told):
            return await self._connection.run_sync(_shape, name)

    async def tables(self) -> Sequence[str]:
        with _reached(self.told):
            return await self._connection.run_sync(_tables)

    async def count(self, shape: Shape) -> int:
        """Of its rows, whatever their ids."""
        [row] = await self._rows(select(func.count().label("rows")).select_from(table(shape.name)))
        return int(row["rows"])

    async def pages(self, shape: Shape, id_column: str, *, size: int) -> AsyncIterator[Sequence[Values]]:
        """All rows, by their ids, those without one at the end.

        A page begins behind the last one, so the thousandth costs what the first does. Where several rows have the
        id that ends a page, all of them come before the next.
        """
        page = await self._rows(_page(shape, id_column, None).limit(size))
        while page:
            yield page
            last = page[-1][id_column]
            if len(page) == size and id_column not in shape.unique:
                async for more in self._more_of(shape, id_column, page, size):
                    yield more
            page = await self._rows(_page(shape, id_column, last).limit(size)) if len(page) == size else []
            if page and page[-1][id_column] == last:
                raise InvalidInput("--map", f"the values of {id_column!r} can't be put in order: name another as id")
        async for page in self._streamed(_all(shape).where(column(id_column).is_(None)), size):
            yield page

    async def _more_of(
        self, shape: Shape, id_column: str, page: Sequence[Values], size: int
    ) -> AsyncIterator[Sequence[Values]]:
        """The rows of its last id, as their database compares ids, for which the page had no room."""
        were_there = Counter(fingerprint(values) for values in page)
        same = _all(shape).where(column(id_column) == _bound(page[-1][id_column]))
        async for some in self._streamed(same, size):
            more = []
            for values in some:
                if were_there[fingerprint(values)]:
                    were_there[fingerprint(values)] -= 1
                else:
                    more.append(values)
            if more:
                yield more

    async def by_ids(self, shape: Shape, id_column: str, wanted: Mapping[Any, int]) -> Sequence[Values]:
        """One of each id, in their order: that with its ``fingerprint``, else any. What was deleted is left out."""
        found = defaultdict[Any, list[Values]](list)
        these = column(id_column).in_([_bound(one) for one in wanted])
        for row in await self._rows(_all(shape).where(these)):
            found[row[id_column]].append(row)
        return [_chosen(found[id_], print_) for id_, print_ in wanted.items() if id_ in found]

    async def _rows(self, statement: Select[Any]) -> Sequence[Values]:
        with _reached(self.told):
            return [dict(row) for row in (await self._connection.execute(statement)).mappings()]

    async def _streamed(self, statement: Select[Any], size: int) -> AsyncIterator[Sequence[Values]]:
        """However many there are. Nothing else may be asked until it has ended."""
        with _reached(self.told):
            async with self._connection.stream(statement) as found:
                async for some in found.mappings().partitions(size):
                    yield [dict(row) for row in some]


def fingerprint(values: Values) -> int:
    """By which a row is told from others with its id, in one process."""
    return hash(repr(values))


def _chosen(rows: Sequence[Values], wanted: int) -> Values:
    same = [one for one in rows if fingerprint(one) == wanted] if len(rows) > 1 else []
    return (same or rows)[0]


@contextmanager
def _reached(told: str) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, OSError) as error:
        raise Unavailable(f"{told}: {getattr(error, 'orig', error)}") from error


@asynccontextmanager
async def opened(told: str) -> AsyncIterator[Source]:
    """Raises InvalidInput, and Unavailable where it can't be read."""
    url = _url(told)
    engine = _engine(url)
    try:
        with _reached(url.render_as_string()):
            connection = await engine.connect()
        try:
            yield Source(connection, url)
        finally:
            await connection.close()
    finally:
        await engine.dispose()


def _url(told: str) -> URL:
    """No part of a URL that can't be read is told: what was taken for its host may be the end of its password."""
    if not told.startswith("sqlite") and told.count("@") > 1:
        raise InvalidInput(FROM, "it has more than one '@': write that of a user or password as %40, and / as %2F")
    try:
        url = parse_url(told)
    except InvalidInput as error:
        raise InvalidInput(FROM, error.problem) from error
    except ValueError:
        problem = "its port is no number: write mysql://user:password@host:3306/db, in a password @ as %40, / as %2F"
        raise InvalidInput(FROM, problem) from None
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise InvalidInput(FROM, f"there is no file {url.database!r}: write sqlite:////the/whole/path.db")
    return url


def _engine(url: URL) -> AsyncEngine:
    """SQLite's file is opened for reading alone. MySQL hands out TIMESTAMPs in the session's zone: so that is UTC."""
    if url.get_backend_name() == "sqlite":
        database = f"file:{Path(url.database or '').absolute()}"
        readonly = url.set(database=database).update_query_dict({"mode": "ro", "uri": "true"})
        engine = create_async_engine(readonly, isolation_level="AUTOCOMMIT", hide_parameters=True)
        event.listen(engine.sync_engine, "connect", _decode_what_can_be)
        return engine
    in_utc = {"init_command": "SET SESSION time_zone = '+00:00'"}
    whole = url.update_query_dict({"charset": "utf8mb4"})
    return create_async_engine(whole, isolation_level="AUTOCOMMIT", connect_args=in_utc, hide_parameters=True)


def _decode_what_can_be(connection: Any, _record: Any) -> None:
    """SQLite takes any bytes as TEXT, and Python's own decoding would end the whole query."""
    connection.driver_connection.text_factory = Undecoded.or_text


def _tables(connection: Connection) -> Sequence[str]:
    return inspect(connection).get_table_names()


def _shape(connection: Connection, name: str) -> Shape | None:
    found = inspect(connection)
    if name not in [*found.get_table_names(), *found.get_view_names()]:
        return None
    columns = found.get_columns(name)
    is_mysql = connection.dialect.name != "sqlite"
    in_utc = frozenset(one["name"] for one in columns if is_mysql and isinstance(one["type"], TIMESTAMP))
    unique = _unique(found, name) if name in found.get_table_names() else frozenset[str]()
    return Shape(name, [one["name"] for one in columns], in_utc, unique)


def _unique(found: Inspector, name: str) -> frozenset[str]:
    keys: list[Sequence[str | None]] = [found.get_pk_constraint(name)["constrained_columns"]]
    keys += [one["column_names"] for one in found.get_unique_constraints(name)]
    return frozenset(key[0] for key in keys if len(key) == 1 and key[0] is not None)


def _all(shape: Shape) -> Select[Any]:
    columns: list[Any] = [column(name) for name in shape.columns]
    return select(*columns).select_from(table(shape.name))


def _page(shape: Shape, id_column: str, last: Any) -> Select[Any]:
    id_: ColumnElement[Any] = column(id_column)
    return _all(shape).where(id_.is_not(None) if last is None else id_ > _bound(last)).order_by(id_)


def _bound(value: Any) -> Any:
    """SQLite orders bytes behind all text: what was TEXT there must be TEXT again."""
    return cast(literal(bytes(value), LargeBinary), Text) if isinstance(value, Undecoded) else literal(value)
