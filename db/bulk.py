"""Many rows by one statement, past SQLAlchemy's compiler and the driver's formatting, which cost several times as much.

A column means the same either way: types are those of the tables. Identifiers are names of our tables and columns
alone; values are parameters on SQLite, and on MySQL the literals of ``db.literals``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, Column, Double, Integer, LargeBinary, String, Table
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.engine import Dialect

from db import literals
from db.types import JsonText, UtcDateTime

Row = Mapping[str, Any]
Writer = Callable[[Any], Any]

AT_ONCE = 200
"""Rows in one statement: far below every server's packet limit, and short enough for the event loop."""
_OUR_OWN = 64
"""Columns no wider than this hold our own names and hashes alone, which fit."""


def chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """At most ``AT_ONCE`` rows each."""
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


def on_conflict_keep(table: Table, unique: Sequence[str], dialect: Dialect) -> str:
    """After an INSERT: leave a row with the same unique columns as it is."""
    if dialect.name == "sqlite":
        return f" ON CONFLICT ({_listed(unique)}) DO NOTHING"
    return f" ON DUPLICATE KEY UPDATE `{unique[0]}` = {table.name}.`{unique[0]}`"


def on_conflict_update(names: Sequence[str], unique: Sequence[str], dialect: Dialect) -> str:
    """After an INSERT: overwrite the other columns of a row with the same unique columns."""
    others = [name for name in names if name not in unique]
    if dialect.name == "sqlite":
        values = ", ".join(f"`{name}` = excluded.`{name}`" for name in others)
        return f" ON CONFLICT ({_listed(unique)}) DO UPDATE SET {values}"
    alias, new = _proposed(dialect)
    return f"{alias} ON DUPLICATE KEY UPDATE {', '.join(f'`{name}` = {new.format(name)}' for name in others)}"


def _proposed(dialect: Dialect) -> tuple[str, str]:
    """How the row that was to be inserted is called, after an INSERT and in what is done instead.

    MySQL deprecates VALUES(), MariaDB knows nothing else.
    """
    return ("", "VALUES(`{}`)") if getattr(dialect, "is_mariadb", False) else (" AS told", "told.`{}`")


def mysql_insert(table: Table, rows: Sequence[Row], tenant_id: int) -> str:
    """Behind INSERT or REPLACE: `` INTO table (tenant_id, …) VALUES (…), (…)``."""
    names = tuple(rows[0])
    values = ",".join(f"({tenant_id},{','.join(told)})" for told in _written(table, names, rows, mysql=True))
    return f" INTO {table.name} (`tenant_id`, {_listed(names)}) VALUES {values}"


def mysql_update(table: Table, rows: Sequence[Row], tenant_id: int, dialect: Dialect) -> str:
    """Set the other columns of the rows with these ``id``s, which this transaction has locked.

    An INSERT that always meets its row: it costs the server a fraction of a join with as many SELECTs. Columns that an
    INSERT can't leave out, and that are not set, get fillers that are never stored. Another tenant's row is left alone.
    """
    names = tuple(rows[0])
    fillers = _fillers(table, names)
    filled = "".join(f",{filler}" for filler in fillers.values())
    values = ",".join(f"({tenant_id},{','.join(told)}{filled})" for told in _written(table, names, rows, mysql=True))
    into = f"{table.name} (`tenant_id`, {_listed((*names, *fillers))})"
    alias, new = _proposed(dialect)
    ours = f"{table.name}.`tenant_id` = {tenant_id}"
    changes = (f"`{n}` = IF({ours}, {new.format(n)}, {table.name}.`{n}`)" for n in names if n != "id")
    return f"INSERT INTO {into} VALUES {values}{alias} ON DUPLICATE KEY UPDATE {', '.join(changes)}"


@lru_cache(maxsize=64)
def _fillers(table: Table, names: tuple[str, ...]) -> Mapping[str, str]:
    """By column, a literal of its kind."""
    return {
        column.name: _filler(column)
        for column in table.c
        if column.name not in {"id", "tenant_id", *names} and not column.nullable and column.server_default is None
    }


def _filler(column: Column[Any]) -> str:
    if isinstance(column.type, UtcDateTime):
        return "'1970-01-01'"
    return "''" if isinstance(column.type, String | JsonText) else "0"


def sqlite_insert(table: Table, names: Sequence[str]) -> str:
    """The same, to be executed with the parameters of each row, the tenant's id before them."""
    marks = ", ".join(["?"] * (1 + len(names)))
    return f" INTO {table.name} (`tenant_id`, {_listed(names)}) VALUES ({marks})"


def sqlite_update(table: Table, names: Sequence[str]) -> str:
    """To be executed with the parameters of each row, after them its id and the tenant's."""
    values = ", ".join(f"`{name}` = ?" for name in names)
    return f"UPDATE {table.name} SET {values} WHERE id = ? AND tenant_id = ?"


def sqlite_parameters(table: Table, rows: Sequence[Row]) -> Iterator[Sequence[Any]]:
    return _written(table, tuple(rows[0]), rows, mysql=False)


def _written(table: Table, names: tuple[str, ...], rows: Iterable[Row], *, mysql: bool) -> Iterator[list[Any]]:
    writers = _writers(table, names, mysql)
    null = "NULL" if mysql else None
    for row in rows:
        yield [
            null if value is None else write(value)
            for write, value in zip(writers, map(row.__getitem__, names), strict=True)
        ]


@lru_cache(maxsize=64)
def _writers(table: Table, names: tuple[str, ...], mysql: bool) -> tuple[Writer, ...]:
    return tuple((_mysql_writer if mysql else _sqlite_writer)(table, name) for name in names)


def _mysql_writer(table: Table, name: str) -> Writer:
    type_ = table.c[name].type
    if isinstance(type_, String):
        return _cut(type_.length, literals.text)
    for kind, write in _LITERALS.items():
        if isinstance(type_, kind):
            return write
    raise TypeError(f"{table.name}.{name} can't be written in bulk")


_LITERALS: Mapping[type[Any], Writer] = {
    UtcDateTime: literals.time,
    JsonText: literals.json,
    Double: literals.double,
    Boolean: literals.integer,
    Integer: literals.integer,
}


def _sqlite_writer(table: Table, name: str) -> Writer:
    type_ = table.c[name].type
    if isinstance(type_, LargeBinary):
        raise TypeError(f"{table.name}.{name} can't be written in bulk")
    process = type_.dialect_impl(_sqlite()).bind_processor(_sqlite())
    return _cut(getattr(type_, "length", None), process or _as_it_is)


@lru_cache(maxsize=1)
def _sqlite() -> Dialect:
    return sqlite_dialect()


def _cut(width: int | None, write: Writer) -> Writer:
    """Text is cut to its column's width: what identifies is hashed in full."""
    if width is None or width <= _OUR_OWN:
        return write

    def cut(value: str) -> Any:
        return write(value if len(value) <= width else f"{value[: width - 1]}…")

    return cut


def _as_it_is(value: Any) -> Any:
    return value


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
