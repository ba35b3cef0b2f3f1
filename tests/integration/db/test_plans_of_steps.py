"""No query of escalation walks through a table: each is explained by MariaDB beside a past of many steps and pages."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import text

from db.escalation_tables import escalation_steps
from incidents import actions
from incidents.escalation.model import EscalationPolicy, Step
from incidents.model import AlertStatus, SourceAlert
from incidents.pages import NewPage
from incidents.policy import Paging, Policy
from tests.building import ALICE, a_delivery, an_alert
from tests.integration.db.stage import Stage
from tests.integration.db.test_plans_of_the_past import statements

MINUTE = timedelta(minutes=1)
OPEN = 200
PAST = 20_000
MOST_READ = 3 * OPEN
"""What is open, and an hour of pages: of what is older nothing is read."""
WALKS = {"ALL", "index"}
BIG = ("incidents", "incident_events", "incident_episodes", "escalation_steps", "outbox")
POLICY = Policy(
    escalations={
        "default": EscalationPolicy(
            "default",
            (Step(MINUTE, channel="#leads", direct=("<@U0BOB>",)),),
            repeat=30 * MINUTE,
            acknowledge_timeout=60 * MINUTE,
            unresolved_reminder=240 * MINUTE,
        )
    },
    paging=Paging(most_per_hour=3),
)
LONG_AGO = "UTC_TIMESTAMP(6) - INTERVAL (60 + seq) MINUTE"
OLD = (
    f"""
    INSERT INTO incidents
    (id, tenant_id, number, incident_key, title, status, severity, source, rule_uid, alert_name, cluster, namespace,
     service, phase, start_time, resolved_time, last_alert_time, alert_count, is_noise, flapping, episode, version,
     batch_token, created_at)
    SELECT 100000 + seq, 1, 100000 + seq, CONCAT('old', seq), 't', 'resolved', 'warning', 'grafana', 'r', 'a', '', '',
     's', '',
     {LONG_AGO}, {LONG_AGO}, {LONG_AGO}, 1, 0, 0, 1, 1, 'b', {LONG_AGO} FROM seq_1_to_{PAST}
    """,
    f"""
    INSERT INTO incident_events (tenant_id, incident_id, episode, at, actor, kind, data)
    SELECT 1, 100000 + seq, 1, {LONG_AGO}, 'system', 'escalated', '{{}}' FROM seq_1_to_{PAST}
    """,
    f"""
    INSERT INTO escalation_steps
    (tenant_id, incident_id, episode, step, timer, policy, position, round, began_at, planned_for, due_at, state,
     done_at, event_id, told_in_id)
    SELECT 1, 100000 + seq, 1, 1, 'page', 'default', 1, 1, {LONG_AGO}, {LONG_AGO}, NULL, 'done', {LONG_AGO}, seq, seq
    FROM seq_1_to_{PAST}
    """,
    f"""
    INSERT INTO outbox
    (tenant_id, incident_id, channel, kind, subject, desired_rev, sent_rev, priority, ts, fence, attempts, created_at)
    SELECT 1, 0, '#incidents', 'page', CONCAT('page:', 100000 + seq), 1, 1, 0, '1.2', 1, 0, {LONG_AGO}
    FROM seq_1_to_{PAST}
    """,
    f"""
    INSERT INTO outbox
    (tenant_id, incident_id, channel, kind, subject, desired_rev, sent_rev, priority, ts, fence, attempts, created_at)
    SELECT 1, 100000 + seq, CONCAT('#team-', seq % 10), 'reminder', 'event:1', 1, 1, 0, '1.2', 1, 0, {LONG_AGO}
    FROM seq_1_to_{PAST}
    """,
)


@pytest.fixture
async def full(mariadb_stage: Stage) -> Stage:
    """Some are open, before a past in which each incident was paged about."""
    stage = Stage.on(mariadb_stage.engines, policy=POLICY)
    await stage.take_batch(*(a_delivery(_of_a_rule_of_its_own(number)) for number in range(OPEN)))
    async with stage.engines.write.begin() as connection:
        for statement in OLD:
            await connection.execute(text(statement))
    await _analyze(stage)
    return stage


def _of_a_rule_of_its_own(number: int) -> SourceAlert:
    return an_alert(AlertStatus.FIRING, f"p{number}", rule_uid=f"rule-{number}", labels={"service": f"s{number}"})


async def _analyze(stage: Stage) -> None:
    async with stage.engines.write.begin() as connection:
        for table in BIG:
            await connection.execute(text(f"ANALYZE TABLE {table}"))


async def _pass_by(stage: Stage, *, most: int) -> None:
    """The first of what is planned is due."""
    async with stage.engines.write.begin() as connection:
        due = "due_at = UTC_TIMESTAMP(6), planned_for = UTC_TIMESTAMP(6)"
        waiting = f"due_at > UTC_TIMESTAMP(6) ORDER BY due_at, id LIMIT {most}"
        await connection.execute(text(f"UPDATE escalation_steps SET {due} WHERE {waiting}"))


async def all_that_escalation_asks(stage: Stage) -> None:
    for number in (1, 2, 3, 60, 1):
        await _pass_by(stage, most=number)
        assert await stage.read(lambda uow: uow.escalation.any_due())
        assert await stage.escalate()
        await stage.escalate()
    first = await stage.incident()
    await stage.write(lambda uow: actions.escalate(first.id, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.acknowledge(first.id, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.resolve(first.id, by=ALICE, uow=uow))
    await stage.read(lambda uow: uow.escalation.overdue(since=uow.now - MINUTE))
    await stage.write(lambda uow: uow.outbox.add_page(NewPage(0, "#incidents", "page:1", uow.now + 5 * MINUTE)))
    assert await stage.write(lambda uow: uow.outbox.waiting_page("#incidents", after=uow.now))
    assert await stage.read(lambda uow: uow.outbox.calls_since("#incidents", since=uow.now - 60 * MINUTE))
    assert await stage.read(lambda uow: uow.outbox.homes([first.id]))
    rows = await stage.rows(sa.select(escalation_steps.c.told_in_id).where(escalation_steps.c.incident_id <= OPEN))
    told_in = max(row["told_in_id"] or 0 for row in rows)
    assert await stage.read(lambda uow: uow.escalation.told_in(told_in))


async def test_no_query_of_escalation_walks_through_its_past(full: Stage) -> None:
    with statements(full) as said:
        await all_that_escalation_asks(full)
    await _analyze(full)
    said = {statement: parameters for statement, parameters in said.items() if "tenant_id" in statement}
    plans = await _plans(full, said)
    asked = [statement for statement in said if "escalation_steps" in statement]
    assert len(asked) >= 10
    assert [(table, how, said) for table, how, _, said in plans if how in WALKS] == []
    assert [(table, rows, said) for table, _, rows, said in plans if rows > MOST_READ] == []


async def _plans(stage: Stage, said: dict[str, Any]) -> list[tuple[str, str, int, str]]:
    """(table, how it is read, how many rows of it, statement)"""
    found = []
    async with stage.engines.write.connect() as connection:
        for statement, parameters in said.items():
            plan = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)).mappings().all()
            known = [row for row in plan if row["table"] in BIG]
            found += [(row["table"], row["type"], _rows_of(row), statement) for row in known]
    return found


def _rows_of(row: Any) -> int:
    """``12``, or ``12 (3%)`` where a filter on row ids helps."""
    return int(str(row["rows"] or 0).split()[0])
