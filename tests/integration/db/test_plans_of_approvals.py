"""No query of approvals walks through a table: each is explained by MariaDB at a size where it matters."""

from typing import Any

import pytest
from sqlalchemy import text

from incidents import actions
from incidents.approvals.deciding import approve
from incidents.approvals.model import ApprovalRule, Wanted
from incidents.policy import Policy
from tests.building import ALICE, BOB, firing
from tests.integration.db.stage import Stage
from tests.integration.db.test_plans_of_the_past import statements

POLICY = Policy(approvals=(ApprovalRule(frozenset(Wanted)),))
SIZE = 10_000
PAST = f"""
INSERT INTO approvals
  (tenant_id, incident_id, incident_number, episode, wanted, words, asked_by, asked_via, asked_at, until, event_id,
   outcome, decided_by, decided_via, decided_at, reason)
SELECT 1 + seq % 2, 1000 + seq % 500, seq, 1, 'resolve', '', 'U0ALICE', '', UTC_TIMESTAMP(6) - INTERVAL seq MINUTE,
  UTC_TIMESTAMP(6), seq, 'approved', 'U0BOB', '', UTC_TIMESTAMP(6), '' FROM seq_1_to_{SIZE}
"""


@pytest.fixture
async def full(mariadb_stage: Stage) -> Stage:
    async with mariadb_stage.engines.write.begin() as connection:
        await connection.execute(text(PAST))
        await connection.execute(text("ANALYZE TABLE approvals"))
    return Stage.on(mariadb_stage.engines, policy=POLICY)


async def test_no_query_of_approvals_walks_through_the_table_nor_past_what_lies_before_the_page(full: Stage) -> None:
    await full.take(firing())
    with statements(full) as said:
        await full.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
        [standing] = await full.write(lambda uow: uow.approvals.page(is_open=True, **_everything()))
        for is_open in (None, False):
            page = await full.write(lambda uow, o=is_open: uow.approvals.page(is_open=o, **_everything()))
            deep = (page[-1].asked_at, page[-1].id)
            some = await full.write(lambda uow, o=is_open, d=deep: uow.approvals.page(is_open=o, **_everything(d)))
            assert (len(page), len(some)) == (50, 50)
        assert await full.write(lambda uow: uow.approvals.open_from("U0ALICE")) == [standing]
        of_one = await full.write(lambda uow: uow.approvals.page(is_open=None, **_everything(None, 1002)))
        assert {one.incident_id for one in of_one} == {1002}
        await full.write(lambda uow: approve(standing.id, by=BOB, uow=uow))
    plans = await _plans(full, said)
    assert len(plans) > 8
    assert [one for one in plans if one[0] in {"ALL", "index"}] == []
    assert [one for one in plans if "filesort" in one[2]] == []


def _everything(before: Any = None, incident_id: int | None = None) -> dict[str, Any]:
    return {"incident_id": incident_id, "before": before, "limit": 50}


async def _plans(stage: Stage, said: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """(how the table is read, by which index, what else, statement)"""
    found = []
    async with stage.engines.write.connect() as connection:
        for statement, parameters in said.items():
            plan = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)).mappings().all()
            known = [row for row in plan if row["table"] == "approvals"]
            found += [(row["type"], row["key"], str(row["Extra"]), statement) for row in known]
    return found
