"""What batches and the clock say to MariaDB in statements of many rows finds its rows by an index, too."""

from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from db.engine import Engines
from db.tables import incidents
from incidents import actions
from incidents.ingest import ingest
from incidents.model import AlertKind, Resolution, SourceAlert
from tests.building import ALICE, because, cannot_see, firing, resolved
from tests.integration.db.stage import Stage
from tests.integration.db.test_faults_everywhere import a_batch, a_past
from tests.integration.db.test_plans import BIG, MANY, WALKS, fill

EXPLAINED = ("SELECT", "UPDATE", "DELETE")
SAID = (
    "UPDATE outbox SET",
    "SKIP LOCKED",
    "deliveries.request_id IN",
    "UPDATE incident_series SET",
    "UPDATE counters",
    "max(incident_series.ends_at)",
    "alerts.incident_id IS NULL",
)
"""Parts of statements without which the test would have seen too little."""
OF_OPEN_ONES = "uq_incidents_open_key"
"""Has no entry of what is resolved but those that wait for InnoDB's purge, which estimates count, too."""


@pytest.fixture
def engines(mariadb_stage: Stage) -> Engines:
    """MariaDB's alone: its plans are what is looked at."""
    return mariadb_stage.engines


async def all_of_it(stage: Stage) -> None:
    """A batch of everything, again after its COMMIT's reply was lost, a series that comes back, and what is due."""
    [known] = await stage.rows(select(func.max(incidents.c.id).label("id")))
    await a_past(stage)
    batch, now = a_batch(), await stage.now()
    await stage.take_batch(*batch)
    await stage.write(lambda uow: ingest(batch, uow=uow, policy=stage.policy, tried_since=now))
    await stage.take(*(firing(f"many-{number}", service=f"many-{number % 3}") for number in range(60)))
    await stage.take(*(resolved(f"many-{number}", service=f"many-{number % 3}") for number in range(60)))
    await a_series_that_returns(stage)
    await what_is_due(stage, after=known["id"])


async def a_series_that_returns(stage: Stage) -> None:
    first = await taken(stage, firing("returns", service="returns"))
    await stage.write(lambda uow: actions.resolve(first, by=ALICE, uow=uow))
    await long_ago(stage, "resolved_time", first)
    second = await taken(stage, firing("returns", since=1, service="returns"))
    await stage.write(lambda uow: actions.resolve(second, by=ALICE, uow=uow))
    await long_ago(stage, "resolved_time", second)
    await stage.write(lambda uow: actions.reopen(first, by=ALICE, uow=uow))
    await stage.take(firing("returns", since=2, service="returns"))


async def what_is_due(stage: Stage, *, after: int) -> None:
    """Of later ids: a test is over, a blind one silent, one that flaps quiet, one that was closed by hand critical."""
    await stage.take(cannot_see("tested", kind=AlertKind.TEST, service="tested"))
    grave = await taken(stage, firing("grave", service="grave", severity="critical"))
    await stage.take(cannot_see("blind", rule_uid="r3", service="blind"))
    await stage.take(because(Resolution.PAUSED, resolved("joins")))
    await stage.write(lambda uow: actions.resolve(grave, by=ALICE, uow=uow))
    await long_ago(stage, "resolved_time", grave)
    async with stage.engines.write.begin() as connection:
        await connection.execute(
            text("UPDATE incidents SET check_at = '2026-01-01' WHERE id > :after"), {"after": after}
        )
        await connection.execute(
            text("UPDATE incidents SET last_alert_time = '2026-01-01', start_time = '2026-01-01' WHERE id > :after"),
            {"after": after},
        )
    assert await stage.look() > 5


async def taken(stage: Stage, alert: SourceAlert) -> int:
    """The id of its incident."""
    [name] = (await stage.take(alert)).incidents
    return (await stage.incident(int(name.removeprefix("INC-")))).id


async def long_ago(stage: Stage, column: str, incident_id: int) -> None:
    async with stage.engines.write.begin() as connection:
        told = text(f"UPDATE incidents SET {column} = '2026-01-01' WHERE id = :id")
        await connection.execute(told, {"id": incident_id})


async def test_no_statement_of_many_rows_walks_through_a_table(engines: Engines) -> None:
    await fill(engines)
    said: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith(EXPLAINED) and not many:
            said.setdefault(statement, parameters)

    event.listen(engines.write.sync_engine, "before_cursor_execute", note)
    await all_of_it(Stage.on(engines))
    event.remove(engines.write.sync_engine, "before_cursor_execute", note)

    assert [part for part in SAID if not any(part in statement for statement in said)] == []
    walks, estimates = [], []
    async with engines.write.connect() as connection:
        for statement, parameters in said.items():
            plan = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)).mappings().all()
            for row in plan:
                if row["table"] in BIG:
                    walks += [(row["table"], row["type"], statement)] if row["type"] in WALKS else []
                    is_large = int(row["rows"] or 0) > MANY / 4 and row["key"] != OF_OPEN_ONES
                    estimates += [(row["rows"], row["table"], statement)] if is_large else []
    assert walks == []
    assert estimates == []
