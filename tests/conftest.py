"""What every test may ask for: databases and ports."""

import os
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # `tests.…`, also where pytest is not run by `python -m`

from tests.mariadb import MariaDB, Server
from tests.mariadb import free_port as a_free_port

_numbers = count(1)


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


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Call it for a TCP port on which nobody listens."""
    return a_free_port
