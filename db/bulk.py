"""Many rows by one statement, past SQLAlchemy's compiler and the driver's formatting, which cost several times as much.

A column means the same either way: types are those of the tables. Identifiers are names of our tables and columns
alone; values are parameters on SQLite, and on MySQL the literals of ``db.literals``.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import Boolean, Column, Double, Integer, LargeBinary, String, Table
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.engine import Dialect

from db import literals
from db.types import JsonText, UtcDateTime

Row = Mapping[str, Any]
Writer = Callable[[Any], Any]
Kind = TypeVar("Kind")

AT_ONCE = 200
"""Rows in one statement: far below every server's packet limit, and short enough for the event loop."""
_OUR_OWN = 64
"""Columns no wider than this hold our own names and hashes alone, which fit."""
_ANY = sys.maxsize
"""The width of a column whose texts are not cut."""
_KEPT = 128
"""Sets of columns; there are a few dozen."""


@dataclass(frozen=True, eq=False)
class _Form:
    """How rows with these columns are written: those that may be NULL or are no texts, then the texts."""

    table: str
    names: Sequence[str]
    fillers: Mapping[str, str]
    written: Callable[[Row], str]

    @cached_property
    def into(self) -> str:
        return f" INTO {self.table} (`tenant_id`, {_listed((*self.names, *self.fillers))}) VALUES "


def told(text: str, table: Table) -> str:
    """What errors and logs tell of a statement in which values stand, or go behind it."""
    return f"{text.partition(' ')[0]} {table.name} …"


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
    form = _mysql_form(table, tuple(rows[0]))
    return f"{form.into}{_values(form, rows, tenant_id)}"


def mysql_update(table: Table, rows: Sequence[Row], tenant_id: int, dialect: Dialect) -> str:
    """Set the other columns of the rows with these ``id``s, which this transaction has locked.

    An INSERT that always meets its row: it costs the server a fraction of a join with as many SELECTs. Columns that an
    INSERT can't leave out, and that are not set, get fillers that are never stored. Another tenant's row is left alone.
    """
    form = _mysql_form(table, tuple(rows[0]), fills=True)
    return f"INSERT{form.into}{_values(form, rows, tenant_id)}{instead(table, tuple(rows[0]), dialect)}"


@lru_cache(maxsize=_KEPT)
def instead(table: Table, names: tuple[str, ...], dialect: Dialect) -> str:
    """After the INSERT of an update: what is done to the row that it meets."""
    (alias, new), name = _proposed(dialect), table.name
    ours = f"{name}.`tenant_id` = {new.format('tenant_id')}"
    changes = (f"`{n}` = IF({ours}, {new.format(n)}, {name}.`{n}`)" for n in names if n != "id")
    return f"{alias} ON DUPLICATE KEY UPDATE {', '.join(changes)}"


@lru_cache(maxsize=_KEPT)
def _mysql_form(table: Table, names: tuple[str, ...], *, fills: bool = False) -> _Form:
    texts = [name for name in names if isinstance(table.c[name].type, String) and not table.c[name].nullable]
    widths = [width(getattr(table.c[name].type, "length", None)) for name in texts]
    others = {name: _mysql_writer(table, name) for name in names if name not in texts}
    needed = fillers(table, names) if fills else {}
    return _Form(table.name, (*others, *texts), needed, _row_writer(others, texts, widths))


def _row_writer(others: Mapping[str, Writer], texts: Sequence[str], widths: Sequence[int]) -> Callable[[Row], str]:
    """Of a row the values between the brackets.

    Made of source text, as ``dataclasses`` makes an ``__init__``: one f-string saves a loop over all values, which took
    as long as all that it called. Its source names our own columns and nothing else. Nearly all texts fit and are said
    as they are, so they are looked at together. Of the columns ``at``, ``actor`` and ``kind`` it is::

        def written(row):
            texts = [row['actor'], row['kind']]
            if max(map(len, texts)) > narrowest: texts = list(map(shortened, texts, widths))
            return f"{'NULL' if (value := row['at']) is None else write0(value)},{said(texts)}"
    """
    told = [f"{{'NULL' if (value := row[{one!r}]) is None else write{n}(value)}}" for n, one in enumerate(others)]
    lines = ["def written(row):"]
    if texts:
        lines.append(f"    texts = [{', '.join(f'row[{name!r}]' for name in texts)}]")
        lines.append("    if max(map(len, texts)) > narrowest: texts = list(map(shortened, texts, widths))")
        told.append("{said(texts)}")
    lines.append(f'    return f"{",".join(told)}"')
    known: dict[str, Any] = {f"write{n}": write for n, write in enumerate(others.values())}
    known |= {"said": literals.texts, "shortened": _shortened, "widths": widths, "narrowest": min(widths, default=0)}
    exec("\n".join(lines), known)  # noqa: S102 - nothing in it comes from outside
    return cast("Callable[[Row], str]", known["written"])


def _values(form: _Form, rows: Sequence[Row], tenant_id: int) -> str:
    """``(tenant_id,…),(tenant_id,…)``."""
    end = "".join(f",{filler}" for filler in form.fillers.values())
    return f"({tenant_id},{f'{end}),({tenant_id},'.join(map(form.written, rows))}{end})"


def fillers(table: Table, names: Sequence[str]) -> Mapping[str, str]:
    """By column that an INSERT can't leave out and that is not among these: a literal of its kind.

    Raises TypeError where such a column names a row of another table: MySQL, from 9.6 on, looks for that row before it
    finds that there is nothing to insert.
    """
    return {
        column.name: _filler(column)
        for column in table.c
        if column.name not in {"id", "tenant_id", *names} and not column.nullable and column.server_default is None
    }


def _filler(column: Column[Any]) -> str:
    if column.foreign_keys:
        raise TypeError(f"{column.table.name}.{column.name} must be told, as it is, in an update of many rows")
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
    names = tuple(rows[0])
    writers = _sqlite_writers(table, names)
    for row in rows:
        yield [
            None if value is None else write(value)
            for write, value in zip(writers, map(row.__getitem__, names), strict=True)
        ]


def _mysql_writer(table: Table, name: str) -> Writer:
    type_ = table.c[name].type
    return cut(type_.length, literals.text) if isinstance(type_, String) else of_kind(table.c[name], _LITERALS)


def of_kind(column: Column[Any], by_kind: Mapping[type[Any], Kind]) -> Kind:
    """What stands for its type. Raises TypeError."""
    for kind, it in by_kind.items():
        if isinstance(column.type, kind):
            return it
    raise TypeError(f"{column.table.name}.{column.name} can't be written in bulk")


_LITERALS: Mapping[type[Any], Writer] = {
    UtcDateTime: literals.time,
    JsonText: literals.json,
    Double: literals.double,
    Boolean: int,
    Integer: int,
}


@lru_cache(maxsize=_KEPT)
def _sqlite_writers(table: Table, names: tuple[str, ...]) -> tuple[Writer, ...]:
    return tuple(_sqlite_writer(table, name) for name in names)


def _sqlite_writer(table: Table, name: str) -> Writer:
    type_ = table.c[name].type
    if isinstance(type_, LargeBinary):
        raise TypeError(f"{table.name}.{name} can't be written in bulk")
    process = type_.dialect_impl(_sqlite()).bind_processor(_sqlite())
    return cut(getattr(type_, "length", None), process or _as_it_is)


@lru_cache(maxsize=1)
def _sqlite() -> Dialect:
    return sqlite_dialect()


def cut(of: int | None, write: Writer) -> Writer:
    """``write``, for a column of this width."""
    most = width(of)
    return write if most == _ANY else lambda text: write(_shortened(text, most))


def width(of: int | None) -> int:
    """That texts in a column of this width are cut to: what identifies is hashed in full."""
    return _ANY if of is None or of <= _OUR_OWN else of


def fit(row: Row, widths: Mapping[str, int]) -> Row:
    """With its texts cut to these widths."""
    return {**row, **{name: _shortened(row[name], most) for name, most in widths.items()}}


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _as_it_is(value: Any) -> Any:
    return value


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
