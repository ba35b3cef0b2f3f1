"""Nothing lost, nothing twice, whatever dies: a sample of `make marathon`."""

from pathlib import Path

import pytest

from base.failpoints import Failpoint
from benchmarks.marathon import calling, keeping, points, sample, server
from benchmarks.marathon.ground import MARIADB, ground, server_for
from benchmarks.marathon.nursery import nursery
from benchmarks.marathon.reckoning import Reckoning

SERVER_KILLS = 6


def test_the_marathon_kills_at_every_failpoint() -> None:
    assert {*points.MOST_PASSES, keeping.NAME, *calling.NAMES} == set(Failpoint)


@pytest.mark.timeout(180)
async def test_killed_at_each_failpoint_nothing_is_lost_and_nothing_is_there_twice(
    database_url: str, tmp_path: Path
) -> None:
    async with nursery() as nest, ground(database_url, tmp_path, nest, **keeping.config(tmp_path)) as here:
        load = sample.load_of(here, 1)
        leg = await sample.run(here, load)
    assert leg.kills == len(Failpoint) - len(calling.NAMES)
    assert leg.rested is not None, "Slack never caught up"
    assert leg.found == Reckoning()
    assert leg.said == {}
    assert len(load.tally.confirmed) > 20


@pytest.mark.timeout(180)
async def test_killed_before_in_and_after_a_call_to_a_webhook_each_arrives_under_its_key(
    mariadb_url: str, tmp_path: Path
) -> None:
    async with nursery() as nest, ground(mariadb_url, tmp_path, nest) as here:
        leg, receiver = await calling.each(here, sample.load_of(here, 3))
    assert (leg.kills, leg.problem) == (len(calling.NAMES), "")
    assert max(receiver.heard.values()) > 1, "one whose answer was not stored is told again"


@pytest.mark.timeout(180)
async def test_a_database_that_is_killed_in_the_midst_of_transactions_loses_nothing(tmp_path: Path) -> None:
    with server_for(MARIADB) as own:
        assert own is not None
        async with nursery() as nest, ground(own.create_database("leg"), tmp_path, nest, server=own) as here:
            leg = await server.run(here, sample.load_of(here, 2), SERVER_KILLS)
    assert (leg.kills, leg.problem) == (SERVER_KILLS, "")
    assert leg.found == Reckoning()
    assert leg.again["away"] >= SERVER_KILLS // 2, "no transaction was interrupted"
