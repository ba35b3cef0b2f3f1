"""No query of rollups and retention walks through a table: each is explained by MariaDB at a size where it matters."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import event, text

from incidents.keeping import RollupLimits
from incidents.policy import Policies, Policy, Retention
from jobs.retention import Keeper, RetentionMetrics
from jobs.rollups import RollupMetrics, Rollups
from tests.integration.db.past import live, no_rest
from tests.integration.db.stage import Stage

BIG = ("deliveries", "alerts", "incidents", "incident_series", "incident_events", "incident_episodes", "outbox")
WALKS = {"ALL", "index"}
MINUTES_OF_PAST = 20_000
# Twenty thousand of each, a minute apart, as copies of what was really stored.
OLDER = "UTC_TIMESTAMP(6) - INTERVAL seq MINUTE"
MANY = f"FROM seq_1_to_{MINUTES_OF_PAST} JOIN"


@pytest.fixture
async def full(mariadb_stage: Stage) -> Stage:
    """A past of two weeks."""
    await live(mariadb_stage, series=12)
    async with mariadb_stage.engines.write.begin() as connection:
        for table, changed in COPIES.items():
            await connection.execute(text(await _copying(connection, table, changed)))
        for table in BIG:
            await connection.execute(text(f"ANALYZE TABLE {table}"))
    return mariadb_stage


COPIES = {
    "deliveries": {"received_at": OLDER, "last_seen_at": OLDER, "newest_sha256": "NULL"},
    "incidents": {"number": "1000 + seq", "resolved_time": OLDER, "status": "'resolved'"},
    "alerts": {"received_at": OLDER},
    "incident_episodes": {"number": "1000 + seq", "opened_at": OLDER, "resolved_at": OLDER},
    "incident_events": {"at": OLDER},
    "incident_series": {"series_key": "seq"},
    "outbox": {"incident_id": "1000 + seq", "due_at": "NULL"},
}


async def _copying(connection: Any, table: str, changed: dict[str, str]) -> str:
    told = await connection.execute(text(f"SHOW COLUMNS FROM {table}"))
    names = [row["Field"] for row in told.mappings() if row["Field"] not in {"id", "open_key"}]
    values = [changed.get(name, f"one.{name}") for name in names]
    one = f"(SELECT * FROM {table} WHERE tenant_id = 1 ORDER BY id DESC LIMIT 1) AS one"
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} {MANY} {one}"


@contextmanager
def statements(stage: Stage) -> Iterator[dict[str, Any]]:
    """All that is said meanwhile, with its parameters."""
    said: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")) and not many:
            said.setdefault(statement, parameters)

    event.listen(stage.engines.write.sync_engine, "before_cursor_execute", note)
    yield said
    event.remove(stage.engines.write.sync_engine, "before_cursor_execute", note)


async def walks(stage: Stage, said: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Where MariaDB would read a whole table, or a whole index."""
    found = []
    async with stage.engines.write.connect() as connection:
        for statement, parameters in said.items():
            plan = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)).mappings().all()
            found += [(row["table"], row["type"], statement) for row in plan if row["table"] in KNOWN and _walks(row)]
    return found


KNOWN = {*BIG, "alert_rollups", "daily_figures", "daily_rules", "counters", "leases", "incident_words"}


def _walks(row: Any) -> bool:
    return row["type"] in WALKS and int(row["rows"] or 0) > 100


async def while_it(stage: Stage, work: Callable[[], Awaitable[object]]) -> dict[str, Any]:
    with statements(stage) as said:
        await work()
    return said


async def test_no_query_of_the_rollups_walks_through_a_table(full: Stage) -> None:
    job = Rollups(
        full.transactions, RollupMetrics(CollectorRegistry()), limits=RollupLimits(lag=timedelta(0)), rest=no_rest
    )
    await job.catch_up()
    since = await full.now() - timedelta(hours=2)
    said = await while_it(full, lambda: job.rebuild(since))
    assert len(said) > 12
    assert await walks(full, said) == []


async def test_no_query_of_retention_walks_through_a_table(full: Stage, tmp_path: Path) -> None:
    job = Rollups(full.transactions, RollupMetrics(CollectorRegistry()), rest=no_rest)
    await job.catch_up()
    half = timedelta(minutes=MINUTES_OF_PAST - 1000)
    ages = Retention(alerts=half, deliveries=half, incidents=half, archive=tmp_path / "archive")
    keeper = Keeper(
        full.transactions,
        Policies(Policy(retention=ages)),
        RetentionMetrics(CollectorRegistry()),
        holder="here",
        rest=no_rest,
    )

    async def work() -> None:
        await keeper.plan()
        gone = await keeper.delete()
        assert gone
        assert min(gone["alerts"], gone["deliveries"], gone["incidents"]) > 900

    said = await while_it(full, work)
    assert len(said) > 25
    assert await walks(full, said) == []
