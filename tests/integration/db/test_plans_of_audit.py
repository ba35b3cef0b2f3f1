"""No query of the audit log walks through a table: each is explained by MariaDB at a size where it matters."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from incidents.audit.chaining import seal_next
from incidents.audit.keeping import Place, Wanted
from incidents.audit.model import ERASED
from tests.building import firing
from tests.integration.db.stage import Stage
from tests.integration.db.test_plans_of_the_past import statements

WALKS = {"ALL", "index"}
LARGE = {"audit_log", "incident_events"}
"""20,000 rows each."""
FEW = ("seq IS NULL", "action = %s AND audit_log.seq <= %s")
"""Conditions that hold for a few: those that wait, and those that the keeper of the chain writes."""
EVENTS = """
INSERT INTO incident_events (tenant_id, incident_id, episode, at, actor, kind, data)
SELECT 1, 1, 1, UTC_TIMESTAMP(6) - INTERVAL seq MINUTE, 'system', 'noted', '{}' FROM seq_1_to_20000
"""
ENTRIES = """
INSERT INTO audit_log (tenant_id, seq, at, actor, via, origin, action, subject, event_id, salt, digest, keyed, hash)
SELECT 1, id, at, CONCAT('U', id % 100), '', 'slack', CONCAT('x.', id % 40), CONCAT('INC-', id % 500), id, '', '', 0, ''
FROM incident_events
"""
REACHED = "UPDATE audit_chains SET seq = 20001, events_id = 1, events_at = UTC_TIMESTAMP(6) - INTERVAL 90 SECOND"


@pytest.fixture
async def full(mariadb_stage: Stage) -> Stage:
    await mariadb_stage.take(firing())
    await mariadb_stage.write(lambda uow: uow.audit.lock_chain(wait=True))
    async with mariadb_stage.engines.write.begin() as connection:
        for statement in (EVENTS, ENTRIES, REACHED):
            await connection.execute(text(statement))
        for table in ("audit_log", "incident_events"):
            await connection.execute(text(f"ANALYZE TABLE {table}"))
    return mariadb_stage


async def test_no_query_of_the_log_walks_through_a_table(full: Stage) -> None:
    now = await full.now()
    place = Place(now - timedelta(hours=5), 10_000)
    with statements(full) as said:
        await full.write(lambda uow: seal_next(uow, secret=None, lag=timedelta(seconds=60)))
        for wanted in (
            Wanted(),
            Wanted(actor="U7"),
            Wanted(action="x.3", since=now - timedelta(days=9)),
            Wanted(subject="INC-3", until=now),
        ):
            for before in (None, place):
                await full.read(lambda uow, w=wanted, b=before: uow.audit.found(w, before=b, limit=50))
        await full.read(lambda uow: uow.audit.sealed(after=9_000, until=20_000, limit=1000))
        await full.read(lambda uow: uow.audit.old(before=now - timedelta(days=30), limit=500))
        await full.read(lambda uow: uow.audit.reserved(ERASED, until=20_000))
        await full.read(lambda uow: uow.audit.newest(ERASED))
        await full.read(lambda uow: uow.audit.count_unsealed())
        await full.read(lambda uow: uow.audit.forged())
    plans = await _plans(full, said)
    assert len(plans) > 12
    assert [one for one in plans if one[1] in WALKS] == []
    sorted_by_hand = [one[3] for one in plans if "filesort" in one[2]]
    assert [one for one in sorted_by_hand if not any(few in one for few in FEW)] == []


async def _plans(stage: Stage, said: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """(table, how it is read, what is done besides, statement)"""
    found = []
    async with stage.engines.write.connect() as connection:
        for statement, parameters in said.items():
            plan = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)).mappings().all()
            known = [row for row in plan if row["table"] in LARGE]
            found += [(row["table"], row["type"], row["Extra"] or "", statement) for row in known]
    return found
