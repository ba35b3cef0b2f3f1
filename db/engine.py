"""Engines: one for writing, one for reading. On MySQL they are the same."""

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, PoolResetState
from sqlalchemy.util import await_only

from db import direct
from db.hosts import Host, Hosts
from db.literals import SQL_MODE
from db.pool import WatchedPool
from db.watch import DatabaseWatch
from incidents.errors import InvalidInput

_DRIVERS = {"mysql": "mysql+asyncmy", "mariadb": "mariadb+asyncmy", "sqlite": "sqlite+aiosqlite"}
_SQLITE_BUSY_SECONDS = 20
_SWITCHES = 100
_SWITCH_AGAIN_SECONDS = 0.05
_MYSQL_LOCK_WAIT_SECONDS = 5
_MARIADB_SILENCE_SECONDS = 15
"""Whoever says nothing for so long in the midst of a transaction stands still, and holds what others wait for."""
_MYSQL_PORT = 3306
_MYSQL_KEPT, _MYSQL_MORE = 10, 10
"""Connections: so many stay open, and so many more are opened when all of those are in use."""
_SQLITE_READERS, _SQLITE_MORE_READERS = 4, 10


@dataclass(frozen=True, slots=True)
class Engines:
    """``write`` begins with the write lock where the database has only one (SQLite); ``read`` never takes it.

    ``hosts`` is None for SQLite. ``watch`` measures both.
    """

    write: AsyncEngine
    read: AsyncEngine
    watch: DatabaseWatch
    hosts: Hosts | None = None

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``mysql`` (which MariaDB is too)."""
        return "sqlite" if self.write.dialect.name == "sqlite" else "mysql"

    def distrust(self) -> None:
        """A statement has hung: connections that are idle may hang as well, so none of them is used again."""
        if self.hosts is not None:
            self.hosts.distrust()

    async def dispose(self) -> None:
        await self.write.dispose()
        if self.read is not self.write:
            await self.read.dispose()


def parse_url(text: str) -> URL:
    """The database's URL with its asynchronous driver. Raises InvalidInput, which says what to write."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise InvalidInput("BONGSU_DATABASE_URL", f"it is no database URL: {_EXAMPLES}") from error
    family = url.get_backend_name()
    if family not in _DRIVERS:
        raise InvalidInput("BONGSU_DATABASE_URL", f"'{family}' is not supported: {_EXAMPLES}")
    if family != "sqlite" and not url.database:
        raise InvalidInput("BONGSU_DATABASE_URL", f"it names no database: {_EXAMPLES}")
    return url.set(drivername=_DRIVERS[family])


_EXAMPLES = "write mysql+asyncmy://user:password@host:3306/bongsu or sqlite+aiosqlite:///bongsu.db"


def connect(text: str, hosts: Sequence[Host] = (), *, watch: DatabaseWatch | None = None) -> Engines:
    """Engines for this URL, whose own host counts only where there are no ``hosts``. Nothing is opened yet.

    ``watch`` None: no statement is slow, and nobody asks for figures. Raises InvalidInput.
    """
    url, watch = parse_url(text), watch or DatabaseWatch(CollectorRegistry(), slow=None)
    return _sqlite(url, watch) if url.get_backend_name() == "sqlite" else _mysql(url, hosts or [_host_of(url)], watch)


def _host_of(url: URL) -> Host:
    return Host(url.host or "localhost", url.port or _MYSQL_PORT)


def _mysql(url: URL, hosts: Sequence[Host], watch: DatabaseWatch) -> Engines:
    session = f"SET SESSION time_zone = '+00:00', innodb_lock_wait_timeout = {_MYSQL_LOCK_WAIT_SECONDS}, {SQL_MODE}"
    session += f"/*M!100300 , idle_transaction_timeout = {_MARIADB_SILENCE_SECONDS} */"  # MySQL has no such thing
    where = Hosts(hosts)
    engine = create_async_engine(
        url.update_query_dict({"charset": "utf8mb4"}),
        isolation_level="READ COMMITTED",
        poolclass=WatchedPool,
        pool_size=_MYSQL_KEPT,
        max_overflow=_MYSQL_MORE,
        pool_recycle=1800,
        pool_timeout=10,
        pool_reset_on_return=None,
        connect_args={"init_command": session, "async_creator_fn": where.open},
        hide_parameters=True,
    )
    _commit_once(engine)
    _end_what_is_open(engine)
    where.watch(engine)
    watch.over(engine, pool="shared", most=_MYSQL_KEPT + _MYSQL_MORE)
    return Engines(engine, engine, watch, where)


def _commit_once(engine: AsyncEngine) -> None:
    """What a packet has committed need not be committed again."""
    dialect = engine.sync_engine.dialect
    commit = dialect.do_commit

    def do_commit(dbapi_connection: PoolProxiedConnection) -> None:
        if not direct.has_committed(dbapi_connection):
            commit(dbapi_connection)

    dialect.do_commit = do_commit  # type: ignore[method-assign]


def _end_what_is_open(engine: AsyncEngine) -> None:
    """Nothing is left open on a connection that comes back to the pool.

    The pool's own ROLLBACK is a round trip after each COMMIT. The server tells with its last answer whether one is due:
    https://dev.mysql.com/doc/dev/mysql-server/latest/mysql__com_8h.html (SERVER_STATUS_IN_TRANS).
    """

    @event.listens_for(engine.sync_engine, "reset")
    def on_reset(connection: Any, entry: ConnectionPoolEntry, state: PoolResetState) -> None:
        is_open = connection.driver_connection.get_transaction_status() and not direct.has_committed(entry)
        direct.forget_commit(entry)
        if state.asyncio_safe and is_open:
            connection.rollback()


def _sqlite(url: URL, watch: DatabaseWatch) -> Engines:
    write = _sqlite_engine(url, kept=1, more=0)
    read = _sqlite_engine(url, kept=_SQLITE_READERS, more=_SQLITE_MORE_READERS)
    _prepare_sqlite(write, begin="BEGIN IMMEDIATE", read_only=False)
    _prepare_sqlite(read, begin="BEGIN", read_only=True)
    watch.over(write, pool="write", most=1)
    watch.over(read, pool="read", most=_SQLITE_READERS + _SQLITE_MORE_READERS)
    return Engines(write, read, watch)


def _sqlite_engine(url: URL, *, kept: int, more: int) -> AsyncEngine:
    arguments = {"timeout": _SQLITE_BUSY_SECONDS, "isolation_level": None}
    pool = {"poolclass": WatchedPool, "pool_size": kept, "max_overflow": more}
    return create_async_engine(url, connect_args=arguments, hide_parameters=True, **pool)


def _write_ahead(cursor: Any) -> None:
    """Of several that switch a new file over at once, SQLite refuses all but one at once, without its busy timeout."""
    for attempts_left in reversed(range(_SWITCHES)):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or not attempts_left:
                raise
            await_only(asyncio.sleep(_SWITCH_AGAIN_SECONDS))
        else:
            return


def _prepare_sqlite(engine: AsyncEngine, *, begin: str, read_only: bool) -> None:
    """WAL, so that readers never wait; full sync, so that a commit survives a power cut; BEGIN said by us."""

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        _write_ahead(cursor)
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        if read_only:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    @event.listens_for(engine.sync_engine, "invalidate")
    def on_invalidate(connection: Any, _record: Any, _error: Any) -> None:
        """Before it is closed, since SQLite closes none with a cursor that has not come to its end.

        Whoever is cancelled in the middle of a question leaves one, and the error's traceback may hold it for long: its
        transaction would go on, and nobody else could write.
        """
        undone = asyncio.ensure_future(connection.driver_connection.rollback())
        undone.add_done_callback(_is_closed_anyway)


def _is_closed_anyway(undone: "asyncio.Future[None]") -> None:
    """Whatever became of it."""
    if not undone.cancelled():
        undone.exception()
