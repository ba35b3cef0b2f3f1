"""No query of Homes walks through a table: each is explained by MariaDB at a size where it matters."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.homes import HomeView, PageSizes
from incidents.model import AlertStatus, SourceAlert
from tests.building import ALICE, a_delivery, an_alert
from tests.integration.db.stage import AS_IT_IS, Stage
from tests.integration.db.test_plans_of_the_past import BIG, COPIES, _copying, statements

SIZES = PageSizes(mine=10, team=15, snoozed=5)
OPEN = 1000
WALKS = {"ALL", "index"}
MOST_READ = 3 * OPEN
"""What is open, and what a day has seen: of 20,000 rows that are older nothing is read."""
HOMES = """
INSERT INTO app_homes (tenant_id, user_id, language, opened_at, page, failures)
SELECT 1, CONCAT('U', seq), 'en', UTC_TIMESTAMP(6) - INTERVAL seq HOUR, 0, 0 FROM seq_1_to_20000
"""


@pytest.fixture
async def full(mariadb_stage: Stage) -> Stage:
    """A thousand are open, some of them Alice's and some snoozed, before a past of two weeks."""
    for first in range(0, OPEN, 250):
        alerts = [_of_a_rule_of_its_own(n) for n in range(first, first + 250)]
        await mariadb_stage.take_batch(*(a_delivery(alert) for alert in alerts))
    for number in range(1, 9):
        await mariadb_stage.write(_acknowledging(number))
    async with mariadb_stage.engines.write.begin() as connection:
        for table, changed in COPIES.items():
            await connection.execute(text(await _copying(connection, table, changed)))
        soon = "UPDATE incidents SET snoozed_until = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR WHERE number BETWEEN 20 AND 40"
        await connection.execute(text(soon))
        await connection.execute(text(HOMES))
        for table in (*BIG, "app_homes"):
            await connection.execute(text(f"ANALYZE TABLE {table}"))
    return mariadb_stage


def _of_a_rule_of_its_own(number: int) -> SourceAlert:
    return an_alert(AlertStatus.FIRING, f"p{number}", rule_uid=f"rule-{number}", labels={"service": f"s{number}"})


def _acknowledging(number: int) -> Callable[[SqlUnitOfWork], Awaitable[object]]:
    async def work(uow: SqlUnitOfWork) -> object:
        incident = await uow.incidents.by_number(number)
        return await actions.acknowledge(incident.id, by=ALICE, uow=uow)

    return work


async def all_that_homes_ask(stage: Stage) -> HomeView:
    await stage.write(lambda uow: uow.homes.opened("U0ALICE"))
    world = await stage.write(lambda uow: uow.homes.world())
    await stage.write(lambda uow: uow.homes.get("U0ALICE"))
    await stage.write(lambda uow: uow.homes.followed())
    await stage.write(lambda uow: uow.homes.outdated(world, limit=100))
    view = await stage.write(lambda uow: uow.homes.view("U0ALICE", page=0, sizes=SIZES))
    await stage.write(lambda uow: uow.homes.view("U0ALICE", page=30, sizes=SIZES))
    await stage.write(lambda uow: uow.homes.may_publish(urgent=True))
    await stage.write(lambda uow: uow.homes.shown("U0ALICE", world=world, content_sha256=world, view_hash=None))
    await stage.write(lambda uow: uow.homes.failed("U0ALICE", wait=timedelta(seconds=1)))
    await stage.write(lambda uow: uow.homes.lease("here", until_in=timedelta(seconds=1)))
    await stage.write(lambda uow: uow.homes.forget("U0NOBODY"))
    return view


async def test_no_query_of_a_home_walks_through_a_table(full: Stage) -> None:
    with statements(full) as said:
        view = await all_that_homes_ask(full)
    assert (view.mine.total, view.snoozed.total, view.open) == (8, 21, OPEN)
    plans = await _plans(full, said)
    assert len(said) > 15
    assert [(table, how, said) for table, how, _, said in plans if how in WALKS] == []
    assert [(table, rows, said) for table, _, rows, said in plans if rows > MOST_READ] == []


async def _plans(stage: Stage, said: dict[str, Any]) -> list[tuple[str, str, int, str]]:
    """(table, how it is read, how many rows of it, statement)"""
    found = []
    async with stage.engines.write.connect() as connection:
        for statement, parameters in said.items():
            plan = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters, AS_IT_IS)).mappings().all()
            known = [row for row in plan if row["table"] in {*BIG, "app_homes", "any_episode"}]
            found += [(row["table"], row["type"], _rows_of(row), statement) for row in known]
    return found


def _rows_of(row: Any) -> int:
    """``12``, or ``12 (3%)`` where a filter on row ids helps."""
    return int(str(row["rows"] or 0).split()[0])
