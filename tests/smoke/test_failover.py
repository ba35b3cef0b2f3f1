"""Two database servers: when the one in use dies or becomes read-only, the other is used, and nothing is lost.

Both have the tables, and nothing replicates between them: so the rows tell which one was used when.
"""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mariadb import MariaDB
from tests.smoke.conftest import MakeHouse
from tests.smoke.harness import House
from tests.smoke.load import load
from tests.smoke.processes import run

ENOUGH = 40
"""Answers, before and after something happens."""


def migrated(server: MariaDB, home: Path) -> str:
    """The URL of a user who may not write where nobody may, unlike the one by whom the tables are made."""
    url = server.create_database("bongsu")
    done = run("migrate", cwd=home, BONGSU_DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    server.execute("CREATE USER 'served'@'127.0.0.1' IDENTIFIED BY 'beacon-fire'")
    server.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON bongsu.* TO 'served'@'127.0.0.1'")
    return url.replace("//bongsu:", "//served:")


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[MariaDB, MariaDB]]:
    with MariaDB() as first, MariaDB() as second:
        yield first, second


@pytest.fixture
def url(servers: tuple[MariaDB, MariaDB], tmp_path: Path) -> str:
    [url, _] = [migrated(server, tmp_path) for server in servers]
    return url


@pytest.fixture
def house(servers: tuple[MariaDB, MariaDB], url: str, make_house: MakeHouse) -> House:
    """Without a Slack: what one database has shown, the other doesn't know."""
    house = make_house()
    house.start_bongsu(BONGSU_DATABASE_URL=url, BONGSU_DATABASE_HOSTS=hosts(*servers))
    return house


def hosts(*servers: MariaDB) -> str:
    return ",".join(f"127.0.0.1:{server.port}" for server in servers)


def fingerprints(server: MariaDB) -> set[str]:
    return {str(found) for [found] in server.execute("SELECT fingerprint FROM bongsu.alerts")}


def test_when_the_first_dies_the_second_takes_over_and_nothing_is_lost(
    house: House, servers: tuple[MariaDB, MariaDB]
) -> None:
    first, second = servers
    house.allowed.add("sqlalchemy.pool.impl.AsyncAdaptedQueuePool")  # its own word about connections that died
    with load(house.grafana) as told:
        told.more(ENOUGH, "the first is used")
        assert fingerprints(second) == set()
        first.kill()
        told.more(ENOUGH, "the second is used")
    assert told.statuses == {200}
    assert house.wait_until_told("database_host")["host"] == hosts(first)
    first.start()
    assert fingerprints(first) | fingerprints(second) >= set(told.answers)
    assert len(fingerprints(second)) >= ENOUGH
    # Whoever comes anew prefers the first again.
    house.bongsu.tell(signal.SIGTERM)
    assert house.bongsu.wait(within=30) == 0
    assert "database_host" in house.bongsu.stderr
    before = fingerprints(first)
    house.start_bongsu(BONGSU_DATABASE_URL=first.url("bongsu"), BONGSU_DATABASE_HOSTS=hosts(first, second))
    house.grafana.fires("back-again", series=["pod-a"])
    assert len(fingerprints(first) - before) == 1


def test_when_the_first_becomes_read_only_the_second_takes_over(house: House, servers: tuple[MariaDB, MariaDB]) -> None:
    first, second = servers
    with load(house.grafana) as told:
        told.more(ENOUGH, "the first is used")
        first.execute("SET GLOBAL read_only = ON")
        told.more(ENOUGH, "the second is used")
    assert told.statuses == {200}
    assert fingerprints(first) | fingerprints(second) == set(told.answers)
    assert fingerprints(first) & fingerprints(second) == set()
    assert fingerprints(first)
    assert len(fingerprints(second)) >= ENOUGH


def test_a_list_of_servers_that_take_no_writes_says_so_and_one_that_comes_to_take_them_is_used(
    servers: tuple[MariaDB, MariaDB], url: str, make_house: MakeHouse
) -> None:
    first, second = servers
    second.execute("SET GLOBAL read_only = ON")
    first.kill()
    house = make_house()
    house.allowed.add("not_ready")
    house.start_bongsu(wait=False, BONGSU_DATABASE_URL=url, BONGSU_DATABASE_HOSTS=hosts(first, second))
    told = house.wait_until_told("not_ready")["message"]
    assert f"{hosts(second)} is read-only" in told
    assert f"{hosts(first)} Can't connect" in told
    second.execute("SET GLOBAL read_only = OFF")
    house.wait_until_ready()
    house.grafana.fires("checkout-5xx", series=["pod-a"])
    assert len(fingerprints(second)) == 1
