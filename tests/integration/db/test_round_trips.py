"""What is written is left until something is asked, and then goes to the server with it. On SQLite nothing is left."""

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from db import direct, tables
from db.binary import WORTH
from db.direct import Said, Statement
from db.faults import Fault, classify
from db.gate import prepared, prepared_update
from db.unit_of_work import SqlUnitOfWork
from tests.building import firing
from tests.integration.db.stage import Stage
from tests.integration.db.test_bulk import EVENT, NOW, an_incident

counters = tables.counters
BY_NAME = prepared(counters, counters.c.name, counters.c.value).where(counters.c.name == sa.bindparam("name"))
RAISE = prepared_update(counters).where(counters.c.name == sa.bindparam("of")).values(value=counters.c.value + 1)


def rows(*names: str, value: int = 1) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name in names]


async def named(uow: SqlUnitOfWork, name: str) -> list[int]:
    return [row["value"] for row in await uow.gate.prepared_rows(BY_NAME, name=name)]


async def kept(stage: Stage) -> dict[str, int]:
    return {row["name"]: row["value"] for row in await stage.rows(sa.select(counters.c.name, counters.c.value))}


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What went to the server, and with what."""
    heard: list[list[str]] = []
    say_all = direct.say_all

    async def hear(connection: AsyncConnection, statements: Sequence[Statement]) -> list[Said]:
        heard.append([one.told.split("\n")[0][:40] for one in statements])
        return await say_all(connection, statements)

    monkeypatch.setattr(direct, "say_all", hear)
    return heard


async def test_what_was_written_is_what_is_read_whoever_reads(stage: Stage) -> None:
    async def work(uow: SqlUnitOfWork) -> list[list[int]]:
        await uow.gate.insert_many(counters, rows("x"))
        by_statement = await named(uow, "x")
        await uow.gate.prepared_write(RAISE, of="x")
        by_sqlalchemy = [row["value"] for row in await uow.gate.rows(uow.gate.select(counters))]
        await uow.gate.prepared_write(RAISE, of="x")
        matched = (await uow.gate.prepared_change(RAISE, of="x")).matched
        return [by_statement, by_sqlalchemy, [matched], await named(uow, "x")]

    assert await stage.write(work) == [[1], [2], [1], [4]]
    assert await kept(stage) == {"x": 4}


async def test_what_is_left_at_the_end_is_committed(stage: Stage) -> None:
    await stage.write(lambda uow: uow.gate.insert_many(counters, rows("x", "y")))
    assert await kept(stage) == {"x": 1, "y": 1}


async def test_side_by_side_each_gets_its_own_answer(stage: Stage) -> None:
    async def twice(uow: SqlUnitOfWork, name: str) -> list[int]:
        return [*await named(uow, name), *await named(uow, name)]

    async def by_sqlalchemy(uow: SqlUnitOfWork) -> list[int]:
        return [row["value"] for row in await uow.gate.rows(uow.gate.select(counters).where(counters.c.name == "z"))]

    async def work(uow: SqlUnitOfWork) -> Any:
        await uow.gate.insert_many(counters, [*rows("x"), *rows("y", value=2), *rows("z", value=3)])
        return await uow.together(named(uow, "x"), twice(uow, "y"), by_sqlalchemy(uow), named(uow, "nobody"))

    assert await stage.write(work) == ([1], [2, 2], [3], [])


async def test_writes_travel_with_what_is_asked_next(mariadb_stage: Stage, trips: list[list[str]]) -> None:
    async def work(uow: SqlUnitOfWork) -> None:
        trips.clear()
        await uow.gate.insert_many(counters, rows("x"))
        await uow.gate.prepared_write(RAISE, of="x")
        await uow.together(named(uow, "x"), named(uow, "y"))
        await uow.gate.insert_many(counters, rows("y"))

    await mariadb_stage.write(work)
    first, last = trips
    assert [told.split()[0] for told in first] == ["INSERT", "UPDATE", "SELECT", "SELECT"]
    assert last == ["INSERT counters …", "COMMIT"]


async def test_a_batch_is_stored_in_seven_round_trips(mariadb_stage: Stage, trips: list[list[str]]) -> None:
    """Of alerts that open an incident, which takes the most."""
    await mariadb_stage.take(firing("pod-0", service="other"))
    trips.clear()
    await mariadb_stage.take(firing("pod-1"), firing("pod-2"))
    assert len(trips) == 7, trips
    assert trips[-1][-1] == "COMMIT"
    assert sum(map(len, trips)) > 15


async def test_large_writes_do_not_wait(mariadb_stage: Stage, trips: list[list[str]]) -> None:
    """A packet has a limit. (So few rows go by text.)"""
    incident_id = await an_incident(mariadb_stage)
    wide = [{**EVENT, "incident_id": incident_id, "at": NOW, "data": {"n": "n" * 8_000}}] * (WORTH - 1)

    async def work(uow: SqlUnitOfWork) -> None:
        trips.clear()
        for _ in range(21):
            await uow.gate.insert_many(tables.incident_events, wide)

    await mariadb_stage.write(work)
    assert 2 <= len(trips) <= 10
    assert sum(map(len, trips)) == 21 + 1
    assert trips[-1][-1] == "COMMIT"


async def test_after_one_that_fails_nothing_is_said(mariadb_stage: Stage) -> None:
    stage = mariadb_stage
    await stage.write(lambda uow: uow.gate.insert_many(counters, rows("x")))

    async def work(uow: SqlUnitOfWork) -> None:
        await uow.gate.insert_many(counters, rows("before"))
        await uow.gate.insert_many(counters, rows("x"))
        await uow.gate.insert_many(counters, rows("after"))
        with pytest.raises(IntegrityError) as told:
            await named(uow, "x")
        assert told.value.statement == "INSERT counters …"
        assert await named(uow, "before") == [1]
        assert await named(uow, "after") == []
        raise LookupError("that was all")

    with pytest.raises(LookupError):
        await stage.write(work)
    assert await kept(stage) == {"x": 1}


async def test_an_error_of_the_last_write_keeps_all_from_being_committed(mariadb_stage: Stage) -> None:
    stage = mariadb_stage
    with pytest.raises(DBAPIError) as told:
        await stage.write(lambda uow: uow.gate.insert_many(counters, rows("x", value=2**70)))
    assert classify(told.value) is Fault.OURS
    assert await kept(stage) == {}


async def test_a_connection_that_is_lost_between_two_answers_is_away(mariadb_stage: Stage) -> None:
    stage = mariadb_stage

    async def lose() -> None:
        async with stage.engines.write.connect() as connection:
            [(own,)] = (await direct.say(connection, "SELECT CONNECTION_ID()", told="SELECT …")).rows
            texts = ["SELECT 1", f"KILL {own}", "SELECT 2"]
            await direct.say_all(connection, [Statement(text, f"{text[:6]} …") for text in texts])

    with pytest.raises(OperationalError) as told:
        await lose()
    assert told.value.connection_invalidated
    assert classify(told.value) is Fault.AWAY
    await stage.write(lambda uow: uow.gate.insert_many(counters, rows("x")))
    assert await kept(stage) == {"x": 1}


async def test_what_a_packet_has_committed_is_committed_once(mariadb_stage: Stage) -> None:
    """And what comes after it on the same connection is committed, too, or rolled back."""
    stage = mariadb_stage
    [before] = await asked(stage, "SHOW GLOBAL STATUS LIKE 'Com_commit'")
    for name in ("x", "y"):
        await stage.write(lambda uow, name=name: uow.gate.insert_many(counters, rows(name)))  # type: ignore[misc]
    [after] = await asked(stage, "SHOW GLOBAL STATUS LIKE 'Com_commit'")
    assert int(after[1]) - int(before[1]) == 2

    async def fails(uow: SqlUnitOfWork) -> None:
        await uow.gate.insert_many(counters, rows("z"))
        await uow.settle()
        raise LookupError

    with pytest.raises(LookupError):
        await stage.write(fails)
    await stage.write(lambda uow: uow.gate.execute(uow.gate.insert(counters, name="by SQLAlchemy", value=1)))
    assert await kept(stage) == {"x": 1, "y": 1, "by SQLAlchemy": 1}


async def asked(stage: Stage, question: str) -> Sequence[tuple[Any, ...]]:
    async with stage.engines.read.connect() as connection:
        return (await direct.say(connection, question, told=question)).rows
