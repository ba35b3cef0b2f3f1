"""Bringing the schema up to date, one process at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from db import dialect
from db.engine import Engines
from db.tables import tenants
from incidents.errors import Unavailable

_LOCK_SECONDS = 300


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def newest() -> str:
    """The revision that this program was written for."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise LookupError("the program has no migrations: it was installed without db/migrations")
    return head


async def current(engines: Engines) -> str | None:
    """The database's revision; None where no table was made yet. Raises Unavailable."""
    try:
        async with engines.read.connect() as connection:
            return await connection.run_sync(_revision)
    except (DBAPIError, OSError) as error:
        raise Unavailable(str(getattr(error, "orig", error))) from error


async def migrate(engines: Engines) -> tuple[str | None, str]:
    """Upgrade to the newest revision; (before, after). Others that call this meanwhile wait. Raises Unavailable."""
    try:
        async with _alone(engines) as connection:
            before = await connection.run_sync(_revision)
            if before != newest():
                await connection.run_sync(_upgrade)
            await _ensure_default_tenant(connection)
            await connection.commit()
            return before, newest()
    except (DBAPIError, OSError) as error:
        raise Unavailable(str(getattr(error, "orig", error))) from error


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
        await _make_lock(holder)
        await holder.execute(text(f"SET SESSION innodb_lock_wait_timeout = {_LOCK_SECONDS}"))
        await holder.execute(text("SELECT id FROM migration_lock WHERE id = 1 FOR UPDATE"))
        try:
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


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _ensure_default_tenant(connection: AsyncConnection) -> None:
    keep = dialect.insert_or_keep(connection, tenants, unique=("slug",))
    now = await dialect.clock(connection)
    await connection.execute(keep.values(id=DEFAULT_TENANT_ID, slug="default", name="default", created_at=now))


DEFAULT_TENANT_ID = 1
"""The one tenant of a single team, made by the first migration."""
