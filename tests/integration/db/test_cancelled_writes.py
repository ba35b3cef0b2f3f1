"""Whoever is cancelled in the middle of a write leaves nothing locked: on SQLite, all others write through one door."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from db import tables
from db.unit_of_work import SqlUnitOfWork
from tests.integration.db.stage import Stage

ROW = {"name": "x", "value": 1}


async def store(stage: Stage) -> None:
    await stage.write(
        lambda uow: uow.gate.insert_many_or_keep(tables.counters, [ROW], unique=("tenant_id", "name")), patience=2
    )


TAKES_A_WHILE = sa.text(
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 2000000) SELECT count(*) AS n FROM n"
)


async def test_who_is_cancelled_in_the_middle_of_a_question_leaves_the_lock_to_others(sqlite_stage: Stage) -> None:
    """Though somebody keeps the error, and with it a cursor that has not come to its end."""
    engine, asks = sqlite_stage.engines.write, asyncio.Event()
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *told: "RECURSIVE" in told[2] and asks.set())
    task = asyncio.create_task(sqlite_stage.write(lambda uow: uow.gate.scalar(TAKES_A_WHILE)))
    await asks.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as told:
        await task
    assert told.value.__traceback__ is not None
    with closing(sqlite3.connect(str(engine.url.database), isolation_level=None, timeout=10)) as another_process:
        another_process.execute("BEGIN IMMEDIATE")
    await store(sqlite_stage)


async def test_who_is_cancelled_after_it_has_written_leaves_nothing(stage: Stage) -> None:
    wrote = asyncio.Event()

    async def never_ends(uow: SqlUnitOfWork) -> None:
        await uow.gate.insert_many(tables.counters, [ROW])
        await uow.settle()
        wrote.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(stage.write(never_ends))
    await wrote.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await stage.all(tables.counters) == []
    await store(stage)
    assert len(await stage.all(tables.counters)) == 1
