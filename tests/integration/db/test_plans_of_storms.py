"""A storm costs what it holds, not what has ever been: each of its statements is explained by MariaDB beside a past."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from db.engine import Engines
from db.tables import incidents
from incidents.ingest import ingest
from incidents.model import AlertStatus
from incidents.policy import Policy, StormPolicy
from tests.building import ALICE
from tests.integration.db.stage import AS_IT_IS, Row, Stage
from tests.integration.db.test_plans import BIG, MANY, WALKS, delivery, fill, told
from tests.integration.db.weather import Weather

HELD = 600
"""Incidents of the storm."""
PAST = """
INSERT INTO storm_incidents (tenant_id, storm_id, outbox_id, incident_id, since_rev, episode, severity)
SELECT 1, 1000 + seq DIV 500, 1000000 + seq, 1000000 + seq, 1, 1, 'warning' FROM seq_1_to_20000
"""
"""Forty storms long ago."""
COPIED = ", ".join(c.name for c in incidents.c if c.name not in {"id", "open_key", "number", "incident_key"})
RESOLVED = f"""
INSERT INTO incidents (number, incident_key, {COPIED})
SELECT 1000000 + seq, CONCAT('past-', seq), {COPIED} FROM incidents JOIN seq_1_to_20000 WHERE incidents.id = 100
"""
STATEMENTS = 80
"""All that a storm's beginning and its end may cost, however many incidents it has."""
FEW = 6 * HELD
"""Rows that a query may look at: the storm's own, with older versions of theirs until the server has tidied up."""


@pytest.fixture
def engines(mariadb_stage: Stage) -> Engines:
    """MariaDB's alone: its plans are what is looked at."""
    return mariadb_stage.engines


@contextmanager
def heard(engines: Engines) -> Iterator[list[tuple[str, Any]]]:
    """All that is said meanwhile."""
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        said.append((statement, parameters))

    event.listen(engines.write.sync_engine, "before_cursor_execute", note)
    yield said
    event.remove(engines.write.sync_engine, "before_cursor_execute", note)


async def comes(stage: Stage, *, firing: bool = True, first: int = 0, last: int = HELD) -> None:
    for start in range(first, last, 200):
        some = [told(MANY + n, firing=firing) for n in range(start, min(start + 200, last))]
        assert all((one.status is AlertStatus.FIRING) is firing for one in some)
        batch = [delivery(one) for one in some]
        await stage.write(lambda uow, batch=batch: ingest(batch, uow=uow, policy=Policy()))


async def calms(engines: Engines) -> None:
    async with engines.write.begin() as connection:
        await connection.execute(text("UPDATE storms SET hot_at = hot_at - INTERVAL 1 HOUR WHERE id = 1"))
        await connection.execute(text(f"UPDATE outbox SET created_at = '2026-01-01' WHERE incident_id > {MANY}"))


async def look(weather: Weather) -> None:
    async with weather.stage.engines.write.begin() as connection:
        await connection.execute(text("UPDATE storms SET looked_at = looked_at - INTERVAL 5 SECOND WHERE id > 0"))
    weather.clock += 10
    await weather.storms.look()


async def test_a_storm_of_hundreds_costs_few_statements_and_walks_through_no_table(engines: Engines) -> None:
    await fill(engines)
    stage = Stage.on(engines)
    weather = Weather(stage, StormPolicy())
    async with engines.write.begin() as connection:
        await connection.execute(text("UPDATE outbox SET created_at = '2026-01-01' WHERE id > 0"))
        await connection.execute(text(PAST))
        await connection.execute(text(RESOLVED))
    await comes(stage)
    with heard(engines) as beginning:
        await look(weather)
    assert len(await weather.parked()) == HELD
    async with engines.write.begin() as connection:
        for table in (*BIG, "storms", "storm_incidents"):
            await connection.execute(text(f"ANALYZE TABLE {table}"))
    await comes(stage, firing=False, last=200)
    with heard(engines) as middle:
        await look(weather)
        view = await weather.view()
        await stage.read(lambda uow: uow.storms.page(1, offset=45, limit=15))
        await weather.acknowledge_all(seen_rev=view.rev, by=ALICE)
        await stage.write(lambda uow: uow.storms.show(1, urgent=True))
        await stage.read(lambda uow: uow.storms.count_under_way())
    assert (view.total, len(view.worst)) == (HELD, 10)
    await calms(engines)
    with heard(engines) as end:
        await look(weather)
        await stage.claim()
    assert (await weather.view()).coming == HELD - 200
    assert len(beginning) + len(end) < STATEMENTS
    await explained(engines, dict((*beginning, *middle, *end)))


async def explained(engines: Engines, said: dict[str, Any]) -> None:
    walks, estimates = [], []
    async with engines.write.connect() as connection:
        for table in (*BIG, "storms", "storm_incidents"):
            await connection.execute(text(f"ANALYZE TABLE {table}"))
        for statement, parameters in said.items():
            if not statement.startswith(("SELECT", "UPDATE")) or "UTC_TIMESTAMP" in statement:
                continue
            plan = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters, AS_IT_IS)).mappings().all()
            for row in plan:
                if row["table"] in {*BIG, "storm_incidents"}:
                    walks += [(row["table"], row["type"], statement)] if row["type"] in WALKS else []
                    estimates += [(row["rows"], row["table"], statement)] if _rows(row) > FEW else []
    assert walks == []
    assert estimates == []


def _rows(of: Row) -> int:
    """``1 (3%)`` where another index filters, too."""
    return int(str(of["rows"] or 0).split()[0])
