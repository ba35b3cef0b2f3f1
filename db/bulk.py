"""Many rows by one statement, past SQLAlchemy's compiler: it costs several times what the driver itself takes.

The values pass through the same bind processors as everywhere else, so a column means the same either way. Statements
are the driver's own text, built from names of tables and columns alone; values are always parameters.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import String, Table
from sqlalchemy.engine import Dialect

from base import codec
from db.literals import Quoted
from db.types import JsonText

Row = Mapping[str, Any]
Processor = Callable[[Any], Any]

AT_ONCE = 200
"""Rows in one statement: far below every server's packet limit, and short enough for the event loop."""


def chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """At most ``AT_ONCE`` rows each."""
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


def insert(table: Table, names: tuple[str, ...], dialect: Dialect, *, rows: int = 1) -> str:
    """``INSERT INTO table (names) VALUES (…)``. The driver makes one multi-row statement of its ``executemany``."""
    marks = f"({', '.join([_mark(dialect)] * len(names))})"
    return f"INSERT INTO {table.name} ({_listed(names)}) VALUES {', '.join([marks] * rows)}"


def insert_or_keep(table: Table, names: tuple[str, ...], dialect: Dialect, *, unique: tuple[str, ...]) -> str:
    """The same, leaving a row with the same unique columns as it is."""
    told = insert(table, names, dialect)
    if dialect.name == "sqlite":
        return f"{told} ON CONFLICT ({_listed(unique)}) DO NOTHING"
    return f"{told} ON DUPLICATE KEY UPDATE `{unique[0]}` = {table.name}.`{unique[0]}`"


def replace(table: Table, names: tuple[str, ...], dialect: Dialect) -> str:
    """The same, in the place of a row with the same unique columns: with an id of its own, the newest."""
    return f"REPLACE{insert(table, names, dialect).removeprefix('INSERT')}"


def insert_or_update(table: Table, names: tuple[str, ...], dialect: Dialect, *, unique: tuple[str, ...]) -> str:
    """The same, overwriting the other columns of a row with the same unique columns."""
    told = insert(table, names, dialect)
    others = [name for name in names if name not in unique]
    if dialect.name == "sqlite":
        values = ", ".join(f"`{name}` = excluded.`{name}`" for name in others)
        return f"{told} ON CONFLICT ({_listed(unique)}) DO UPDATE SET {values}"
    if getattr(dialect, "is_mariadb", False):
        return f"{told} ON DUPLICATE KEY UPDATE {', '.join(f'`{name}` = VALUES(`{name}`)' for name in others)}"
    return f"{told} AS told ON DUPLICATE KEY UPDATE {', '.join(f'`{name}` = told.`{name}`' for name in others)}"


def update_by_id(table: Table, names: tuple[str, ...], dialect: Dialect, *, rows: int) -> str:
    """Set ``names``, the first of which is ``id``, in ``rows`` rows of one tenant, whose id is the last parameter.

    SQLite: one row at a time, for the driver's ``executemany``, the id after the other values.
    """
    if dialect.name == "sqlite":
        told = ", ".join(f"`{name}` = ?" for name in names[1:])
        return f"UPDATE {table.name} SET {told} WHERE id = ? AND tenant_id = ?"
    first = f"SELECT {', '.join(f'%s AS `{name}`' for name in names)}"
    other = f"SELECT {', '.join(['%s'] * len(names))}"
    told = " UNION ALL ".join([first] + [other] * (rows - 1))
    values = ", ".join(f"{table.name}.`{name}` = told.`{name}`" for name in names[1:])
    return (
        f"UPDATE ({told}) AS told STRAIGHT_JOIN {table.name} ON {table.name}.id = told.id SET {values} "
        f"WHERE {table.name}.tenant_id = %s"
    )


def parameters(table: Table, names: tuple[str, ...], dialect: Dialect, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """The rows as the driver takes them. Text is cut to its column's width: what identifies is hashed in full."""
    processors = _processors(table, names, dialect)
    return [
        tuple([value if process is None else process(value) for process, value in zip(processors, told, strict=True)])
        for told in (list(map(row.__getitem__, names)) for row in rows)
    ]


@lru_cache(maxsize=64)
def _processors(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[Processor | None, ...]:
    return tuple(_processor(table, name, dialect) for name in names)


def _processor(table: Table, name: str, dialect: Dialect) -> Processor | None:
    type_ = table.c[name].type
    if isinstance(type_, String) and type_.length is not None:
        return _cutter(type_.length)
    if isinstance(type_, JsonText) and dialect.name != "sqlite":
        return _quoted_json
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _quoted_json(value: Any) -> Quoted | None:
    return None if value is None else Quoted(codec.dumps(value))


def _cutter(width: int) -> Processor:
    def cut(value: Any) -> Any:
        return value if value is None or len(value) <= width else f"{value[: width - 1]}…"

    return cut


def _mark(dialect: Dialect) -> str:
    return "?" if dialect.name == "sqlite" else "%s"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
