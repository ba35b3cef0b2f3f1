"""The schema: made from nothing, by one process at a time, and the same as the program's tables."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import StatementError

from db import tables
from db.engine import Engines, connect
from db.migrate import DEFAULT_TENANT_ID, current, migrate, newest
from incidents.errors import InvalidInput
from tests.building import firing
from tests.integration.db.stage import Stage
from tests.mariadb import Server
from tests.migrated import MariaDBTemplate

FULL = 2
"""Of SQLite's pragma ``synchronous``."""
NOT_OURS_TO_COMPARE = {"alembic_version", "migration_lock", "schema_state"}


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[Engines]:
    made = connect(database_url)
    yield made
    await made.dispose()


async def test_from_nothing_to_the_newest_and_then_nothing_more(empty: Engines) -> None:
    assert await current(empty) is None
    assert await migrate(empty) == (None, newest())
    assert await current(empty) == newest()
    assert await migrate(empty) == (newest(), newest())
    [tenant] = await Stage.on(empty).all(tables.tenants)
    assert (tenant["id"], tenant["slug"]) == (DEFAULT_TENANT_ID, "default")


async def test_three_that_migrate_at_once_do_it_once(database_url: str) -> None:
    processes = [connect(database_url) for _ in range(3)]
    done = await asyncio.gather(*(migrate(engines) for engines in processes))
    assert sorted(before is None for before, _ in done) == [False, False, True]
    assert len(await Stage.on(processes[0]).all(tables.tenants)) == 1
    for engines in processes:
        await engines.dispose()


async def test_a_copy_for_a_test_is_all_that_a_migration_leaves(
    migrated_mariadb_url: str, mariadb: Server, mariadb_template: MariaDBTemplate
) -> None:
    copied = urlsplit(migrated_mariadb_url).path.strip("/")
    assert mariadb.dump(copied) == mariadb_template.statements
    engines = connect(migrated_mariadb_url)
    assert await migrate(engines) == (newest(), newest())
    await engines.dispose()
    assert mariadb.dump(copied) == mariadb_template.statements


async def test_the_migrated_schema_is_that_of_the_program(empty: Engines) -> None:
    await migrate(empty)

    def differences(connection: sa.Connection) -> list[Any]:
        options = {"compare_type": True, "include_name": _is_ours}
        return compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata)

    async with empty.write.connect() as connection:
        assert await connection.run_sync(differences) == []


def _is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    return kind != "table" or name not in NOT_OURS_TO_COMPARE


async def test_the_view_shows_every_column_of_grafanas_alerts_and_no_others(stage: Stage) -> None:
    await stage.take(firing())
    await stage.change(tables.alerts, source="alertmanager")
    await stage.take(firing("pod-b"))
    [row] = await stage.rows(sa.select(sa.text("*")).select_from(sa.text("grafana_alerts")))
    assert list(row) == [column.name for column in tables.alerts.c]
    assert row["fingerprint"] == "pod-b"


async def test_keys_mean_the_same_in_every_case_and_script(stage: Stage) -> None:
    """Default collations hold these equal; SQLite and people don't."""
    keys = ["abc", "Abc", "ábc"]
    now = await stage.now()
    async with stage.engines.write.begin() as connection:
        rows = [{"slug": key, "name": key, "created_at": now} for key in keys]
        await connection.execute(sa.insert(tables.tenants), rows)
    found = await stage.rows(sa.select(tables.tenants).where(tables.tenants.c.slug == "abc"))
    assert [row["slug"] for row in found] == ["abc"]


async def test_a_time_without_a_zone_is_refused(stage: Stage) -> None:
    await stage.take(firing())
    with pytest.raises(StatementError, match="without a zone"):
        await stage.change(tables.incidents, start_time=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


async def test_times_keep_their_microseconds_and_their_instant(stage: Stage) -> None:
    await stage.take(firing())
    seoul = datetime.fromisoformat("2026-01-01T09:00:00.123456+09:00")
    await stage.change(tables.incidents, start_time=seoul)
    [row] = await stage.all(tables.incidents)
    assert row["start_time"] == datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)
    assert row["start_time"].tzinfo is UTC


async def test_now_is_the_databases_clock_in_utc(stage: Stage) -> None:
    """Our own MariaDB runs at +09:00."""
    assert abs((await stage.now() - datetime.now(UTC)).total_seconds()) < 60


async def test_readers_cannot_write_on_sqlite(migrated_sqlite_url: str) -> None:
    engines = connect(migrated_sqlite_url)
    with pytest.raises(sa.exc.OperationalError, match="readonly"):
        async with engines.read.begin() as connection:
            await connection.execute(sa.update(tables.tenants).values(name="x"))
    await engines.dispose()


async def test_a_commit_on_sqlite_waits_for_the_disk(migrated_sqlite_url: str) -> None:
    """Where tests don't say otherwise."""
    engines = connect(migrated_sqlite_url)
    async with engines.write.connect() as connection:
        assert (await connection.exec_driver_sql("PRAGMA synchronous")).scalar() == FULL
    await engines.dispose()


@pytest.mark.parametrize("url", ["nonsense", "postgresql://localhost/bongsu", "mysql://localhost"])
def test_a_url_that_cannot_be_used_says_what_to_write(url: str) -> None:
    with pytest.raises(InvalidInput, match=r"BONGSU_DATABASE_URL: .* write mysql"):
        connect(url)
