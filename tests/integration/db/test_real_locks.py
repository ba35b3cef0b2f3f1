"""MariaDB itself says that others are in the way: both get through, and nothing is there twice."""

import asyncio
import logging
import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from db import tables
from db.queries.counters import take
from db.unit_of_work import SqlUnitOfWork
from incidents.ingest import ingest
from tests.building import a_delivery, firing
from tests.integration.db.anything import nothing_is_miscounted
from tests.integration.db.stage import Stage

HASH = re.compile("[0-9a-f]{64}")


def faults(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What made transactions run again, as MariaDB told it."""
    told = [record for record in caplog.records if record.name == "db.transactions"]
    assert all(record.levelno == logging.WARNING for record in told)
    return [record.__dict__["error"] for record in told]


async def test_of_two_that_deadlock_one_runs_again(mariadb_stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """One has an incident and wants the counter, the other has the counter and wants the incident."""
    stage = mariadb_stage
    await stage.take(firing("a", service="a"))
    has_a, has_counter = asyncio.Event(), asyncio.Event()

    async def delivers(uow: SqlUnitOfWork) -> None:
        await ingest([a_delivery(firing("a-2", service="a"))], uow=uow, policy=stage.policy)
        has_a.set()
        await has_counter.wait()
        await ingest([a_delivery(firing("b", service="b"))], uow=uow, policy=stage.policy)

    async def counts_and_delivers(uow: SqlUnitOfWork) -> None:
        await has_a.wait()
        await take(uow.gate, "incident_number", 0)
        has_counter.set()
        await ingest([a_delivery(firing("a-3", service="a"))], uow=uow, policy=stage.policy)

    await asyncio.gather(stage.write(delivers), stage.write(counts_and_delivers))
    assert [told[:6] for told in faults(caplog)] == ["(1213,"]
    assert sorted(row["fingerprint"] for row in await stage.all(tables.alerts)) == [
        "a", "a-2", "a-3", "b",
    ]  # fmt: skip
    assert sorted(row["alert_count"] for row in await stage.all(tables.incidents)) == [1, 3]
    await nothing_is_miscounted(stage)


async def test_who_waits_too_long_for_a_lock_rolls_back_all_and_runs_again(
    mariadb_stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """1205 undoes its statement alone: what the transaction had stored before must go, too."""
    stage, runs = mariadb_stage, []
    await stage.take(firing("a", service="a"))
    had, opens = a_delivery(firing("a-2", service="a")), a_delivery(firing("b", service="b"))

    async with stage.engines.write.connect() as other:
        await other.execute(sa.select(tables.counters).with_for_update())

        async def work(uow: SqlUnitOfWork) -> None:
            runs.append(1)
            await uow.gate.connection.exec_driver_sql("SET SESSION innodb_lock_wait_timeout = 1")
            if len(runs) > 1:
                await other.rollback()
            await ingest([had], uow=uow, policy=stage.policy)
            await ingest([opens], uow=uow, policy=stage.policy)
            assert len(await uow.gate.rows(uow.gate.select(tables.alerts))) == 3

        await stage.write(work)
    assert len(runs) == 2
    assert ["1205" in told for told in faults(caplog)] == [True]
    assert [row["reason"] for row in await stage.all(tables.alerts)] == ["opened", "joined", "opened"]
    assert [row["alert_count"] for row in await stage.all(tables.incidents)] == [2, 1]
    assert min(row["number"] or 0 for row in await stage.all(tables.incidents)) == 1
    await nothing_is_miscounted(stage)


async def test_two_that_want_many_keys_in_opposite_orders_both_get_them(mariadb_stage: Stage) -> None:
    stage = mariadb_stage
    for turn in range(4):
        services = [f"service-{turn}-{number}" for number in range(60)]
        await asyncio.gather(
            stage.take(*(firing(f"forth-{service}", service=service) for service in services)),
            stage.take(*(firing(f"back-{service}", service=service) for service in reversed(services))),
        )
    assert len(await stage.all(tables.incidents)) == 4 * 60
    await nothing_is_miscounted(stage)


async def test_whatever_the_order_of_alerts_keys_are_locked_and_opened_in_the_order_of_all(
    mariadb_stage: Stage,
) -> None:
    """Else two that open the same ones would deadlock again and again."""
    stage = mariadb_stage
    alerts = [firing(f"pod-{number}", service=f"service-{number}") for number in range(20)]
    told: list[list[str]] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO incidents") and "`incident_key`" in statement:
            told.append(HASH.findall(statement))
        elif "FOR UPDATE" in statement and "incidents.incident_key IN" in statement:
            ordered = r"ORDER BY incidents.incident_key, incidents.id\s+LIMIT \d+\) AS known INNER JOIN incidents ON"
            assert re.search(ordered, statement)
            assert "STRAIGHT_JOIN" in statement
            told.append(HASH.findall(statement))

    event.listen(stage.engines.write.sync_engine, "before_cursor_execute", note)
    await stage.take(*alerts)
    await stage.take(*reversed(alerts))
    event.remove(stage.engines.write.sync_engine, "before_cursor_execute", note)
    assert [len(keys) for keys in told].count(20) >= 3
    assert told == [sorted(keys) for keys in told]
