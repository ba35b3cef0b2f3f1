"""Bringing the schema up to date, one process at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from alembic import command
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from db import dialect, foreign, schema
from db.engine import Engines
from db.schema import Program, this_program
from db.tables import tenants
from incidents.errors import Unavailable
from incidents.tenants.model import DEFAULT

_LOCK_SECONDS = 300


def newest() -> str:
    """The revision that this program was written for."""
    return this_program().newest


async def current(engines: Engines) -> str | None:
    """The database's revision; None where no table was made yet. Raises Unavailable."""
    try:
        async with engines.read.connect() as connection:
            return await connection.run_sync(_revision)
    except (DBAPIError, OSError) as error:
        raise Unavailable(str(getattr(error, "orig", error))) from error


async def migrate(engines: Engines, program: Program | None = None) -> tuple[str | None, str]:
    """Upgrade to the newest revision; (before, after). Others that call this meanwhile wait.

    A newer database is left as it is, if the program may use it. Raises Unavailable, NewerDatabase where it may not,
    and ForeignTables where another tool's are in the way.
    """
    program = program or this_program()
    try:
        async with _alone(engines) as connection:
            before = await connection.run_sync(_revision)
            if before is not None and before not in program.revisions:
                await schema.begin(connection, program)
                return before, before
            if before is None:
                await connection.run_sync(foreign.refuse)
            await _announce(connection, program, before)
            if before != program.newest:
                await connection.run_sync(_upgrade, program)
            await _ensure_default_tenant(connection)
            await _state(connection, revision=program.newest)
            await connection.commit()
            return before, program.newest
    except (DBAPIError, OSError) as error:
        raise Unavailable(str(getattr(error, "orig", error))) from error


async def _announce(connection: AsyncConnection, program: Program, before: str | None) -> None:
    """Which programs may use the tables that are about to be made: others stop before anything is changed.

    MySQL's DDL ends transactions and is seen at once. Changing the table that all of them have read when they began
    waits for those that are under way: https://mariadb.com/kb/en/metadata-locking/
    """
    await _make_state(connection, before or "", program.oldest)
    told = (await connection.execute(text("SELECT oldest_program FROM schema_state WHERE id = 1"))).scalar_one()
    if told == program.oldest:
        return
    await _state(connection, oldest_program=program.oldest)
    if dialect.name(connection) == "mysql":
        await connection.commit()
        await connection.execute(text(f"ALTER TABLE schema_state COMMENT = 'since {program.oldest}'"))


async def _make_state(connection: AsyncConnection, revision: str, oldest_program: str) -> None:
    is_sqlite = dialect.name(connection) == "sqlite"
    await connection.execute(text(_STATE if is_sqlite else f"{_STATE} ENGINE=InnoDB CHARACTER SET utf8mb4"))
    keep = "INSERT OR IGNORE" if is_sqlite else "INSERT IGNORE"
    row = text(f"{keep} INTO schema_state (id, revision, oldest_program) VALUES (1, :revision, :oldest_program)")
    await connection.execute(row, {"revision": revision, "oldest_program": oldest_program})


_STATE = (
    "CREATE TABLE IF NOT EXISTS schema_state "
    "(id INT PRIMARY KEY, revision VARCHAR(32) NOT NULL, oldest_program VARCHAR(32) NOT NULL)"
)
"""No migration makes it: a program must be able to read it whatever the others are."""


async def _state(connection: AsyncConnection, **values: str) -> None:
    [(column, value)] = values.items()
    await connection.execute(text(f"UPDATE schema_state SET {column} = :value WHERE id = 1"), {"value": value})  # noqa: S608 - a name of ours


@asynccontextmanager
async def _alone(engines: Engines) -> AsyncIterator[AsyncConnection]:
    """A connection for the migration, while nobody else has one.

    SQLite: BEGIN IMMEDIATE holds the database's only write lock, and its DDL is transactional. MySQL commits at each
    DDL, so the lock is a row that another connection holds. (GET_LOCK is refused in a Galera cluster.)
    """
    if engines.dialect == "sqlite":
        async with engines.write.connect() as connection:
            yield connection
        return
    async with engines.write.connect() as holder, engines.write.connect() as connection:
        try:
            await holder.execute(text(f"SET SESSION innodb_lock_wait_timeout = {_LOCK_SECONDS}"))
            await _make_lock(holder)  # which waits, too: for who has locked the row that is there already
            await holder.execute(text("SELECT id FROM migration_lock WHERE id = 1 FOR UPDATE"))
            yield connection
        finally:
            await holder.rollback()
            await holder.invalidate()  # its session's lock wait is not the pool's


async def _make_lock(connection: AsyncConnection) -> None:
    await connection.execute(text("CREATE TABLE IF NOT EXISTS migration_lock (id INT PRIMARY KEY) ENGINE=InnoDB"))
    await connection.execute(text("INSERT IGNORE INTO migration_lock (id) VALUES (1)"))
    await connection.commit()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection, program: Program) -> None:
    config = program.config
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _ensure_default_tenant(connection: AsyncConnection) -> None:
    keep = dialect.insert_or_keep(connection, tenants, unique=("slug",))
    now = await dialect.clock(connection)
    await connection.execute(keep.values(id=DEFAULT_TENANT_ID, slug=DEFAULT.slug, name=DEFAULT.name, created_at=now))


DEFAULT_TENANT_ID = DEFAULT.id
"""The one tenant of a single team, made by the first migration."""
