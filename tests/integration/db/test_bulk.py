"""Rows that are written many at a time are the same as those that SQLAlchemy writes one by one."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from db import bulk, tables
from db.bulk import AT_ONCE
from db.engine import connect
from db.migrate import migrate
from db.unit_of_work import SqlUnitOfWork
from tests.integration.db.stage import Stage

NASTY = (
    "it's 100 % \\ sure",
    "'); DROP TABLE alerts; --", "\\'", "\\\\'", "\0\x1a\n\r\t\b", '"quoted"', "%s %d %(name)s %%",
    "봉수 🔥", "", " trailing ", "' OR ''='", "\\", "'", "`", "a\\u0027b", "\u2028", "/* */ # --",
)  # fmt: skip
EVENT: dict[str, Any] = {"incident_id": None, "episode": 1, "actor": "system", "kind": "noted"}
NOW = datetime(2026, 1, 31, 10, 0, 0, 123456, tzinfo=UTC)


async def an_incident(stage: Stage) -> int:
    """The id of one to which events may belong."""
    row = {
        "incident_key": "k", "title": "t", "status": "active", "severity": "info", "source": "grafana", "rule_uid": "r",
        "alert_name": "a", "cluster": "", "namespace": "", "service": "", "phase": "", "start_time": NOW, "number": 1,
        "last_alert_time": NOW, "alert_count": 0, "is_noise": False, "flapping": False, "episode": 1, "version": 1,
        "batch_token": "", "created_at": NOW,
    }  # fmt: skip
    return await stage.write(lambda uow: uow.gate.insert_one(tables.incidents, **row))


async def stored(stage: Stage, rows: list[dict[str, Any]], table: sa.Table = tables.incident_events) -> list[Any]:
    """What the table holds of these rows after they were written, and nothing else."""

    async def work(uow: SqlUnitOfWork) -> list[Any]:
        await uow.gate.execute(sa.delete(table).where(table.c.tenant_id == uow.gate.tenant_id))
        await uow.gate.insert_many(table, rows)
        return list(await uow.gate.rows(uow.gate.select(table).order_by(table.c.id)))

    return await stage.write(work)


async def test_any_text_comes_back_as_it_was(stage: Stage) -> None:
    incident_id = await an_incident(stage)
    rows = [{**EVENT, "incident_id": incident_id, "at": NOW, "actor": text, "data": {text: text}} for text in NASTY]
    found = await stored(stage, rows)
    assert [row["actor"] for row in found] == list(NASTY)
    assert [row["data"] for row in found] == [{text: text} for text in NASTY]
    assert {row["at"] for row in found} == {NOW}


async def test_arbitrary_text_comes_back_as_it_was(mariadb_stage: Stage) -> None:
    """On the one server whose literals we write ourselves; in the same event loop for all examples."""
    incident_id = await an_incident(mariadb_stage)
    loop = asyncio.get_running_loop()
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)

    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(texts, texts), min_size=1, max_size=8))
    @example([("\\'", "'\\")])
    def check(pairs: list[tuple[str, str]]) -> None:
        rows = [
            {**EVENT, "incident_id": incident_id, "at": NOW, "actor": one, "data": {"": other}} for one, other in pairs
        ]
        found = asyncio.run_coroutine_threadsafe(stored(mariadb_stage, rows), loop).result()
        assert [(row["actor"], row["data"][""]) for row in found] == pairs

    await asyncio.to_thread(check)


@pytest.mark.parametrize("value", [None, 0.0, -0.5, 5e-324, 1.7976931348623157e308, 0.1, 12345678901234567.0, 1e22])
async def test_any_number_comes_back_as_it_was(stage: Stage, value: float | None) -> None:
    incident_id = await an_incident(stage)
    row = {
        "incident_id": incident_id, "series_key": "s", "source": "grafana", "rule_uid": "r", "fingerprint": "f",
        "name": "n", "status": "firing", "starts_at": NOW, "ends_at": None, "value_fired": value, "value_peak": value,
        "value_now": value, "summary": "x", "links": {}, "last_delivery_id": 1, "last_alert_at": NOW, "is_blind": False,
        "doubt": None, "ended_episode": None,
    }  # fmt: skip
    [found] = await stored(stage, [row], tables.incident_series)
    assert {name: found[name] for name in row} == row


@pytest.mark.parametrize(
    "at",
    [NOW, NOW.replace(microsecond=0), NOW.astimezone(timezone(timedelta(hours=9))), datetime(1970, 1, 1, tzinfo=UTC)],
)
async def test_any_aware_time_comes_back_as_the_same_instant(stage: Stage, at: datetime) -> None:
    incident_id = await an_incident(stage)
    [row] = await stored(stage, [{**EVENT, "incident_id": incident_id, "at": at, "data": {}}])
    assert row["at"] == at


async def test_a_naive_time_and_what_is_no_number_are_refused(stage: Stage) -> None:
    incident_id = await an_incident(stage)
    with pytest.raises(Exception, match="without a zone"):
        await stored(stage, [{**EVENT, "incident_id": incident_id, "at": datetime(2026, 1, 1), "data": {}}])  # noqa: DTZ001


async def test_text_is_cut_to_its_column(stage: Stage) -> None:
    incident_id = await an_incident(stage)
    [row] = await stored(stage, [{**EVENT, "incident_id": incident_id, "at": NOW, "actor": "'" * 200, "data": {}}])
    assert row["actor"] == "'" * 127 + "…"


async def test_text_that_may_be_missing_is_cut_to_its_column_or_null(stage: Stage) -> None:
    incident_id = await an_incident(stage)
    for told, kept in [("'" * 200, "'" * 127 + "…"), ("it's\\", "it's\\"), (None, None)]:
        change = {"id": incident_id, "assignee": told, "flapping": told is None}
        await stage.write(lambda uow, change=change: uow.gate.update_many(tables.incidents, [change]))  # type: ignore[misc]
        [row] = await stage.all(tables.incidents)
        assert (row["assignee"], row["flapping"]) == (kept, told is None)


async def test_more_rows_than_one_statement_takes_keep_their_order_and_their_ids(stage: Stage) -> None:
    incident_id = await an_incident(stage)
    rows = [{**EVENT, "incident_id": incident_id, "at": NOW, "data": {"n": n}} for n in range(2 * AT_ONCE + 7)]

    async def work(uow: SqlUnitOfWork) -> tuple[list[int], list[Any]]:
        ids = await uow.gate.insert_numbered(tables.incident_events, rows)
        return ids, list(await uow.gate.rows(uow.gate.select(tables.incident_events)))

    ids, found = await stage.write(work)
    assert {row["id"]: row["data"]["n"] for row in found} == dict(zip(ids, range(len(rows)), strict=True))


async def test_ids_are_those_of_their_rows_while_others_insert(mariadb_stage: Stage) -> None:
    incident_id = await an_incident(mariadb_stage)

    async def some(name: str) -> list[tuple[int, str]]:
        rows = [{**EVENT, "incident_id": incident_id, "at": NOW, "actor": f"{name}{n}", "data": {}} for n in range(50)]
        ids = await mariadb_stage.write(lambda uow: uow.gate.insert_numbered(tables.incident_events, rows))
        return [(id_, row["actor"]) for id_, row in zip(ids, rows, strict=True)]

    told = await asyncio.gather(*(some(name) for name in "abcdefgh"))
    found = {row["id"]: row["actor"] for row in await mariadb_stage.all(tables.incident_events)}
    assert found == {id_: actor for one in told for id_, actor in one}


async def test_an_update_of_many_touches_what_it_names_and_no_other_tenant(stage: Stage) -> None:
    incident_id = await an_incident(stage)
    rows = [{**EVENT, "incident_id": incident_id, "at": NOW, "data": {"n": n}} for n in range(5)]
    found = await stored(stage, rows)
    changed = [
        {"id": row["id"], "incident_id": incident_id, "actor": f"it's {row['id']}", "data": {"%s": "'"}}
        for row in found[1:4]
    ]
    await stage.write(lambda uow: uow.gate.update_many(tables.incident_events, changed))
    stranger = Stage.on(stage.engines, tenant_id=99)
    theft = [{"id": row["id"], "incident_id": incident_id, "actor": "thief"} for row in found]
    await stranger.write(lambda uow: uow.gate.update_many(tables.incident_events, theft))
    after = {row["id"]: row for row in await stage.all(tables.incident_events)}
    assert [after[row["id"]]["actor"] for row in found] == ["system", *(one["actor"] for one in changed), "system"]
    assert after[found[0]["id"]]["data"] == {"n": 0}
    assert after[found[1]["id"]]["data"] == {"%s": "'"}


def test_an_update_of_many_must_tell_which_rows_of_other_tables_they_name() -> None:
    """MySQL looks for those before it finds that there is nothing to insert."""
    with pytest.raises(TypeError, match=r"incident_events\.incident_id must be told"):
        bulk.fillers(tables.incident_events, ("id", "actor"))
    assert "incident_id" not in bulk.fillers(tables.incident_events, ("id", "actor", "incident_id"))


async def test_an_error_never_tells_the_values(stage: Stage) -> None:
    row = {**EVENT, "incident_id": 4711, "at": NOW, "data": {"password": "beacon"}}
    with pytest.raises(DBAPIError) as failed:
        await stored(stage, [row])
    assert "beacon" not in str(failed.value)


async def test_where_the_server_escapes_nothing_by_backslashes_our_sessions_do(mariadb_url: str) -> None:
    engines = connect(mariadb_url)
    before = "SET GLOBAL sql_mode = CONCAT(@@GLOBAL.sql_mode, ',NO_BACKSLASH_ESCAPES')"
    after = "SET GLOBAL sql_mode = REPLACE(@@GLOBAL.sql_mode, 'NO_BACKSLASH_ESCAPES', '')"
    try:
        async with engines.write.connect() as connection:
            await connection.exec_driver_sql(before)
            await connection.invalidate()
        await migrate(engines)
        stage = Stage.on(engines)
        incident_id = await an_incident(stage)
        rows = [{**EVENT, "incident_id": incident_id, "at": NOW, "actor": text, "data": {}} for text in NASTY]
        assert [row["actor"] for row in await stored(stage, rows)] == list(NASTY)
    finally:
        async with engines.write.connect() as connection:
            await connection.exec_driver_sql(after)
        await engines.dispose()
