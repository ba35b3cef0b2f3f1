"""Houses for smoke tests: opened in words, always closed, and always checked."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.migrated import MariaDBTemplate, SqliteTemplate
from tests.smoke.grafana import Grafana
from tests.smoke.harness import House
from tests.smoke.workspace import Workspace

MakeHouse = Callable[..., House]


@pytest.fixture
def make_house(
    request: pytest.FixtureRequest, tmp_path: Path, free_port: Callable[[], int], sqlite_template: SqliteTemplate
) -> Iterator[MakeHouse]:
    """Call it for a house in which nothing runs yet: on a fresh SQLite file, or on ``database_url``, which is filled.

    An empty MariaDB database is expected there, on any server.
    """
    houses: list[House] = []

    def make(*, database_url: str = "", config: str = "", **more: str) -> House:
        home = tmp_path / f"house-{len(houses)}"
        home.mkdir()
        url = database_url or f"sqlite+aiosqlite:///{home / 'bongsu.db'}"
        if database_url:
            template: MariaDBTemplate = request.getfixturevalue("mariadb_template")
            template.fill(database_url)
        else:
            sqlite_template.fill(url)
        houses.append(House(home, database_url=url, free_port=free_port, config=config, **more))
        return houses[-1]

    yield make
    try:
        for house in houses:
            house.check()
    finally:
        for house in houses:
            house.close()
            sys.stdout.write("\n".join(house.explain()))


@pytest.fixture
def house(make_house: MakeHouse) -> House:
    """Sandbox and Bongsu, ready, on SQLite."""
    return make_house().open()


@pytest.fixture
def house_anywhere(database_url: str, make_house: MakeHouse) -> House:
    """The same, twice: on SQLite and on MariaDB."""
    return make_house(database_url="" if database_url.startswith("sqlite") else database_url).open()


@pytest.fixture
def workspace(house: House) -> Workspace:
    return house.workspace


@pytest.fixture
def grafana(house: House) -> Grafana:
    return house.grafana
