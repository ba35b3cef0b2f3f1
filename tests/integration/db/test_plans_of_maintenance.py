"""No query of maintenance walks through a table: each is explained by MariaDB at a size where it matters."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from db.unit_of_work import SqlUnitOfWork
from incidents.maintenance.look import look_at_due
from incidents.maintenance.model import Scope, Window
from incidents.maintenance.plan import Plan, end_early, plan, preview
from tests.building import ALICE, firing
from tests.integration.db.stage import Stage
from tests.integration.db.test_plans_of_the_past import COPIES, _copying, live, statements

WALKS = {"ALL", "index"}
MOST_READ = 1_000
"""Of 20,000 incidents and 20,000 windows that are over; the preview alone looks at the past, by its index."""
WINDOWS = """
INSERT INTO maintenance_windows
  (tenant_id, token, scope, starts_at, ends_at, repeats, zone, reason, channel, created_by, created_at, ended_at)
SELECT 1, seq, '{}', UTC_TIMESTAMP(6) - INTERVAL seq HOUR, UTC_TIMESTAMP(6) - INTERVAL seq MINUTE, 'none', 'UTC', '',
  'C0', 'U0BOB', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) - INTERVAL seq MINUTE FROM seq_1_to_20000
"""


EACH_ITS_OWN = """
UPDATE incident_episodes JOIN incidents ON incidents.tenant_id = 1 AND incidents.number = incident_episodes.number
SET incident_episodes.incident_id = incidents.id WHERE incident_episodes.number > 1000
"""
LARGE = {"incidents", "incident_episodes", "maintenance_windows"}


@pytest.fixture
async def full(mariadb_stage: Stage) -> Stage:
    """A past of two weeks, in which 20,000 windows ended."""
    await live(mariadb_stage, series=12)
    for number in range(20):
        await mariadb_stage.take(firing(f"s{number}", cluster=f"c{number}"))
    async with mariadb_stage.engines.write.begin() as connection:
        for table in ("incidents", "incident_episodes"):
            await connection.execute(text(await _copying(connection, table, COPIES[table])))
        await connection.execute(text(WINDOWS))
        await connection.execute(text(EACH_ITS_OWN))
        await connection.execute(text("UPDATE incidents SET maintenance_id = id % 50 + 1 WHERE number > 1000"))
        for table in LARGE:
            await connection.execute(text(f"ANALYZE TABLE {table}"))
    return mariadb_stage


async def a_window(uow: SqlUnitOfWork) -> Window:
    wanted = Plan("V1", Scope(service=("checkout",)), None, uow.now + timedelta(hours=1), ZoneInfo("UTC"), "C0")
    return await plan(wanted, by=ALICE, uow=uow)


async def test_no_query_of_maintenance_walks_through_a_table(full: Stage) -> None:
    with statements(full) as said:
        window = await full.write(a_window)
        await full.write(lambda uow: uow.maintenance.any_due())
        assert await full.write(look_at_due)
        await full.take(firing("new", cluster="new"))
        await full.write(lambda uow: end_early(window.id, by=ALICE, uow=uow))
        assert await full.write(look_at_due)
    plans = await _plans(full, said)
    assert len([one for one in said if "maintenance" in one]) > 8
    assert [one for one in plans if one[1] in WALKS] == []
    assert [one for one in plans if one[2] > MOST_READ] == []


async def test_what_is_past_is_read_by_the_index_of_when_it_was(full: Stage) -> None:
    with statements(full) as said:
        found = await full.write(lambda uow: preview(Scope(service=("checkout",)), uow=uow))
    assert (found.is_more, found.incidents > 1000) == (True, True)
    plans = {table: key for table, _, _, key, _ in await _plans(full, said)}
    assert plans == {"incident_episodes": "ix_incident_episodes_opened_at", "incidents": "PRIMARY"}
    for before in (None, (await full.now() - timedelta(minutes=15_000), 1)):
        await _is_read_backwards(full, before)


async def _is_read_backwards(full: Stage, before: tuple[datetime, int] | None) -> None:
    """However far back the page is: nothing is sorted, and a page reads no more than itself."""
    with statements(full) as said:
        found = await full.write(lambda uow: uow.maintenance.over(before=before, limit=3))
    assert [one.ended_at for one in found] == sorted((one.ended_at for one in found if one.ended_at), reverse=True)
    assert len(found) == 3
    [(table, _, _, key, statement)] = await _plans(full, said)
    assert (table, key) == ("maintenance_windows", "ix_maintenance_windows_ended_at")
    assert "filesort" not in await _extra(full, statement, said)


async def _extra(stage: Stage, statement: str, said: dict[str, Any]) -> str:
    async with stage.engines.write.connect() as connection:
        rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", said[statement])
        return str([row["Extra"] for row in rows.mappings()])


async def _plans(stage: Stage, said: dict[str, Any]) -> list[tuple[str, str, int, str, str]]:
    """(table, how it is read, how many rows of it, by which index, statement)"""
    found = []
    async with stage.engines.write.connect() as connection:
        for statement, parameters in said.items():
            plan = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)).mappings().all()
            known = [row for row in plan if row["table"] in LARGE]
            found += [(row["table"], row["type"], _rows_of(row), row["key"], statement) for row in known]
    return found


def _rows_of(row: Any) -> int:
    """``12``, or ``12 (3%)`` where a filter on row ids helps."""
    return int(str(row["rows"] or 0).split()[0])
