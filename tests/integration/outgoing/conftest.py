"""A receiver on loopback, a trap, and a migrated database for each test, on SQLite and on MariaDB."""

from collections.abc import AsyncIterator

import pytest

from db.engine import connect
from tests.integration.db.stage import Stage
from tests.integration.outgoing.receiver import Receiver, Trap, receiving, trapping
from tests.migrated import unsynced


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        yield one


@pytest.fixture
async def trap() -> AsyncIterator[Trap]:
    async with trapping() as one:
        yield one


@pytest.fixture
async def stage(migrated_url: str) -> AsyncIterator[Stage]:
    engines = unsynced(connect(migrated_url))
    yield Stage.on(engines)
    await engines.dispose()


@pytest.fixture
async def sqlite_stage(migrated_sqlite_url: str) -> AsyncIterator[Stage]:
    """For promises that have nothing to do with the database."""
    engines = unsynced(connect(migrated_sqlite_url))
    yield Stage.on(engines)
    await engines.dispose()
