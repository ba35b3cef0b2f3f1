"""What every test may ask for: databases and ports."""

import gc
import os
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # `tests.…`, also where pytest is not run by `python -m`

from tests.mariadb import MariaDB, Server
from tests.mariadb import free_port as a_free_port
from tests.migrated import MariaDBPool, MariaDBTemplate, SqliteTemplate

_numbers = count(1)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name a test by their argument, not by what they hold.

    What is packed holds the time of packing, and the workers of pytest-xdist, which collect on their own, then find
    tests of different names.
    """
    return argname if isinstance(val, bytes) else None


def pytest_collection_finish() -> None:
    """As the server does: what is collected stays for good, and looking through it again and again took a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    """One server for all tests, not to be killed: BONGSU_TEST_DATABASE_URL's, else a MariaDB of our own."""
    if url := os.environ.get("BONGSU_TEST_DATABASE_URL"):
        yield Server.at(url)
        return
    with MariaDB() as server:
        yield server


@pytest.fixture
def mariadb_url(mariadb: Server) -> Iterator[str]:
    """The URL of an empty MariaDB database of this test's own."""
    name = f"bongsu_test_{os.getpid()}_{next(_numbers)}"
    yield mariadb.create_database(name)
    mariadb.drop_database(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite file of this test's own; the file doesn't exist yet."""
    return f"sqlite+aiosqlite:///{tmp_path / 'bongsu.db'}"


@pytest.fixture(params=["sqlite", "mariadb"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of this test's own. The test runs twice: on SQLite and on MariaDB."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def mariadb_template(mariadb: Server) -> MariaDBTemplate:
    """Fills an empty MariaDB database as a migration would."""
    return MariaDBTemplate.make(mariadb, f"bongsu_test_{os.getpid()}_template")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    """Makes an SQLite file as a migration would."""
    return SqliteTemplate.make(tmp_path_factory.mktemp("template") / "bongsu.db")


@pytest.fixture(scope="session")
def mariadb_pool(mariadb: Server, mariadb_template: MariaDBTemplate) -> Iterator[MariaDBPool]:
    """Migrated databases on that server."""
    pool = MariaDBPool(mariadb, mariadb_template, f"bongsu_test_{os.getpid()}_pool")
    yield pool
    pool.close()


@pytest.fixture
def migrated_mariadb_url(mariadb: Server, mariadb_pool: MariaDBPool) -> Iterator[str]:
    """The URL of a MariaDB database with every table, for this test alone."""
    with mariadb_pool.lend() as name:
        yield mariadb.url(name)


@pytest.fixture
def migrated_sqlite_url(sqlite_url: str, sqlite_template: SqliteTemplate) -> str:
    """``sqlite_url``, with every table in it."""
    sqlite_template.fill(sqlite_url)
    return sqlite_url


@pytest.fixture(params=["sqlite", "mariadb"])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database with every table, for this test alone. It runs twice: on SQLite and on MariaDB."""
    url: str = request.getfixturevalue(f"migrated_{request.param}_url")
    return url


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Call it for a TCP port on which nobody listens."""
    return a_free_port
