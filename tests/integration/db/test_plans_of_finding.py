"""No list for clients walks through a table, nor reads more than it may search: MariaDB explains each beside many."""

from collections.abc import Awaitable, Callable
from datetime import UTC, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from db.queries import alert_listing, listing
from db.queries.search_words import MARK
from db.unit_of_work import SqlUnitOfWork
from incidents.listing import AlertsWanted, IncidentMark, IncidentsWanted, Sort
from incidents.model import AlertStatus, Severity, Status
from tests.integration.db.past import live
from tests.integration.db.stage import Stage
from tests.integration.db.test_plans_of_the_past import BIG, statements, walks

INCIDENTS, OPEN_NOW, ALERTS, DEPTH = 20_000, 500, 20_000, 5_000
TIME = "UTC_TIMESTAMP(6) - INTERVAL ({last} - seq) MINUTE"
SEARCHED = 1000
"""In the place of what is the most by default, so that these are very many."""
COPIES = {
    "incidents": (
        INCIDENTS,
        {
            "number": "1000 + seq", "incident_key": "seq", "is_noise": "seq % 100 = 3", "assignee": "NULL",
            "maintenance_id": "NULL", "snoozed_until": "NULL", "start_time": f"{TIME} - INTERVAL 10 MINUTE",
            "status": f"IF(seq > {INCIDENTS - OPEN_NOW}, 'active', 'resolved')",
            "resolved_time": f"IF(seq > {INCIDENTS - OPEN_NOW}, NULL, {TIME})", "service": "CONCAT('s', seq % 10)",
            "severity": "ELT(1 + seq % 3, 'critical', 'warning', 'info')",
        },
    ),
    "alerts": (ALERTS, {"received_at": TIME, "rule_uid": "CONCAT('r', seq % 1000)"}),
    "incident_events": (20_000, {"at": TIME}),
}  # fmt: skip
WORDS = """
INSERT INTO incident_words (tenant_id, word, incident_id)
SELECT 1, told, id FROM incidents JOIN (SELECT 'common' AS told UNION SELECT 'usual') AS some WHERE number > 1000
UNION SELECT 1, CONCAT('rare', id DIV 100), id FROM incidents WHERE number > 1000
"""
EACH = tuple((IncidentsWanted(), sort) for sort in Sort)
LISTS = (
    *EACH,
    *(
        (IncidentsWanted(**asked), sort)
        for sort, asked in (
            (Sort.NEWEST, {"services": frozenset({"s1"})}),
            (Sort.GRAVEST, {"services": frozenset({"s1"}), "severities": frozenset({Severity.INFO}), "noise": True}),
            (Sort.NUMBER, {"services": frozenset({"s1", "s2"}), "flapping": True}),
            (Sort.GRAVEST, {"statuses": frozenset({Status.ACTIVE, Status.ACKNOWLEDGED})}),
            (Sort.LAST_RESOLVED, {"statuses": frozenset({Status.RESOLVED}), "flapping": True}),
            (Sort.OLDEST, {"unassigned": True, "phases": frozenset({"none"})}),
            (Sort.LAST_NUMBER, {"in_maintenance": True, "snoozed": True}),
            (Sort.NEWEST, {"words": ("rare7",)}),
            (Sort.NEWEST, {"words": ("common", "usual")}),
            (Sort.GRAVEST, {"words": ("common", "rare")}),
        )
    ),
)
ALERT_LISTS = (
    AlertsWanted(),
    AlertsWanted(rule_uids=frozenset({"r7"}), statuses=frozenset({AlertStatus.FIRING})),
    AlertsWanted(incident_id=1),
    AlertsWanted(incident_id=1, services=frozenset({"none"})),
)


@pytest.fixture
async def many(mariadb_stage: Stage) -> Stage:
    await live(mariadb_stage, series=12)
    async with mariadb_stage.engines.write.begin() as connection:
        for table, (count, changed) in COPIES.items():
            told = await connection.execute(text(f"SHOW COLUMNS FROM {table}"))
            names = [row["Field"] for row in told.mappings() if row["Field"] not in {"id", "open_key"}]
            values = ", ".join(changed.get(name, f"one.{name}").replace("{last}", str(count)) for name in names)
            one = f"(SELECT * FROM {table} WHERE tenant_id = 1 ORDER BY id DESC LIMIT 1) AS one"
            made = f"SELECT {values} FROM seq_1_to_{count} JOIN {one}"
            await connection.execute(text(f"INSERT INTO {table} ({', '.join(names)}) {made}"))
        await connection.execute(text(WORDS))
        await connection.execute(text(f"REPLACE INTO counters VALUES (1, '{MARK}', {1000 + INCIDENTS})"))
        await connection.execute(text(f"ANALYZE TABLE incident_words, {', '.join(BIG)}"))
    return mariadb_stage


async def test_no_page_walks_through_a_table_or_costs_more_at_depth(
    many: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bound in (listing, alert_listing):
        monkeypatch.setattr(bound, "MOST_SEARCHED", SEARCHED)
    for bound in ("FEW", "FEW_WITH_WORD"):
        monkeypatch.setattr(listing, bound, SEARCHED)
    marks = {sort: await a_mark_at_depth(many, sort) for sort in Sort}
    with statements(many) as said:
        for wanted, sort in LISTS:
            first = await rows_read(many, a_page(wanted, sort, None))
            deep = await rows_read(many, a_page(wanted, sort, marks[sort]))
            assert max(first, deep) < (20 if wanted.words else 5) * SEARCHED, (wanted, sort)
            assert deep < 2 * first < 1000 or (wanted, sort) not in EACH, sort
        for alerts in ALERT_LISTS:
            assert await rows_read(many, alerts_page(alerts)) < 5 * SEARCHED, alerts
        for work in OF_ONE:
            assert await rows_read(many, work) < 1000
    assert len(said) > 40
    assert await walks(many, said) == []
    await all_began_at_once(many)
    for sort in (Sort.NEWEST, Sort.OLDEST):
        tied = await a_mark_at_depth(many, sort)
        assert await rows_read(many, a_page(IncidentsWanted(), sort, tied)) < 1000, sort


OF_ONE: tuple[Callable[[SqlUnitOfWork], Awaitable[object]], ...] = (
    lambda uow: uow.listing.timeline(1, newest_first=True, after=10**9, limit=50),
    lambda uow: uow.listing.timeline(1, newest_first=False, after=5, limit=50),
    lambda uow: uow.listing.episodes(1, after=0, limit=50),
    lambda uow: uow.search_words.is_behind(),
)


async def all_began_at_once(stage: Stage) -> None:
    async with stage.engines.write.begin() as connection:
        await connection.execute(text("UPDATE incidents SET start_time = '2026-01-01'"))


def a_page(
    wanted: IncidentsWanted, sort: Sort, after: IncidentMark | None
) -> Callable[[SqlUnitOfWork], Awaitable[object]]:
    return lambda uow: uow.listing.incidents(wanted, sort=sort, after=after, limit=50)


def alerts_page(wanted: AlertsWanted) -> Callable[[SqlUnitOfWork], Awaitable[object]]:
    return lambda uow: uow.listing.alerts(wanted, after=None, limit=50)


async def a_mark_at_depth(stage: Stage, sort: Sort) -> IncidentMark:
    """Behind ``DEPTH``."""
    edge = "number" if sort in {Sort.NUMBER, Sort.LAST_NUMBER} else listing._TIME[sort].name
    way = "" if sort in {Sort.OLDEST, Sort.NUMBER} else "DESC"
    severe = "severity = 'critical'" if sort is Sort.GRAVEST else "resolved_time IS NOT NULL"
    order = f"ORDER BY {edge} {way}, id {way} LIMIT 1 OFFSET {DEPTH}"
    async with stage.engines.write.connect() as connection:
        told = await connection.execute(
            text(f"SELECT id, number, start_time, resolved_time FROM incidents WHERE {severe} {order}")
        )
        row = told.mappings().one()
    if edge == "number":
        return IncidentMark(row["number"])
    at = row[edge].replace(tzinfo=UTC)
    return IncidentMark(row["id"], at, Severity.CRITICAL if sort is Sort.GRAVEST else None)


async def rows_read(stage: Stage, work: Callable[[SqlUnitOfWork], Awaitable[object]]) -> int:
    """By the whole server, which serves this test alone."""
    before = await _read_so_far(stage)
    await stage.transactions.read(work, patience=timedelta(seconds=30))
    return await _read_so_far(stage) - before


async def _read_so_far(stage: Stage) -> int:
    async with stage.engines.write.connect() as connection:
        told: Any = await connection.execute(text("SHOW GLOBAL STATUS LIKE 'Handler_read%'"))
        return sum(int(row["Value"]) for row in told.mappings())
