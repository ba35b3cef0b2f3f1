"""The log of slow statements says which and how slow, and never what they were about."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from prometheus_client import CollectorRegistry
from sqlalchemy.exc import StatementError

from db import direct, tables
from db.engine import connect
from db.unit_of_work import SqlUnitOfWork
from db.watch import DatabaseWatch
from incidents.errors import Conflict
from tests.building import firing, resolved
from tests.integration.db.stage import Stage
from tests.migrated import unsynced

SECRET = "hunter2"


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
async def stage(migrated_url: str, registry: CollectorRegistry) -> AsyncIterator[Stage]:
    """Where every statement is slow."""
    engines = unsynced(connect(migrated_url, watch=DatabaseWatch(registry, slow=timedelta(0))))
    yield Stage.on(engines)
    await engines.dispose()


def told(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [vars(one) for one in caplog.records if vars(one).get("action") == "slow_query"]


async def test_statements_are_told_without_what_stands_in_them(
    stage: Stage, registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    await stage.take(firing(SECRET, service=SECRET, pod=f"{SECRET}'s"), resolved("b", service=SECRET))
    await stage.read(lambda uow: uow.gate.rows(uow.gate.select(tables.alerts).where(tables.alerts.c.service == SECRET)))
    await stage.write(lambda uow: uow.gate.changed(uow.gate.update(tables.alerts).values(summary=SECRET)))
    lines = told(caplog)
    said = [str(line["statement"]) for line in lines]
    assert SECRET not in str(lines)
    assert any(text.startswith("INSERT") and "alerts" in text for text in said)
    assert any(text.startswith("SELECT") and "FROM alerts" in text and "service" in text for text in said)
    assert [line["rows"] for line in lines if str(line["statement"]).startswith("UPDATE alerts SET summary=")] == [2]
    for verb in ("select", "insert", "update"):
        slow = registry.get_sample_value("bongsu_slow_queries_total", {"verb": verb})
        assert slow == registry.get_sample_value("bongsu_database_statement_seconds_count", {"verb": verb})
        assert slow


async def test_one_that_hung_until_it_was_cut_off_is_told(
    migrated_mariadb_url: str, registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    engines = connect(migrated_mariadb_url, watch=DatabaseWatch(registry, slow=timedelta(milliseconds=50)))
    async with engines.write.connect() as connection:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await direct.say(connection, f"SELECT SLEEP(5), '{SECRET}'", told="SELECT SLEEP(%s), %s")
    await engines.dispose()
    [line] = [one for one in told(caplog) if "SLEEP" in str(one["statement"])]
    assert (line["statement"], line["error"]) == ("SELECT SLEEP(%s), %s", "CancelledError")
    assert int(str(line["ms"])) >= 50
    assert SECRET not in str(line)


async def test_one_that_failed_before_it_ran_was_not_slow(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    naive = sa.update(tables.incidents).values(start_time=datetime(2026, 1, 1))  # noqa: DTZ001
    await stage.read(lambda uow: uow.gate.rows(uow.gate.select(tables.incidents)))
    with pytest.raises(StatementError, match="zone"):
        await stage.write(lambda uow: uow.gate.execute(naive.where(tables.incidents.c.tenant_id == 1)))
    assert [line for line in told(caplog) if "error" in line] == []


async def test_who_waits_for_a_connection_is_seen(stage: Stage, registry: CollectorRegistry) -> None:
    pool = "write" if stage.engines.dialect == "sqlite" else "shared"

    def figure(name: str) -> float:
        return registry.get_sample_value(f"bongsu_database_pool_{name}", {"pool": pool}) or 0.0

    most = int(figure("size"))
    held = [await stage.engines.write.connect() for _ in range(most)]
    assert (figure("in_use"), figure("waiting")) == (most, 0)
    waits = asyncio.create_task(stage.engines.write.connect().start())
    while not figure("waiting"):  # noqa: ASYNC110 - a gauge calls nobody
        await asyncio.sleep(0)
    for one in held:
        await one.close()
    await (await waits).close()
    assert (figure("in_use"), figure("waiting"), figure("wait_seconds_count")) == (0, 0, most + 1)


async def test_a_transaction_that_runs_again_is_counted_by_why(stage: Stage, registry: CollectorRegistry) -> None:
    goes_wrong = [Conflict("others were in the way"), OSError("the database is away")]

    async def work(_: SqlUnitOfWork) -> None:
        if goes_wrong:
            raise goes_wrong.pop()

    await stage.write(work)
    for fault in ("away", "collision"):
        assert registry.get_sample_value("bongsu_transactions_again_total", {"fault": fault}) == 1
