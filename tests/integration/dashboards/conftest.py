"""Grafana's data source on MariaDB, as the user who may only read, and a past to look at."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from datetime import datetime

import pytest

from tests.grafana_reader import Grafana, let_read
from tests.integration.dashboards.seeds import OPEN, day_0, seed
from tests.mariadb import Server, wait_for
from tests.migrated import MariaDBPool


@pytest.fixture(scope="session")
def own_mariadb(mariadb: Server) -> Server:
    """On somebody else's server no user is made."""
    if os.environ.get("BONGSU_TEST_DATABASE_URL"):
        pytest.skip("a user would be made on a server that is not ours")
    return mariadb


@pytest.fixture(scope="session")
def seeded(own_mariadb: Server, mariadb_pool: MariaDBPool) -> Iterator[tuple[str, datetime]]:
    """The name of a database that holds the seeds, for all who only look, and when its day 0 began."""
    begin = day_0()
    with mariadb_pool.lend() as name:
        wait_for(seed(own_mariadb.url(name), begin))
        let_read(own_mariadb, name)
        yield name, begin


@pytest.fixture
def begin(seeded: tuple[str, datetime]) -> datetime:
    """When the seeds' day 0 began."""
    return seeded[1]


@pytest.fixture
async def grafana(own_mariadb: Server, seeded: tuple[str, datetime]) -> AsyncIterator[Grafana]:
    """Over the seeds."""
    async with Grafana.of(own_mariadb, seeded[0]) as made:
        yield made


@pytest.fixture
async def nothing(own_mariadb: Server, mariadb_pool: MariaDBPool) -> AsyncIterator[Grafana]:
    """Over a database of which nobody has used anything yet."""
    with mariadb_pool.lend() as name:
        let_read(own_mariadb, name)
        async with Grafana.of(own_mariadb, name) as made:
            yield made


@pytest.fixture
async def alone(own_mariadb: Server, mariadb_pool: MariaDBPool) -> AsyncIterator[Grafana]:
    """Over one incident, which is open and nobody's, and not in Slack yet."""
    with mariadb_pool.lend() as name:
        await asyncio.to_thread(lambda: wait_for(seed(own_mariadb.url(name), day_0(), [OPEN])))
        let_read(own_mariadb, name)
        async with Grafana.of(own_mariadb, name) as made:
            yield made
