"""No query of the daily paths walks through a whole table: each is explained by MariaDB at a size where it matters."""

import hashlib
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from db.engine import Engines
from db.transactions import SqlTransactions
from incidents import actions
from incidents.clock import look_at_due
from incidents.ingest import ingest
from incidents.model import Actor, AlertKind, AlertStatus, Delivery, Links, Resolution, SourceAlert, Status
from incidents.policy import Policy
from tests.integration.db.stage import AS_IT_IS, Stage

ALICE = Actor.slack("U0ALICE")
START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
MANY = 2000
BIG = ("deliveries", "alerts", "incidents", "incident_series", "incident_events", "incident_episodes", "outbox")
WALKS = {"ALL", "index"}
SHOWN_LONG_AGO = """
INSERT INTO outbox
(tenant_id, incident_id, channel, kind, subject, desired_rev, sent_rev, priority, ts, fence, attempts, created_at)
SELECT 1, 100000 + seq, '#incidents', 'card', '', 1, 1, 3, '1.2', 1, 0, '2026-01-01' FROM seq_1_to_20000
"""


def told(number: int, *, firing: bool = True) -> SourceAlert:
    return SourceAlert(
        status=AlertStatus.FIRING if firing else AlertStatus.RESOLVED,
        fingerprint=f"series-{number}",
        rule_uid=f"rule-{number}",
        alert_name="Load",
        starts_at=START,
        ends_at=None if firing else START + timedelta(minutes=5),
        labels={"service": f"service-{number}", "severity": "warning"},
        annotations={},
        metric_values={"A": 1.0},
        summary="Load is high",
        links=Links(),
        raw={},
    )


def delivery(*alerts: SourceAlert) -> Delivery:
    body = hashlib.sha256(repr(alerts).encode()).hexdigest()
    return Delivery("grafana", uuid.uuid4().hex, body, {}, {}, alerts)


@pytest.fixture
def engines(mariadb_stage: Stage) -> Engines:
    """MariaDB's alone: its plans are what is looked at."""
    return mariadb_stage.engines


async def fill(engines: Engines) -> None:
    """A past of many incidents, nearly all of them long resolved and shown."""
    transactions = SqlTransactions(engines, tenant_id=1)
    for first in range(0, MANY, 200):
        batch = [delivery(told(number)) for number in range(first, first + 200)]
        await transactions.write(lambda uow, batch=batch: ingest(batch, uow=uow, policy=Policy()))
    async with engines.write.begin() as connection:
        await connection.execute(
            text(
                "UPDATE incidents SET status = 'resolved', resolved_time = '2026-01-01' WHERE tenant_id = 1 AND id > 20"
            )
        )
        await connection.execute(text("UPDATE outbox SET due_at = NULL, ts = '1.2', sent_rev = 1 WHERE id > 20"))
        await connection.execute(text(SHOWN_LONG_AGO))
        for table in BIG:
            await connection.execute(text(f"ANALYZE TABLE {table}"))


async def a_day(engines: Engines) -> None:
    """Everything that happens all the time."""
    transactions = SqlTransactions(engines, tenant_id=1)
    new, again = told(MANY + 1), told(5)
    later = replace(again, starts_at=START + timedelta(minutes=1), metric_values={"A": 9.0})
    for alert in (
        new,
        replace(new, metric_values={"A": 2.0}),
        later,
        told(6, firing=False),
        told(MANY + 2, firing=False),
    ):
        await transactions.write(lambda uow, alert=alert: ingest([delivery(alert)], uow=uow, policy=Policy()))
    await transactions.write(lambda uow: ingest([delivery(new)], uow=uow, policy=Policy()))
    await transactions.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await transactions.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    assert await transactions.read(lambda uow: uow.publishing.is_due())
    job = await transactions.write(lambda uow: uow.publishing.claim(holder="here"))
    assert job is not None
    await transactions.write(lambda uow: uow.publishing.sent(job, channel_id="C1", ts="1.1", rev=job.rev))
    await transactions.read(lambda uow: uow.publishing.depth())
    await transactions.read(lambda uow: uow.views.incident(1))
    await transactions.read(lambda uow: uow.views.browse(statuses=[Status.ACTIVE], limit=20))
    await transactions.read(lambda uow: uow.incidents.by_number(3))
    await transactions.write(lambda uow: uow.owners.due(rest=timedelta(minutes=9)))
    await transactions.write(lambda uow: uow.owners.incidents_of(str(ALICE)))
    await a_day_of_the_rules(engines, transactions)


async def a_day_of_the_rules(engines: Engines, transactions: SqlTransactions) -> None:
    """A rule goes blind and sees again, an incident opens again, a test is pressed, and the clock looks."""
    blind = replace(told(8), fingerprint="blind", kind=AlertKind.NO_DATA)
    ends = replace(told(8), status=AlertStatus.RESOLVED, state_reason=Resolution.NO_DATA)
    for alert in (
        blind,
        ends,
        replace(blind, status=AlertStatus.RESOLVED),
        replace(told(8), starts_at=START + timedelta(minutes=9)),
        replace(told(MANY + 3), kind=AlertKind.TEST),
    ):
        await transactions.write(lambda uow, alert=alert: ingest([delivery(alert)], uow=uow, policy=Policy()))
    async with engines.write.begin() as connection:
        await connection.execute(
            text("UPDATE incidents SET check_at = '2026-01-01', last_alert_time = '2026-01-01' WHERE id < 15")
        )
    assert await transactions.read(lambda uow: uow.incidents.any_due())
    assert await transactions.write(lambda uow: look_at_due(uow, Policy(), 5))
    await transactions.write(lambda uow: look_at_due(uow, Policy(), 50))


async def test_no_daily_query_walks_through_a_table(engines: Engines) -> None:
    await fill(engines)
    said: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE")) and not many:
            said.setdefault(statement, parameters)

    event.listen(engines.write.sync_engine, "before_cursor_execute", note)
    await a_day(engines)
    event.remove(engines.write.sync_engine, "before_cursor_execute", note)

    walks = []
    async with engines.write.connect() as connection:
        for statement, parameters in said.items():
            plan = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters, AS_IT_IS)).mappings().all()
            walks += [
                (row["table"], row["type"], statement) for row in plan if row["table"] in BIG and row["type"] in WALKS
            ]
    assert len(said) > 25
    assert walks == []
