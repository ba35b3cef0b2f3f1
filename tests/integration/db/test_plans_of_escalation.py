"""What watching over steps and messages costs beside very many that are done: explained by MariaDB."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import event, text

from db.unit_of_work import SqlUnitOfWork
from tests.building import firing
from tests.integration.db.stage import Stage
from tests.integration.db.test_plans import SHOWN_LONG_AGO

DONE = 200_000
STEPS = """
INSERT INTO escalation_steps (tenant_id, incident_id, episode, step, timer, policy, position, round, began_at,
  planned_for, due_at, state, done_at)
SELECT 1, 1, 1 + seq DIV 3, seq MOD 3, 'page', 'default', 1, 1, '2026-01-01', '2026-01-01', {due_at}, {state}, NULL
FROM seq_{first}_to_{last}
"""
IN_A_WHILE, FIVE_AGO = ("UTC_TIMESTAMP(6) + INTERVAL 5 MINUTE", "UTC_TIMESTAMP(6) - INTERVAL 5 MINUTE")


async def fill(stage: Stage) -> None:
    """All steps but a few thousand are done, and three are late; nearly all messages were shown."""
    await stage.take(firing())
    async with stage.engines.write.begin() as connection:
        for statement in (
            "DELETE FROM escalation_steps",
            STEPS.format(due_at="NULL", state="'done'", first=1, last=DONE),
            STEPS.format(due_at=IN_A_WHILE, state="'planned'", first=2_000_001, last=2_005_000),
            STEPS.format(due_at=FIVE_AGO, state="'planned'", first=3_000_001, last=3_000_003),
            SHOWN_LONG_AGO,
            "ANALYZE TABLE escalation_steps",
            "ANALYZE TABLE outbox",
        ):
            await connection.execute(text(statement))


async def plan_of(stage: Stage, work: Callable[[SqlUnitOfWork], Awaitable[Any]], table: str) -> Mapping[str, Any]:
    said = list[tuple[str, Any]]()

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if table in statement:
            said.append((statement, parameters))

    event.listen(stage.engines.read.sync_engine, "before_cursor_execute", note)
    await stage.read(work)
    event.remove(stage.engines.read.sync_engine, "before_cursor_execute", note)
    [(statement, parameters)] = said
    async with stage.engines.write.connect() as connection:
        [plan] = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)).mappings().all()
    return dict(plan)


async def test_what_is_late_is_found_in_the_index_of_what_is_to_be_done(mariadb_stage: Stage) -> None:
    await fill(mariadb_stage)
    since = await mariadb_stage.now() - timedelta(seconds=30)
    steps, first = await mariadb_stage.read(lambda uow: uow.escalation.overdue(since=since))
    assert (steps, first is None) == (3, False)
    late = await plan_of(mariadb_stage, lambda uow: uow.escalation.overdue(since=since), "escalation_steps")
    assert (late["type"], late["key"]) == ("range", "ix_escalation_steps_due_at")
    assert int(late["rows"]) < 100
    assert "Using index" in late["Extra"]
    waiting = await plan_of(mariadb_stage, lambda uow: uow.heartbeats.unseen_since(), "outbox")
    assert (waiting["type"], waiting["key"]) == ("range", "ix_outbox_due_at")
    assert int(waiting["rows"]) < 100
