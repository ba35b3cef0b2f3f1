"""Statements of MySQL that are run often, past the layers of SQLAlchemy that cost more than the driver and the server.

A statement is built by SQLAlchemy and compiled once; then its values are filled in as the literals of ``db.literals``,
and it goes to the driver on SQLAlchemy's own connection, inside its transaction. Whoever listens to the engine hears of
it (once it has run: without its values), and its errors are those that SQLAlchemy raises.
"""

import re
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NoReturn

from sqlalchemy import Boolean, CompoundSelect, Connection, Select, Update
from sqlalchemy.dialects.mysql.asyncmy import MySQLDialect_asyncmy
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.types import TypeEngine
from sqlalchemy.util import greenlet_spawn

from base import codec
from db import literals
from db.binary import Many
from db.by_hand import outcome
from db.types import JsonText, UtcDateTime

Reader = Callable[[Any], Any]
Selected = Select[Any] | CompoundSelect[Any]

_HOLE = re.compile(r":([a-z]\w*)|__\[POSTCOMPILE_(\w+)\]")
_KEPT = 128
"""Statements; there are a few dozen."""
_PREPARED = "statements that this connection has prepared, by their text"


@dataclass(frozen=True, slots=True)
class Said:
    """What the database answered: rows as the driver reads them, and of a change how many rows it matched."""

    rows: Sequence[tuple[Any, ...]]
    matched: int
    last_id: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement in which all values stand. Errors and logs tell ``told`` in its place, which has none of them."""

    text: str
    told: str


COMMIT = Statement("COMMIT", "COMMIT")
"""The last of a packet, to be noted. Where statements go apart it is SQLAlchemy's to say."""
_COMMITTED = "a packet has ended with COMMIT"
"""In the pool's notes on a connection, until it comes back."""


async def say(connection: AsyncConnection, text: str, *, told: str) -> Said:
    """Run one. Raises DBAPIError, as SQLAlchemy does."""
    [said] = await say_all(connection, [Statement(text, told)])
    return said


async def say_all(connection: AsyncConnection, statements: Sequence[Statement]) -> list[Said]:
    """Run them in their order, in one round trip: each costs a fraction of one that is sent alone.

    The server stops at the first that fails, and so nothing is said after it. Raises DBAPIError, as SQLAlchemy does.
    """
    if goes_apart(connection):
        return await greenlet_spawn(_say_instead, _opened(connection), statements)
    return await Packet(connection, statements).answers()


class Packet:
    """Statements, or one for many rows, on their way to the server and back. Meanwhile the connection is theirs alone.

    ``send`` returns as soon as they are handed to the system, so that the server works while its client does something
    else; ``answers`` must come after it, or the connection be closed.
    """

    def __init__(self, connection: AsyncConnection, said: Sequence[Statement] | Many) -> None:
        self._connection = _opened(connection)
        self._answers: list[Said] = []
        if isinstance(said, Many):
            self._told = [said.told]
            self._work = _say_many(self._connection, said, self._answers)
        else:
            self._told = [one.told for one in said]
            self._work = _say(self._connection, said, self._answers)
        self._error: BaseException | None = None
        self._waits_for: Any = None

    def send(self) -> None:
        """Until it waits for the server. Without an error: ``answers`` raises it."""
        try:
            self._waits_for = self._work.send(None)
        except Exception as error:  # noqa: BLE001 - it is raised where somebody asks what became of it
            self._error = error

    async def answers(self) -> list[Said]:
        """Raises DBAPIError, as SQLAlchemy does."""
        try:
            if self._error is not None:
                raise self._error  # noqa: TRY301 - it is judged as any other
            await (self._work if self._waits_for is None else _go_on(self._work, self._waits_for))
        except BaseException as error:  # noqa: BLE001 - it is raised, by the function that judges it
            await greenlet_spawn(_fail, self._connection, error, self._told[len(self._answers)])
        return self._answers

    def give_up(self) -> None:
        """Nobody will ask for the answers."""
        self._work.close()


async def _go_on(work: Coroutine[Any, Any, None], waits_for: Any) -> None:
    """Await what was begun by hand, from what it waits for on."""
    while True:
        step, given = await outcome(work, waits_for)
        try:
            waits_for = step(given)
        except StopIteration:
            return


def _opened(connection: AsyncConnection) -> Connection:
    ours = connection.sync_connection
    if ours is None:
        raise RuntimeError("the connection was not opened")
    return ours


def note_commit(connection: AsyncConnection) -> None:
    """``COMMIT`` was said to the driver, so SQLAlchemy and the pool are left nothing to end."""
    connection.sync_connection.connection.info[_COMMITTED] = True  # type: ignore[union-attr]


def has_committed(connection: PoolProxiedConnection | ConnectionPoolEntry) -> bool:
    """Whether a packet has ended its transaction since it was taken from the pool."""
    return _COMMITTED in connection.info


def forget_commit(entry: ConnectionPoolEntry) -> None:
    """It comes back to the pool."""
    entry.info.pop(_COMMITTED, None)


def takes_many(connection: AsyncConnection) -> bool:
    """Whether the server takes the rows of ``db.binary``."""
    return bool(getattr(_opened(connection).connection.driver_connection, "_bulk_supported", False))


def goes_apart(connection: AsyncConnection) -> bool:
    """Whether somebody listens who may run any statement in our place, or have it fail: then each is said alone."""
    return bool(connection.dialect.dispatch.do_execute_no_params)


async def _say_many(connection: Connection, many: Many, answers: list[Said]) -> None:
    """By a statement that this connection keeps, and prepares where it has not met it yet."""
    driver: Any = connection.connection.driver_connection
    kept, events = connection.info.setdefault(_PREPARED, {}), connection.engine.dispatch
    _tell(events.before_cursor_execute, connection, None, many.text)
    statement = kept.get(many.text)
    if statement is None:
        if len(kept) >= _KEPT:
            await kept.pop(next(iter(kept))).close()
        statement = kept[many.text] = await driver.prepare(many.text)
    result = await statement.execute_bulk(many.rows)
    _tell(events.after_cursor_execute, connection, _Ended(result.affected_rows), many.told)
    answers.append(Said((), result.affected_rows, 0))


@dataclass(frozen=True, slots=True)
class _Ended:
    """What listeners ask of a cursor."""

    rowcount: int


async def _say(connection: Connection, statements: Sequence[Statement], answers: list[Said]) -> None:
    """To the driver itself: it needs none of the greenlets in which SQLAlchemy would wait for it."""
    driver: Any = connection.connection.driver_connection
    events, cursor = connection.engine.dispatch, driver.cursor()
    for place, statement in enumerate(statements):
        is_heard = statement is not COMMIT  # which SQLAlchemy tells its listeners by other means
        if is_heard:
            _tell(events.before_cursor_execute, connection, cursor, statement.text)
        if place:
            await cursor.nextset()
        else:
            await cursor.execute(";".join(one.text for one in statements))
        if is_heard:
            _tell(events.after_cursor_execute, connection, cursor, statement.told)
        answers.append(Said(list(await cursor.fetchall()), cursor.rowcount, cursor.lastrowid or 0))


def _say_instead(connection: Connection, statements: Sequence[Statement]) -> list[Said]:
    """One by one, see ``goes_apart``."""
    answers = list[Said]()
    events, cursor = connection.engine.dispatch, connection.connection.cursor()
    try:
        for statement in statements:
            _tell(events.before_cursor_execute, connection, cursor, statement.text)
            instead = connection.dialect.dispatch.do_execute_no_params
            if not any(run(cursor, statement.text, None) for run in instead):
                cursor.execute(statement.text)
            _tell(events.after_cursor_execute, connection, cursor, statement.told)
            answers.append(Said(cursor.fetchall(), cursor.rowcount, cursor.lastrowid or 0))
    except BaseException as error:  # noqa: BLE001 - as in say_all
        _fail(connection, error, statements[len(answers)].told)
    finally:
        cursor.close()
    return answers


def _tell(listeners: Iterable[Callable[..., Any]], connection: Connection, cursor: Any, text: str) -> None:
    for hear in listeners:
        hear(connection, cursor, text, (), None, False)


def _fail(connection: Connection, error: BaseException, told: str) -> NoReturn:
    """As for SQLAlchemy's own statements: who listens to its errors may say that the connection is lost.

    And with it the pool's others. One that was cut off in the middle of an answer is closed.
    """
    try:
        raise error  # noqa: TRY301 - where it is being handled, SQLAlchemy asks the interpreter for it
    except BaseException as raised:  # noqa: BLE001 - it is raised, by the function that judges it
        connection._handle_dbapi_exception(raised, told, (), None, None)  # noqa: SLF001 - it has no public name


@dataclass(frozen=True, slots=True)
class Form:
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


def form_of(statement: Selected | Update, connection: AsyncConnection) -> Form:
    return _form(statement, is_mariadb=bool(getattr(connection.dialect, "is_mariadb", False)))


@lru_cache(maxsize=_KEPT)
def _form(statement: Selected | Update, *, is_mariadb: bool) -> Form:
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
    return Form("%s".join(pieces[::3]), pieces[::3], holes, fixed, names, readers)


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
