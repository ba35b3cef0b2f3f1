"""Many rows go to MariaDB in binary, at once, and their answer is waited for before anything else is said."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, OperationalError

from db import direct, tables
from db.binary import WORTH
from db.engine import connect
from db.faults import Fault, classify
from db.gate import Gate
from db.unit_of_work import SqlUnitOfWork
from tests.building import firing
from tests.integration.db.stage import Stage
from tests.integration.db.test_bulk import EVENT, NASTY, NOW, an_incident, stored

counters = tables.counters
events = tables.incident_events


def rows(count: int = WORTH, *, first: int = 0) -> list[dict[str, Any]]:
    return [{"name": f"n{number:03}", "value": number} for number in range(first, first + count)]


async def kept(stage: Stage) -> int:
    return len(await stage.all(counters))


async def commands(uow: SqlUnitOfWork, name: str) -> int:
    """How many of them this connection has said."""
    told = await uow.gate.row(sa.text(f"SHOW SESSION STATUS LIKE '{name}'"))
    assert told is not None
    return int(told["Value"])


@pytest.fixture
async def one_connection(migrated_mariadb_url: str) -> AsyncIterator[Stage]:
    """A pool that hands out the same one again and again, as long as it lives, to those who come one by one."""
    engines = connect(migrated_mariadb_url)
    yield Stage.on(engines)
    await engines.dispose()


@pytest.mark.parametrize(("count", "in_binary"), [(WORTH - 1, 0), (WORTH, 1), (200, 1), (201, 1), (400, 2)])
async def test_few_rows_travel_with_others_and_many_alone(mariadb_stage: Stage, count: int, in_binary: int) -> None:
    async def work(uow: SqlUnitOfWork) -> int:
        before = await commands(uow, "Com_stmt_execute")
        await uow.gate.insert_many(counters, rows(count))
        return await commands(uow, "Com_stmt_execute") - before

    assert await mariadb_stage.write(work) == in_binary
    assert {row["name"]: row["value"] for row in await mariadb_stage.all(counters)} == {
        row["name"]: row["value"] for row in rows(count)
    }


async def test_a_statement_is_prepared_once_for_a_connection(one_connection: Stage) -> None:
    async def work(uow: SqlUnitOfWork, first: int) -> int:
        await uow.gate.insert_many(counters, rows(first=first))
        await uow.settle()
        return await commands(uow, "Com_stmt_prepare")

    told = [await one_connection.write(lambda uow, first=first: work(uow, first)) for first in (0, 100, 200)]  # type: ignore[misc]
    assert told[0] == told[1] == told[2]
    assert await kept(one_connection) == 3 * WORTH


async def test_each_kind_of_value_is_stored_as_by_text(mariadb_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    incident_id = await an_incident(mariadb_stage)
    later = NOW + timedelta(hours=1)
    times = (NOW, later.astimezone(timezone(timedelta(hours=9))), datetime(1970, 1, 1, tzinfo=UTC))
    numbers = (0.0, -0.5, 5e-324, 1.7976931348623157e308, 12345678901234567.0)
    made = [
        {
            "incident_id": incident_id, "series_key": f"s{n}", "source": "grafana", "rule_uid": text, "name": text * 40,
            "fingerprint": "f", "status": "firing", "starts_at": times[n % 3], "last_alert_at": NOW, "summary": text,
            "ends_at": times[n % 3] if n % 2 else None, "value_fired": numbers[n % 5], "value_peak": None,
            "value_now": 1 if n % 2 else None, "links": {text: [n, None, 0.1]}, "last_delivery_id": n,
            "is_blind": bool(n % 2), "doubt": "paused" if n % 4 else None, "ended_episode": n,
        }
        for n, text in enumerate(NASTY * 2)
    ]  # fmt: skip
    in_binary = await stored(mariadb_stage, made, tables.incident_series)
    monkeypatch.setattr(direct, "takes_many", lambda _: False)
    by_text = await stored(mariadb_stage, made, tables.incident_series)
    assert len(in_binary) == 2 * len(NASTY) >= WORTH
    assert [row["starts_at"] for row in in_binary] == [row["starts_at"] for row in made]
    assert [{**row, "id": 0} for row in in_binary] == [{**row, "id": 0} for row in by_text]


async def test_what_is_no_time_or_number_is_refused(mariadb_stage: Stage) -> None:
    incident_id = await an_incident(mariadb_stage)
    naive = [{**EVENT, "incident_id": incident_id, "at": datetime(2026, 1, 1), "data": {}}] * WORTH  # noqa: DTZ001
    with pytest.raises(Exception, match="without a zone"):
        await stored(mariadb_stage, naive)
    with pytest.raises(Exception, match="64-bit"):
        await mariadb_stage.write(lambda uow: uow.gate.insert_many(counters, [*rows(), {"name": "x", "value": 2**70}]))
    assert await kept(mariadb_stage) == 0


async def test_an_update_of_many_touches_no_other_tenant(mariadb_stage: Stage) -> None:
    stage, stranger = mariadb_stage, Stage.on(mariadb_stage.engines, tenant_id=99)
    incident_id = await an_incident(stage)
    found = await stored(stage, [{**EVENT, "incident_id": incident_id, "at": NOW, "data": {"n": n}} for n in range(50)])
    for who, actor in ((stranger, "thief"), (stage, "it's me")):
        changed = [{"id": row["id"], "incident_id": incident_id, "actor": actor} for row in found[:WORTH]]
        await who.write(lambda uow, changed=changed: uow.gate.update_many(events, changed))  # type: ignore[misc]
        told = [row["actor"] for row in await stage.all(events)]
        assert told == ([actor] * WORTH if who is stage else ["system"] * WORTH) + ["system"] * (50 - WORTH)
    assert [row["data"] for row in await stage.all(events)] == [{"n": n} for n in range(50)]


async def test_it_comes_after_what_was_left_and_before_what_is_asked(mariadb_stage: Stage) -> None:
    async def work(uow: SqlUnitOfWork) -> list[int]:
        await uow.gate.insert_many(counters, [{"name": "n000", "value": 7}])
        await uow.gate.insert_many_or_update(counters, rows(), unique=("tenant_id", "name"))
        await uow.gate.insert_many_or_keep(counters, [{"name": "n001", "value": 9}], unique=("tenant_id", "name"))
        told = await uow.gate.rows(uow.gate.select(counters).order_by(counters.c.name))
        return [row["value"] for row in told]

    assert await mariadb_stage.write(work) == list(range(WORTH))


async def test_an_error_comes_with_what_is_said_next_and_undoes_all(one_connection: Stage) -> None:
    async def work(uow: SqlUnitOfWork) -> None:
        await uow.gate.insert_many(counters, rows())
        await uow.gate.insert_many(events, [{**EVENT, "incident_id": 4711, "at": NOW, "data": {"secret": 1}}] * WORTH)
        await uow.gate.insert_many(counters, [{"name": "after", "value": 1}])

    with pytest.raises(IntegrityError) as told:
        await one_connection.write(work)
    assert told.value.statement == "INSERT incident_events …"
    assert "secret" not in str(told.value)
    assert await kept(one_connection) == 0
    await one_connection.write(lambda uow: uow.gate.insert_many(counters, rows()))
    assert await kept(one_connection) == WORTH


async def test_who_fails_meanwhile_leaves_no_answer_behind(one_connection: Stage) -> None:
    """The next one to use the pool would take it for its own."""

    async def fails(uow: SqlUnitOfWork) -> None:
        await uow.gate.insert_many(counters, rows(200))
        raise LookupError("while the server works")

    for _ in range(3):
        with pytest.raises(LookupError):
            await one_connection.write(fails)
        assert await kept(one_connection) == 0


async def test_who_is_cancelled_while_it_waits_leaves_no_answer_behind(one_connection: Stage) -> None:
    locked, stage = asyncio.Event(), one_connection
    await stage.write(lambda uow: uow.gate.insert_many(counters, rows()))
    other = connect(stage.engines.write.url.render_as_string(hide_password=False))

    async def waits(uow: SqlUnitOfWork) -> None:
        await uow.gate.insert_many_or_update(counters, rows(), unique=("tenant_id", "name"))
        locked.set()
        await uow.settle()

    async with other.write.begin() as connection:
        await connection.execute(sa.update(counters).values(value=100))
        task = asyncio.create_task(stage.write(waits))
        await locked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await other.dispose()
    assert {row["value"] for row in await stage.all(counters)} == {100}
    await stage.write(lambda uow: uow.gate.insert_many_or_update(counters, rows(), unique=("tenant_id", "name")))
    assert [row["value"] for row in await stage.all(counters)] == list(range(WORTH))


async def test_a_lost_connection_is_away_and_the_work_runs_again(mariadb_stage: Stage) -> None:
    runs = []

    async def work(uow: SqlUnitOfWork) -> None:
        runs.append(1)
        if len(runs) == 1:
            await _kill(uow.gate, mariadb_stage)
        await uow.gate.insert_many(counters, rows())

    await mariadb_stage.write(work)
    assert len(runs) == 2
    assert await kept(mariadb_stage) == WORTH


async def _kill(gate: Gate, stage: Stage) -> None:
    """The server ends its connection."""
    own = await gate.scalar(sa.text("SELECT CONNECTION_ID()"))
    async with stage.engines.read.connect() as connection:
        await connection.exec_driver_sql(f"KILL {own}")


async def test_a_deadlock_is_a_collision_and_the_work_runs_again(mariadb_stage: Stage) -> None:
    """Two that write the same rows in the opposite order."""
    stage, met = mariadb_stage, asyncio.Barrier(2)
    low, high = rows(), rows(first=100)
    faults: list[Fault] = []
    await stage.write(lambda uow: uow.gate.insert_many(counters, [*low, *high]))

    async def both(uow: SqlUnitOfWork, first: list[dict[str, Any]], then: list[dict[str, Any]]) -> None:
        try:
            await uow.gate.insert_many_or_update(counters, first, unique=("tenant_id", "name"))
            await uow.settle()
            if not faults:
                await met.wait()
            await uow.gate.insert_many_or_update(counters, then, unique=("tenant_id", "name"))
            await uow.settle()
        except OperationalError as error:
            faults.append(classify(error))
            raise

    await asyncio.gather(stage.write(lambda uow: both(uow, low, high)), stage.write(lambda uow: both(uow, high, low)))
    assert faults == [Fault.COLLISION]


async def test_whoever_listens_hears_of_it_without_its_values(mariadb_stage: Stage) -> None:
    began, ended = [], []
    engine = mariadb_stage.engines.write.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *told: began.append(told[2]))
    event.listen(engine, "after_cursor_execute", lambda *told: ended.append((told[2], told[1].rowcount)))
    await mariadb_stage.write(lambda uow: uow.gate.insert_many(counters, rows()))
    assert "INSERT INTO counters (`tenant_id`, `name`, `value`) VALUES (?,?,?)" in began
    assert ("INSERT counters …", WORTH) in ended


async def test_a_large_delivery_is_the_same_by_either_way(
    mariadb_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything that a batch of alerts writes, but for ids and the times at which it was written."""
    alerts = [firing(f"pod-{n}", value=float(n)) for n in range(40)]
    told = []
    for tenant_id, in_binary in ((10, True), (11, False)):
        if not in_binary:
            monkeypatch.setattr(direct, "takes_many", lambda _: False)
        tenant = Stage.on(mariadb_stage.engines, tenant_id=tenant_id)
        await tenant.take(*alerts)
        await tenant.take(*alerts)
        told.append(await tenant.read(_told))
    assert told[0] == told[1]
    assert [len(found) for found in told[0]] == [80, 40]


async def _told(uow: SqlUnitOfWork) -> list[list[dict[str, Any]]]:
    """Without what differs by when and for whom it was written."""
    changing = {"id", "tenant_id", "incident_id", "delivery_id", "last_delivery_id", "received_at", "last_alert_at"}
    return [
        [
            {name: value for name, value in row.items() if name not in changing}
            for row in await uow.gate.rows(uow.gate.select(table).order_by(table.c.id))
        ]
        for table in (tables.alerts, tables.incident_series)
    ]
