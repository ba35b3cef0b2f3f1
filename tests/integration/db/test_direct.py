"""Statements that go directly to MySQL's driver say and answer the same as those that SQLAlchemy runs."""

import asyncio
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from db import direct, tables
from db.direct import Said
from db.faults import Fault, classify
from db.gate import among, prepared
from db.unit_of_work import SqlUnitOfWork
from tests.building import firing, resolved
from tests.integration.db.stage import Stage
from tests.integration.db.test_bulk import EVENT, NASTY, NOW, an_incident

events = tables.incident_events
OF_ACTORS = prepared(events).where(events.c.actor.in_(among("actors"))).order_by(events.c.id)
BY_ACTOR = prepared(events).where(events.c.actor == sa.bindparam("actor"))
AT = prepared(events, events.c.at).where(events.c.at == sa.bindparam("at"))
RENAME = (
    sa.update(events)
    .where(events.c.tenant_id == sa.bindparam("of_tenant"), events.c.actor == sa.bindparam("old"))
    .values(actor=sa.bindparam("new"), kind=sa.case((events.c.kind == "noted", ":no hole"), else_="100 %s"))
)


@pytest.fixture
async def stage(mariadb_stage: Stage) -> Stage:
    """With an event of each nasty actor."""
    incident_id = await an_incident(mariadb_stage)
    rows = [{**EVENT, "incident_id": incident_id, "at": NOW, "actor": text, "data": {text: text}} for text in NASTY]
    await mariadb_stage.write(lambda uow: uow.gate.insert_many(events, rows))
    return mariadb_stage


async def say(stage: Stage, text: str) -> Said:
    return await stage.write(lambda uow: direct.say(uow.gate.connection, text, told="SELECT …"))


async def test_rows_are_those_that_sqlalchemy_reads(stage: Stage) -> None:
    async def both(uow: SqlUnitOfWork) -> tuple[list[Any], list[Any]]:
        mine = await uow.gate.prepared_rows(OF_ACTORS, actors=list(NASTY))
        theirs = await uow.gate.rows(uow.gate.select(events).where(events.c.actor.in_(NASTY)).order_by(events.c.id))
        return list(mine), [dict(row) for row in theirs]

    mine, theirs = await stage.write(both)
    assert len(mine) == len(NASTY)
    assert mine == theirs


async def test_a_row_of_every_type_is_the_one_that_sqlalchemy_reads(mariadb_stage: Stage) -> None:
    stage = mariadb_stage
    await stage.take(firing("pod-1"), resolved("pod-2"))
    for table in (tables.incidents, tables.deliveries, tables.incident_series, tables.outbox):

        async def both(uow: SqlUnitOfWork, table: sa.Table = table) -> tuple[Any, Any]:
            mine = await uow.gate.prepared_rows(prepared(table).order_by(table.c.id))
            return list(mine), [dict(row) for row in await uow.gate.rows(uow.gate.select(table).order_by(table.c.id))]

        mine, theirs = await stage.write(both)
        assert mine
        assert mine == theirs
        assert [[type(value) for value in row.values()] for row in mine] == [
            [type(value) for value in row.values()] for row in theirs
        ]


async def test_what_a_text_holds_is_never_said_as_sql(stage: Stage) -> None:
    for text in NASTY:
        found = await stage.write(lambda uow, text=text: uow.gate.prepared_rows(BY_ACTOR, actor=text))  # type: ignore[misc]
        assert {row["actor"] for row in found} == {text}


async def test_an_empty_list_finds_nothing(stage: Stage) -> None:
    assert await stage.write(lambda uow: uow.gate.prepared_rows(OF_ACTORS, actors=[])) == []


async def test_times_are_of_any_zone_but_not_of_none(stage: Stage) -> None:
    seoul = NOW.astimezone(timezone(timedelta(hours=9)))
    found = await stage.write(lambda uow: uow.gate.prepared_rows(AT, at=seoul))
    assert [row["at"] for row in found] == [NOW] * len(NASTY)
    with pytest.raises(ValueError, match="without a zone"):
        await stage.write(lambda uow: uow.gate.prepared_rows(AT, at=datetime(2026, 1, 31, 10)))  # noqa: DTZ001


async def test_a_value_that_is_missing_or_of_no_known_kind_is_a_mistake(stage: Stage) -> None:
    with pytest.raises(KeyError, match="actors"):
        await stage.write(lambda uow: uow.gate.prepared_rows(OF_ACTORS))
    with pytest.raises(TypeError, match="dict"):
        await stage.write(lambda uow: uow.gate.prepared_rows(BY_ACTOR, actor={"a": 1}))


async def test_an_update_tells_how_many_rows_it_matched_also_where_it_changes_none(stage: Stage) -> None:
    async def twice(uow: SqlUnitOfWork) -> list[int]:
        return [(await uow.gate.prepared_change(RENAME, old="'", new="'")).matched for _ in range(2)]

    assert await stage.write(twice) == [1, 1]
    [row] = await stage.write(lambda uow: uow.gate.prepared_rows(BY_ACTOR, actor="'"))
    assert row["kind"] == "100 %s"


async def test_an_error_is_that_of_sqlalchemy_and_holds_no_value(stage: Stage) -> None:
    with pytest.raises(ProgrammingError) as told:
        await say(stage, "SELECT 'a secret' FROM")
    assert told.value.statement == "SELECT …"
    assert "a secret" not in str(told.value).replace(str(told.value.orig), "")
    assert classify(told.value) is Fault.OURS


async def kill_own(stage: Stage) -> None:
    """The database ends the connection while it is in use."""
    async with stage.engines.write.connect() as connection:
        [(own,)] = (await direct.say(connection, "SELECT CONNECTION_ID()", told="SELECT …")).rows
        await direct.say(connection, f"KILL {own}", told="KILL …")
        await direct.say(connection, "SELECT 1", told="SELECT …")


async def test_a_connection_that_was_lost_is_away_and_the_next_one_works(stage: Stage) -> None:
    with pytest.raises(OperationalError) as told:
        await kill_own(stage)
    assert classify(told.value) is Fault.AWAY
    assert told.value.connection_invalidated
    assert (await say(stage, "SELECT 1")).rows == [(1,)]


async def test_an_answer_that_nobody_waited_for_is_not_taken_for_the_next_one(stage: Stage) -> None:
    async def cut_off() -> None:
        async with stage.engines.write.connect() as connection, asyncio.timeout(0.2):
            await direct.say(connection, "SELECT 'late', SLEEP(2)", told="SELECT …")

    with pytest.raises(TimeoutError):
        await cut_off()
    for _ in range(3):
        assert (await say(stage, "SELECT 'now'")).rows == [("now",)]


async def test_who_listens_to_the_engine_hears_and_may_run_it_instead(stage: Stage) -> None:
    heard: list[str] = []
    engine = stage.engines.write.sync_engine

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    def fail(_cursor: Any, statement: str, _context: Any) -> None:
        if "9" in statement:
            raise stage.engines.write.dialect.loaded_dbapi.OperationalError(1213, "Deadlock found")

    event.listen(engine, "before_cursor_execute", hear)
    event.listen(engine, "do_execute_no_params", fail)
    try:
        assert (await say(stage, "SELECT 8")).rows == [(8,)]
        with pytest.raises(DBAPIError, match="Deadlock"):
            async with stage.engines.write.connect() as connection:
                await direct.say(connection, "SELECT 9", told="SELECT …")
    finally:
        event.remove(engine, "before_cursor_execute", hear)
        event.remove(engine, "do_execute_no_params", fail)
    assert [text for text in heard if text in {"SELECT 8", "SELECT 9"}] == ["SELECT 8", "SELECT 9"]


async def test_a_host_that_takes_no_writes_any_more_is_lost(stage: Stage) -> None:
    """As for SQLAlchemy's own statements, by ``db.hosts``: the connection is given up, and so are the pool's others."""
    engine = stage.engines.write.sync_engine
    error = stage.engines.write.dialect.loaded_dbapi.OperationalError(1290, "running with the --read-only option")

    def refuse(_cursor: Any, _statement: str, _context: Any) -> None:
        raise error

    event.listen(engine, "do_execute_no_params", refuse)
    try:
        with pytest.raises(OperationalError) as told:
            async with stage.engines.write.connect() as connection:
                await direct.say(connection, "INSERT …", told="INSERT …")
    finally:
        event.remove(engine, "do_execute_no_params", refuse)
    assert told.value.connection_invalidated
    assert classify(told.value) is Fault.AWAY
