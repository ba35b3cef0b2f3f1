"""A close look at an incident costs what a page holds, not what has come in: MariaDB explains and counts."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import Engines, connect
from db.tables import alerts, incident_series, outbox
from incidents.inspection import FIRST, Mark, Turn
from tests.building import firing
from tests.integration.db.stage import Stage
from tests.integration.db.test_plans import BIG, WALKS, fill

DEEP = 20_000
"""Alerts of one incident, a second apart."""
SERIES = 1000
PAGE = 25
FEW_READS = 4 * PAGE
"""Rows and index entries that may be read for a page, however deep it is."""


def copies(table: Any, *, changed: dict[str, str], rows: int) -> str:
    """So many copies of a row of incident 1, in which ``seq`` counts them."""
    kept = [c.name for c in table.c if c.name not in {"id", *changed}]
    columns = ", ".join([*changed, *kept])
    values = ", ".join([*changed.values(), *kept])
    one = f"(SELECT * FROM {table.name} WHERE incident_id = 1 LIMIT 1) AS one"
    return f"INSERT INTO {table.name} ({columns}) SELECT {values} FROM {one} JOIN seq_1_to_{rows}"


PAST = (
    copies(alerts, changed={"received_at": "TIMESTAMPADD(SECOND, seq, received_at)"}, rows=DEEP),
    copies(incident_series, changed={"series_key": "CONCAT('s', seq)"}, rows=SERIES),
    copies(incident_series, changed={"incident_id": "2", "series_key": "CONCAT('o', seq)"}, rows=20 * SERIES),
    copies(outbox, changed={"kind": "'thread'", "subject": "CONCAT('event:', seq)"}, rows=SERIES),
)


@pytest.fixture
async def engines(mariadb_stage: Stage) -> Engines:
    """MariaDB's alone: its plans are what is looked at."""
    engines = mariadb_stage.engines
    await fill(engines)
    async with engines.write.begin() as connection:
        for statement in PAST:
            await connection.execute(text(statement))
        for table in BIG:
            await connection.execute(text(f"ANALYZE TABLE {table}"))
    return engines


@contextmanager
def heard(engine: AsyncEngine) -> Iterator[list[tuple[str, Any]]]:
    """All that is said meanwhile."""
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        said.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield said
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def deep(stage: Stage) -> list[Turn]:
    """The first page of the alerts, and pages in the middle of them, read in both directions."""
    middle = await stage.rows(
        alerts.select().where(alerts.c.incident_id == 1).order_by(alerts.c.id).offset(9_000).limit(1)
    )
    mark = Mark(middle[0]["received_at"], middle[0]["id"])
    return [FIRST, Turn(mark), Turn(mark, back=True)]


async def test_no_look_walks_through_a_table(engines: Engines) -> None:
    stage = Stage.on(engines)
    turns = await deep(stage)
    with heard(engines.read) as said:
        await stage.read(lambda uow: uow.inspection.trace(1))
        for turn in turns:
            await stage.read(lambda uow, turn=turn: uow.inspection.alerts(1, turn, limit=PAGE))
        page = await stage.read(lambda uow: uow.inspection.series(1, FIRST, limit=PAGE))
        assert page.after is not None
        await stage.read(lambda uow, turn=page.after: uow.inspection.series(1, turn, limit=PAGE))
    walks = []
    async with engines.write.connect() as connection:
        for statement, parameters in said:
            if not statement.startswith("SELECT") or "UTC_TIMESTAMP" in statement:
                continue
            plan = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)).mappings().all()
            walks += [
                (row["table"], row["type"], statement) for row in plan if row["table"] in BIG and row["type"] in WALKS
            ]
    assert len(said) > 12
    assert walks == []


async def test_a_deep_page_of_alerts_reads_no_more_than_the_first(engines: Engines) -> None:
    stage = Stage.on(engines)
    for turn in await deep(stage):
        with heard(engines.read) as said:
            page = await stage.read(lambda uow, turn=turn: uow.inspection.alerts(1, turn, limit=PAGE))
        assert len(page.rows) == PAGE
        assert await reads(engines, said) <= FEW_READS


async def reads(engines: Engines, said: list[tuple[str, Any]]) -> int:
    """How many rows and index entries these statements make the server look at."""
    async with engines.write.connect() as connection:
        before = await _reads(connection)
        looking = await _reads(connection) - before
        for statement, parameters in said:
            if statement.startswith("SELECT"):
                (await connection.exec_driver_sql(statement, parameters)).all()
        return await _reads(connection) - before - 2 * looking


async def _reads(connection: Any) -> int:
    """Of this session, this look itself included in the next one."""
    told = await connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Handler_read%%'")
    return sum(int(row[1]) for row in told.all())


def heard_reading(engines: Engines) -> Any:
    return heard(engines)


@pytest.fixture
async def sqlite_stage(migrated_sqlite_url: str) -> AsyncIterator[Stage]:
    engines = connect(migrated_sqlite_url)
    yield Stage.on(engines)
    await engines.dispose()


async def test_sqlite_finds_everything_by_its_incident(sqlite_stage: Stage) -> None:
    """Without statistics it can't know that nearly all rows have the same tenant."""
    stage = sqlite_stage
    await stage.take(*(firing(f"pod-{n}") for n in range(3)))
    now = await stage.now()
    with heard(stage.engines.read) as said:
        await stage.read(lambda uow: uow.views.incident(1))
        await stage.read(lambda uow: uow.inspection.trace(1))
        for turn in (FIRST, Turn(Mark(now, 5)), Turn(Mark(now, 5), back=True)):
            await stage.read(lambda uow, turn=turn: uow.inspection.alerts(1, turn, limit=PAGE))
            await stage.read(lambda uow, turn=turn: uow.inspection.series(1, turn, limit=PAGE))
    plans = []
    async with stage.engines.read.connect() as connection:
        for statement, parameters in said:
            if statement.startswith("SELECT"):
                plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)).all()
                plans += [str(row[3]) for row in plan]
    assert len(plans) > 15
    by_tenant = [one for one in plans if "(tenant_id=?)" in one or "due_at" in one or one.startswith("SCAN alerts")]
    assert by_tenant == []
