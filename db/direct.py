"""Statements of MySQL that are run often, past the layers of SQLAlchemy that cost more than the driver and the server.

A statement is built by SQLAlchemy and compiled once; then its values are filled in as the literals of ``db.literals``,
and it goes to the driver on SQLAlchemy's own connection, inside its transaction. Whoever listens to the engine hears of
it (once it has run: without its values), and its errors are those that SQLAlchemy raises.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, CompoundSelect, Connection, Select, Update
from sqlalchemy.dialects.mysql.asyncmy import MySQLDialect_asyncmy
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine
from sqlalchemy.util import greenlet_spawn

from base import codec
from db import literals
from db.types import JsonText, UtcDateTime

Reader = Callable[[Any], Any]
Selected = Select[Any] | CompoundSelect[Any]

_HOLE = re.compile(r":([a-z]\w*)|__\[POSTCOMPILE_(\w+)\]")
_KEPT = 128
"""Statements; there are a few dozen."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the database answered: rows as the driver reads them, and of a change how many rows it matched."""

    rows: Sequence[tuple[Any, ...]]
    matched: int
    last_id: int


async def say(connection: AsyncConnection, text: str, *, told: str) -> Said:
    """Run a statement in which all values stand. Errors and logs tell ``told`` in its place, which has none of them.

    Raises DBAPIError, as SQLAlchemy does.
    """
    if connection.sync_connection is None:
        raise RuntimeError("the connection was not opened")
    return await greenlet_spawn(_say, connection.sync_connection, text, told)


def _say(connection: Connection, text: str, told: str) -> Said:
    dialect = connection.dialect
    cursor = connection.connection.cursor()
    try:
        for hear in connection.engine.dispatch.before_cursor_execute:
            hear(connection, cursor, text, (), None, False)
        for run_instead in dialect.dispatch.do_execute_no_params:
            if run_instead(cursor, text, None):
                break
        else:
            cursor.execute(text)
        for hear in connection.engine.dispatch.after_cursor_execute:
            hear(connection, cursor, told, (), None, False)
        return Said(cursor.fetchall(), cursor.rowcount, cursor.lastrowid or 0)
    except BaseException as error:  # noqa: BLE001 - it is raised, by the function that judges it
        # As for SQLAlchemy's own statements: who listens to its errors may say that the connection is lost, and with it
        # the pool's others. One that was cut off in the middle of an answer is closed.
        connection._handle_dbapi_exception(error, told, (), cursor, None)  # noqa: SLF001 - it has no public name
    finally:
        cursor.close()


async def rows(connection: AsyncConnection, statement: Selected, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a prepared statement, by column names. Raises DBAPIError."""
    form = _form_of(statement, connection)
    said = await say(connection, form.filled(values), told=form.told)
    return [form.row(told) for told in said.rows]


async def change(connection: AsyncConnection, statement: Update, values: Mapping[str, Any]) -> Said:
    """Run a prepared UPDATE. Raises DBAPIError."""
    form = _form_of(statement, connection)
    return await say(connection, form.filled(values), told=form.told)


@dataclass(frozen=True, slots=True)
class _Form:
    """The ``parts`` of a statement's text, between them the ``holes`` for values; ``fixed`` ones never change."""

    told: str
    parts: Sequence[str]
    holes: Sequence[str]
    fixed: Mapping[str, str]
    names: Sequence[str]
    readers: Sequence[tuple[str, Reader]]

    def filled(self, values: Mapping[str, Any]) -> str:
        """Raises KeyError where a value is missing."""
        told = [self.parts[0]]
        for hole, part in zip(self.holes, self.parts[1:], strict=True):
            told += (self.fixed[hole] if hole in self.fixed else _literal(values[hole])), part
        return "".join(told)

    def row(self, told: Sequence[Any]) -> dict[str, Any]:
        row = dict(zip(self.names, told, strict=False))  # the names are those of the statement itself
        for name, read in self.readers:
            value = row[name]
            if value is not None:
                row[name] = read(value)
        return row


def _form_of(statement: Selected | Update, connection: AsyncConnection) -> _Form:
    return _form(statement, is_mariadb=bool(getattr(connection.dialect, "is_mariadb", False)))


@lru_cache(maxsize=_KEPT)
def _form(statement: Selected | Update, *, is_mariadb: bool) -> _Form:
    dialect = MySQLDialect_asyncmy(paramstyle="named")
    dialect.is_mariadb = is_mariadb
    compiled = statement.compile(dialect=dialect)
    pieces = _HOLE.split(compiled.string)
    holes = [named or expanded for named, expanded in zip(pieces[1::3], pieces[2::3], strict=True)]
    fixed = {name: _literal(value) for name, value in compiled.params.items() if value is not None}
    columns = [] if isinstance(statement, Update) else list(statement.selected_columns)
    names = [str(column.name) for column in columns]
    read = {name: _reader(column.type) for name, column in zip(names, columns, strict=True)}
    readers = [(name, reader) for name, reader in read.items() if reader is not None]
    return _Form("%s".join(pieces[::3]), pieces[::3], holes, fixed, names, readers)


def _reader(type_: TypeEngine[Any]) -> Reader | None:
    """What makes of the driver's value the column's; None where they are the same. Not asked about NULL."""
    if isinstance(type_, UtcDateTime):
        return _utc
    if isinstance(type_, JsonText):
        return codec.stored
    return bool if isinstance(type_, Boolean) else None


@lru_cache(maxsize=1024)
def _utc(value: datetime) -> datetime:
    """Rows that are read together tell few times, in many columns; to make one takes six times as long."""
    return value.replace(tzinfo=UTC)


def _literal(value: Any) -> str:
    """A list is what stands between the brackets of IN; an empty one holds nothing."""
    if isinstance(value, str):
        return literals.text(value)
    if isinstance(value, int):
        return literals.integer(value)
    if isinstance(value, datetime):
        return literals.time(value)
    if isinstance(value, list):
        if set(map(type, value)) == {str}:
            return literals.texts(value)
        return ",".join(map(_literal, value)) or "NULL"
    raise TypeError(f"{type(value).__name__} can't be a value of a prepared statement")
