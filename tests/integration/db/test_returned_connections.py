"""A connection comes back to the pool with nothing open, and no round trip is spent on what the server has ended."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select

from db import tables
from db.engine import Engines, connect

_ROLLBACKS = "SHOW SESSION STATUS LIKE 'Com_rollback'"
_INSERT = "INSERT INTO leases (tenant_id, name, holder, expires_at, fence) VALUES (1, 'x', '', '2026-01-01', 0)"


@pytest.fixture
async def engines(migrated_mariadb_url: str) -> AsyncIterator[Engines]:
    made = connect(migrated_mariadb_url)
    yield made
    await made.dispose()


async def rollbacks(engines: Engines) -> int:
    """Of the one connection that these tests use."""
    async with engines.write.begin() as connection:
        return int((await connection.exec_driver_sql(_ROLLBACKS)).one()[1])


async def leases(engines: Engines) -> int:
    async with engines.write.begin() as connection:
        return int((await connection.execute(select(func.count()).select_from(tables.leases))).scalar_one())


async def stumble(engines: Engines) -> None:
    async with engines.write.begin() as connection:
        await connection.exec_driver_sql(_INSERT)
        raise LookupError


async def test_what_was_committed_is_not_rolled_back(engines: Engines) -> None:
    before = await rollbacks(engines)
    for _ in range(3):
        await leases(engines)
    assert await rollbacks(engines) == before


async def test_what_failed_is_rolled_back_once(engines: Engines) -> None:
    before = await rollbacks(engines)
    with pytest.raises(LookupError):
        await stumble(engines)
    assert await rollbacks(engines) == before + 1
    assert await leases(engines) == 0


async def test_what_somebody_left_open_is_rolled_back(engines: Engines) -> None:
    """Past SQLAlchemy, which would end a transaction that it knows of."""
    before = await rollbacks(engines)
    async with engines.write.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        async with driver.cursor() as cursor:
            await cursor.execute(_INSERT)
    assert await rollbacks(engines) == before + 1
    assert await leases(engines) == 0
