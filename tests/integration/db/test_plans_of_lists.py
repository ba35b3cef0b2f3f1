"""No list walks through a table, nor reads more than it may search: MariaDB explains each beside a long past."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import text

from db.queries.browsing import MOST_SEARCHED
from db.unit_of_work import SqlUnitOfWork
from incidents.browse import PAST, Filter, Matching, PageTurn
from incidents.model import Severity
from tests.integration.db.past import live
from tests.integration.db.stage import Stage
from tests.integration.db.test_plans_of_the_past import BIG, statements, walks

T = TypeVar("T")
OPEN_NOW, RESOLVED = 1000, 100_000
COPY = """
INSERT INTO incidents ({names}) SELECT {values} FROM seq_1_to_{count} JOIN
(SELECT * FROM incidents WHERE tenant_id = 1 ORDER BY id DESC LIMIT 1) AS one
"""
OPENED = {
    "number": "1000 + seq", "incident_key": "seq", "status": "'active'", "resolved_time": "NULL", "assignee": "NULL",
    "acknowledged_by": "NULL",
}  # fmt: skip
GONE = {
    "number": "100000 + seq", "incident_key": "seq", "status": "'resolved'",
    "resolved_time": "UTC_TIMESTAMP(6) - INTERVAL seq MINUTE",
}  # fmt: skip
EPISODES = """
INSERT INTO incident_episodes
(tenant_id, incident_id, number, opened_at, opened_reason, started_at, severity, inherited, resolved_at, resolution)
SELECT 1, id, 100, UTC_TIMESTAMP(6) - INTERVAL id MINUTE, 'opened', UTC_TIMESTAMP(6), 'warning', 0,
UTC_TIMESTAMP(6) - INTERVAL id MINUTE, 'recovered' FROM incidents
"""
SUMS = """
INSERT INTO alert_rollups
(tenant_id, hour, dimensions, rule_uid, service, cluster, severity, alerts, incidents, reopened, resolved_untouched)
SELECT 1, DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL seq DIV 20 HOUR, '%Y-%m-%d %H:00:00'), seq, seq MOD 20, 'pay', 'prod',
'warning', 1, 0, 0, 0 FROM seq_1_to_30000
"""
WORDS = Matching(frozenset({Severity.CRITICAL, Severity.WARNING}), ("pay", "prod"))
LISTS = (
    Filter(),
    Filter(matching=WORDS, owner="U0ALICE"),
    Filter(unassigned=True, within=timedelta(days=1)),
    Filter(statuses=PAST),
    Filter(statuses=PAST, within=timedelta(days=7)),
    Filter(statuses=PAST, within=timedelta(days=60), matching=WORDS, owner="U0ALICE"),
    Filter(statuses=PAST, within=timedelta(days=60), noise=True),
)


@pytest.fixture
async def full(mariadb_stage: Stage) -> Stage:
    await live(mariadb_stage, series=12)
    async with mariadb_stage.engines.write.begin() as connection:
        for count, changed in ((OPEN_NOW, OPENED), (RESOLVED, GONE)):
            told = await connection.execute(text("SHOW COLUMNS FROM incidents"))
            names = [row["Field"] for row in told.mappings() if row["Field"] not in {"id", "open_key"}]
            values = ", ".join(changed.get(name, f"one.{name}") for name in names)
            await connection.execute(text(COPY.format(names=", ".join(names), values=values, count=count)))
        for table in BIG:
            await connection.execute(text(f"ANALYZE TABLE {table}"))
    return mariadb_stage


async def test_no_page_of_a_list_walks_through_a_table(full: Stage) -> None:
    with statements(full) as said:
        for wanted in LISTS:
            await turn_pages(full, wanted)
    assert len(said) > 20
    assert await walks(full, said) == []


async def test_no_query_of_figures_walks_through_a_table(full: Stage) -> None:
    async with full.engines.write.begin() as connection:
        for filling in (EPISODES, SUMS, "ANALYZE TABLE incident_episodes, alert_rollups"):
            await connection.execute(text(filling))
    with statements(full) as said:
        for wanted in (Matching(), WORDS):
            await reads(full, lambda uow, wanted=wanted: uow.statistics.past(wanted, within=timedelta(days=7)))
    assert len(said) > 12
    assert await walks(full, said) == []


async def reads(stage: Stage, work: Callable[[SqlUnitOfWork], Awaitable[T]]) -> T:
    """However long it takes: what is looked at is the plan."""
    return await stage.transactions.read(work, patience=timedelta(seconds=30))


async def turn_pages(stage: Stage, wanted: Filter) -> None:
    page = await reads(stage, lambda uow: uow.views.page(wanted, limit=20))
    for turn in (page.on and PageTurn(page.on), page.on and PageTurn(page.on, back=True)):
        if turn is not None:
            await reads(stage, lambda uow, turn=turn: uow.views.page(wanted, turn=turn, limit=20))


async def test_no_page_reads_more_rows_than_it_may_search(full: Stage) -> None:
    deep = await reads(full, lambda uow: uow.views.page(Filter(statuses=PAST), limit=20_000))
    assert deep.on
    for wanted in LISTS:
        for turn in (None, PageTurn(deep.on)) if wanted.is_past else (None,):
            before = await rows_read(full)
            await reads(full, lambda uow, wanted=wanted, turn=turn: uow.views.page(wanted, turn=turn, limit=20))
            assert await rows_read(full) - before < 10 * MOST_SEARCHED, (wanted, turn)


async def rows_read(stage: Stage) -> int:
    """By the whole server, which serves this test alone."""
    async with stage.engines.write.connect() as connection:
        told: Any = await connection.execute(text("SHOW GLOBAL STATUS LIKE 'Handler_read%'"))
        return sum(int(row["Value"]) for row in told.mappings())
