"""Work is committed, run again, or refused with a reason; a database that comes back is waited for."""

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from asyncmy import errors as my
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from db import tables
from db.engine import connect
from db.faults import Fault, classify
from db.migrate import current, migrate
from db.transactions import SqlTransactions
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.errors import Conflict, IncidentNotFound, InvalidInput, Unavailable
from incidents.model import Status
from tests.building import ALICE, firing
from tests.integration.db.stage import Stage
from tests.mariadb import MariaDB


def told_by_mysql(code: int, kind: type[DBAPIError] = OperationalError, *, gone: bool = False) -> DBAPIError:
    return kind("SELECT 1", {}, my.OperationalError(code, "…"), connection_invalidated=gone)


def told_by_sqlite(words: str, kind: type[DBAPIError] = OperationalError) -> DBAPIError:
    return kind("SELECT 1", {}, sqlite3.OperationalError(words))


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (Conflict("x"), Fault.COLLISION),
        (told_by_mysql(1213), Fault.COLLISION),  # deadlock
        (told_by_mysql(1205), Fault.COLLISION),  # lock wait timeout
        (told_by_mysql(1317), Fault.COLLISION),  # a statement that Galera has cut off
        (told_by_mysql(3101), Fault.COLLISION),  # group replication: another member's change came first
        (told_by_mysql(3100), Fault.AWAY),  # a member that left its group
        (told_by_mysql(1180), Fault.AWAY),  # a node that left its cluster at COMMIT
        (told_by_mysql(1020), Fault.COLLISION),  # record has changed since last read
        (told_by_mysql(1062, IntegrityError), Fault.COLLISION),  # somebody else inserted it
        (told_by_sqlite("UNIQUE constraint failed: incidents.open_key", IntegrityError), Fault.COLLISION),
        (told_by_mysql(1452, IntegrityError), Fault.OURS),  # foreign key
        (told_by_sqlite("NOT NULL constraint failed: alerts.labels", IntegrityError), Fault.OURS),
        (told_by_mysql(2003), Fault.AWAY),  # can't connect
        (told_by_mysql(2006), Fault.AWAY),  # gone away
        (told_by_mysql(2013), Fault.AWAY),  # lost connection during query
        (told_by_mysql(1053), Fault.AWAY),  # shutdown in progress
        (told_by_mysql(1040), Fault.AWAY),  # too many connections
        (told_by_mysql(1290), Fault.AWAY),  # read-only: a failover
        (told_by_mysql(1836), Fault.AWAY),
        (told_by_mysql(1047), Fault.AWAY),  # a Galera node that isn't ready
        (told_by_mysql(1412), Fault.COLLISION),  # a table was altered meanwhile
        (told_by_mysql(1021), Fault.AWAY),  # disk full
        (told_by_mysql(9999, gone=True), Fault.AWAY),
        (told_by_sqlite("database is locked"), Fault.AWAY),
        (told_by_sqlite("database or disk is full"), Fault.AWAY),
        (told_by_sqlite("disk I/O error"), Fault.AWAY),
        (told_by_sqlite("unable to open database file"), Fault.AWAY),
        (told_by_sqlite("Cannot operate on a closed database.", InterfaceError), Fault.OURS),
        (told_by_sqlite("no such table: alerts"), Fault.AWAY),  # not migrated yet
        (told_by_mysql(1146, ProgrammingError), Fault.AWAY),
        (told_by_mysql(1045), Fault.AWAY),  # wrong password: mended while we run
        (told_by_sqlite('near "FROM": syntax error'), Fault.OURS),
        (told_by_mysql(1064, ProgrammingError), Fault.OURS),  # syntax
        (PoolTimeout(), Fault.AWAY),
        (TimeoutError(), Fault.AWAY),
        (ConnectionResetError(), Fault.AWAY),
        (EOFError(), Fault.AWAY),
        (IncidentNotFound("INC-1"), Fault.OURS),
        (ValueError(), Fault.OURS),
    ],
    ids=str,
)
def test_each_error_says_whether_to_try_again(error: Exception, fault: Fault) -> None:
    assert classify(error) is fault


async def test_what_raises_is_not_stored_and_not_run_again(stage: Stage) -> None:
    await stage.take(firing())
    runs = []

    async def work(uow: SqlUnitOfWork) -> None:
        runs.append(1)
        await actions.acknowledge(1, by=ALICE, uow=uow)
        raise InvalidInput("x", "y")

    with pytest.raises(InvalidInput):
        await stage.write(work)
    assert len(runs) == 1
    assert (await stage.incident()).status is Status.ACTIVE


async def test_a_mistake_of_ours_is_told_at_once_and_not_run_again(stage: Stage) -> None:
    runs = []

    async def work(uow: SqlUnitOfWork) -> None:
        runs.append(1)
        await uow.gate.insert_one(tables.incident_events, incident_id=None)

    with pytest.raises(DBAPIError, match="incident_id"):
        await stage.write(work)
    assert len(runs) == 1


async def test_a_write_waits_for_tables_that_are_being_made(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    engines = connect(database_url)
    waiting = asyncio.create_task(Stage.on(engines).take(firing()))
    await it_was_tried(caplog)
    await migrate(engines)
    assert (await waiting).incidents == ("INC-1",)
    await engines.dispose()


@pytest.fixture
async def nowhere(free_port: Callable[[], int]) -> AsyncIterator[SqlTransactions]:
    """The transactions of a database where nobody listens."""
    engines = connect(f"mysql://bongsu:secret-canary@127.0.0.1:{free_port()}/bongsu")
    yield SqlTransactions(engines, tenant_id=1)
    await engines.dispose()


async def test_a_database_that_is_not_there_is_unavailable_within_the_patience(nowhere: SqlTransactions) -> None:
    begun = time.monotonic()
    with pytest.raises(Unavailable) as told:
        await nowhere.write(lambda uow: uow.incidents.get(1), patience=timedelta(seconds=1))
    assert time.monotonic() - begun < 2
    assert "secret-canary" not in str(told.value)


async def test_a_reader_is_told_within_two_seconds(nowhere: SqlTransactions) -> None:
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        await nowhere.read(lambda uow: uow.incidents.get(1))
    assert time.monotonic() - begun < 3


async def test_migrating_a_database_that_is_not_there_says_so(free_port: Callable[[], int]) -> None:
    engines = connect(f"mysql://bongsu:x@127.0.0.1:{free_port()}/bongsu")
    for ask in (current, migrate):
        with pytest.raises(Unavailable):
            await ask(engines)
    await engines.dispose()


async def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    engines = connect(f"sqlite:///{tmp_path / 'missing' / 'bongsu.db'}")
    transactions = SqlTransactions(engines, tenant_id=1)
    with pytest.raises(Unavailable, match="unable to open"):
        await transactions.write(lambda uow: uow.incidents.get(1), patience=timedelta(seconds=0.5))
    await engines.dispose()
    for thread in threading.enumerate():  # aiosqlite's outlive a connection that failed, and must not outlive the loop
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join)


async def test_a_write_that_waits_while_the_server_is_killed_succeeds_when_it_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with await asyncio.to_thread(MariaDB) as server:
        engines = connect(await asyncio.to_thread(server.create_database, "killed"))
        await migrate(engines)
        stage = Stage.on(engines)
        await stage.take(firing("pod-a"))
        await asyncio.to_thread(server.kill)
        waiting = asyncio.create_task(stage.take(firing("pod-b")))
        await it_was_tried(caplog)
        await asyncio.to_thread(server.start)
        assert (await waiting).incidents == ("INC-1",)
        assert len(await stage.all(tables.alerts)) == 2
        await engines.dispose()


async def test_a_write_whose_connections_died_is_run_on_a_new_one(mariadb_stage: Stage) -> None:
    """As after a server's idle timeout: nobody sees it."""
    stage = mariadb_stage
    await stage.take(firing("pod-a"))
    killed = []

    async def work(uow: SqlUnitOfWork) -> None:
        await uow.incidents.lock(1)
        if not killed:
            killed.append(await uow.gate.connection.exec_driver_sql("SELECT CONNECTION_ID()"))
            [[session]] = killed[0].all()
            await stage.write(lambda other: kill(other, session))
        await actions.acknowledge(1, by=ALICE, uow=uow)

    await stage.write(work)
    assert (await stage.incident()).status is Status.ACKNOWLEDGED
    assert (await stage.kinds()).count("acknowledged") == 1


async def kill(uow: SqlUnitOfWork, session: int) -> None:
    await uow.gate.connection.exec_driver_sql(f"KILL {session}")


async def it_was_tried(caplog: pytest.LogCaptureFixture) -> None:
    """Until a transaction has met a database that is away."""
    async with asyncio.timeout(10):
        while not has_waited(caplog):  # noqa: ASYNC110 - a log has no event to wait for
            await asyncio.sleep(0.01)


async def test_each_repetition_is_a_fact_in_the_log(nowhere: SqlTransactions, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Unavailable):
        await nowhere.write(lambda uow: uow.incidents.get(1), patience=timedelta(seconds=0.5))
    first = next(record for record in caplog.records if record.name == "db.transactions")
    assert first.levelno == logging.WARNING
    assert (first.__dict__["action"], first.__dict__["fault"]) == ("transaction_again", "away")


def has_waited(caplog: pytest.LogCaptureFixture) -> bool:
    """Or tables that aren't there yet."""
    return any(
        getattr(record, "fault", "") == Fault.AWAY.value or getattr(record, "action", "") == "schema_misfit"
        for record in caplog.records
    )
