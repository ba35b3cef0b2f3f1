"""A migrated database for each test, on SQLite and on MariaDB."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from db.engine import Engines, connect
from tests.integration.db.stage import Stage
from tests.migrated import unsynced


@pytest.fixture
async def engines(migrated_url: str) -> AsyncIterator[Engines]:
    """Engines on an up-to-date schema."""
    made = unsynced(connect(migrated_url))
    yield made
    await made.dispose()


@pytest.fixture
def stage(engines: Engines) -> Stage:
    return Stage.on(engines)


@pytest.fixture
async def another_process(migrated_url: str) -> AsyncIterator[Callable[[], Stage]]:
    """Call it for a stage with engines of its own on the same database, as another process would have."""
    async with AsyncExitStack() as ends:

        def made() -> Stage:
            own = unsynced(connect(migrated_url))
            ends.push_async_callback(own.dispose)
            return Stage.on(own)

        yield made


@pytest.fixture
async def sqlite_stage(migrated_sqlite_url: str) -> AsyncIterator[Stage]:
    """For what only the embedded database does."""
    engines = connect(migrated_sqlite_url)
    yield Stage.on(engines)
    await engines.dispose()


@pytest.fixture
async def mariadb_stage(migrated_mariadb_url: str) -> AsyncIterator[Stage]:
    """For promises that a database with one writer at a time keeps by itself."""
    engines = connect(migrated_mariadb_url)
    yield Stage.on(engines)
    await engines.dispose()
