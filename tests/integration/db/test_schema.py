"""A program uses tables that are its own, or that a newer program has declared compatible; others it leaves alone."""

import asyncio
import logging
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from db import tables
from db.engine import Engines, connect
from db.migrate import current, migrate
from db.schema import Program, check, this_program
from db.transactions import SqlTransactions
from db.unit_of_work import SqlUnitOfWork
from incidents.errors import NewerDatabase, OlderDatabase
from tests.building import firing
from tests.integration.db.stage import Stage

FUTURE = '''"""A migration that is yet to be written."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
compatible_with = "{compatible_with}"


def upgrade() -> None:
    op.add_column("alerts", sa.Column("{column}", sa.Integer))
'''
OURS = this_program()


def future(folder: Path, *, compatible_with: str) -> Program:
    """One with two migrations more than ours: the last of them goes with programs from this revision on."""
    shutil.copytree(OURS.scripts, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for revision, before, oldest in (("f001", OURS.newest, OURS.newest), ("f002", "f001", compatible_with)):
        told = FUTURE.format(revision=revision, before=before, compatible_with=oldest, column=f"of_{revision}")
        (folder / "versions" / f"{revision}.py").write_text(told, "utf-8")
    return Program.read(folder)


@pytest.fixture
def additive(tmp_path: Path) -> Program:
    return future(tmp_path / "additive", compatible_with=OURS.newest)


@pytest.fixture
def breaking(tmp_path: Path) -> Program:
    return future(tmp_path / "breaking", compatible_with="f001")


def stage_of(engines: Engines, program: Program) -> Stage:
    return Stage(engines, SqlTransactions(engines, tenant_id=1, program=program))


async def nothing(_: SqlUnitOfWork) -> None:
    pass


def test_the_last_migration_that_breaks_something_says_who_may_stay(additive: Program, breaking: Program) -> None:
    assert (additive.newest, additive.oldest) == ("f002", OURS.newest)
    assert (breaking.newest, breaking.oldest) == ("f002", "f001")


def test_every_new_migration_says_which_programs_may_stay() -> None:
    """Without it all of them stop; the first four are older than the notion."""
    silent = [
        path.name
        for path in sorted((OURS.scripts / "versions").glob("[0-9]*.py"))
        if "compatible_with = " not in path.read_text("utf-8") and path.name >= "0005"
    ]
    assert silent == []


async def test_an_old_program_goes_on_after_a_migration_that_only_adds(stage: Stage, additive: Program) -> None:
    await stage.take(firing())
    assert await migrate(stage.engines, additive) == (OURS.newest, "f002")
    await stage.take(firing("pod-b"))
    await stage_of(stage.engines, additive).take(firing("pod-c"))
    assert (await stage.incident()).firing == 3
    await check(stage.engines, OURS)
    assert await migrate(stage.engines) == ("f002", "f002")
    assert await current(stage.engines) == "f002"


async def test_an_old_program_leaves_tables_alone_that_have_changed_too_much(
    stage: Stage, breaking: Program, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.take(firing())
    await migrate(stage.engines, breaking)
    for _ in range(2):
        with pytest.raises(NewerDatabase, match=rf"{OURS.newest}.* is older than the database .*f002.*: upgrade it"):
            await stage.take(firing("pod-b"))
    with pytest.raises(NewerDatabase):
        await stage.read(nothing)
    with pytest.raises(NewerDatabase):
        await check(stage.engines, OURS)
    with pytest.raises(NewerDatabase):
        await migrate(stage.engines)
    assert len(await stage.all(tables.alerts)) == 1
    assert said(caplog) == ["schema_misfit"]
    assert not stage.transactions.fits()


async def test_a_new_program_waits_for_its_tables_and_begins_by_itself(
    stage: Stage, additive: Program, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    new = stage_of(stage.engines, additive)
    with pytest.raises(OlderDatabase, match=rf"at revision {OURS.newest}, .* needs f002: run `bongsu migrate`"):
        await new.write(nothing, patience=0)
    waiting = asyncio.create_task(new.take(firing()))
    await migrate(stage.engines, additive)
    assert (await waiting).incidents == ("INC-1",)
    assert said(caplog) == ["schema_misfit", "schema_fits"]
    assert new.transactions.fits()


async def test_who_began_before_they_changed_does_not_say_that_they_fit(
    sqlite_stage: Stage, breaking: Program, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told once, however long somebody reads. (MariaDB lets nobody change tables meanwhile.)"""
    stage = sqlite_stage
    caplog.set_level(logging.INFO)
    began, may_end = asyncio.Event(), asyncio.Event()

    async def lasts(_: SqlUnitOfWork) -> None:
        began.set()
        await may_end.wait()

    reading = asyncio.create_task(stage.read(lasts))
    await began.wait()
    await migrate(stage.engines, breaking)
    with pytest.raises(NewerDatabase):
        await stage.read(nothing)
    may_end.set()
    await reading
    assert said(caplog) == ["schema_misfit"]
    assert not stage.transactions.fits()


async def test_whether_the_tables_fit_by_now_is_found_out_without_work(stage: Stage, additive: Program) -> None:
    new = stage_of(stage.engines, additive)
    with pytest.raises(OlderDatabase):
        await new.write(nothing, patience=0)
    await new.transactions.look_again()
    assert not new.transactions.fits()
    await migrate(stage.engines, additive)
    await new.transactions.look_again()
    assert new.transactions.fits()


async def test_a_migration_that_was_cut_off_is_waited_for(stage: Stage, additive: Program) -> None:
    """MySQL's DDL has no transaction: half of the migrations may have run."""
    async with stage.engines.write.begin() as connection:
        await connection.execute(sa.text("UPDATE alembic_version SET version_num = 'f001'"))
        await connection.execute(sa.text("ALTER TABLE alerts ADD COLUMN of_f001 INT"))
    with pytest.raises(OlderDatabase):
        await stage_of(stage.engines, additive).write(nothing, patience=0)
    assert await migrate(stage.engines, additive) == ("f001", "f002")
    await stage_of(stage.engines, additive).write(nothing, patience=0)


async def test_tables_made_before_they_told_anything_are_waited_for(stage: Stage) -> None:
    async with stage.engines.write.begin() as connection:
        await connection.execute(sa.text("DROP TABLE schema_state"))
    with pytest.raises(OlderDatabase, match="run `bongsu migrate`"):
        await stage.write(nothing, patience=0)
    await migrate(stage.engines)
    await stage.write(nothing, patience=0)


async def test_a_migration_that_breaks_something_waits_for_what_old_programs_have_begun(
    stage: Stage, breaking: Program, migrated_url: str
) -> None:
    """And what they begin after that is refused: nothing of theirs meets tables that have changed."""
    begun, go_on = asyncio.Event(), asyncio.Event()
    columns: list[str] = []

    async def work(uow: SqlUnitOfWork) -> None:
        begun.set()
        await go_on.wait()
        names = await uow.gate.connection.run_sync(lambda sync: sa.inspect(sync).get_columns("alerts"))
        columns.extend(column["name"] for column in names)

    old = asyncio.create_task(stage.transactions.write(work, patience=timedelta(seconds=20)))
    await begun.wait()
    others = connect(migrated_url)
    migration = asyncio.create_task(migrate(others, breaking))
    if others.dialect == "mysql":
        await it_is_announced(migrated_url)
    go_on.set()
    await old
    await migration
    assert "of_f001" not in columns
    with pytest.raises(NewerDatabase):
        await stage.write(nothing)
    await others.dispose()


async def it_is_announced(migrated_url: str) -> None:
    """The migration has said who may stay, and waits."""
    third = connect(migrated_url)
    waits = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'ALTER TABLE schema_state%'"
    async with asyncio.timeout(20), third.read.connect() as connection:
        while not (await connection.execute(sa.text(waits))).scalar():
            await connection.rollback()
    await third.dispose()


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    actions = [getattr(record, "action", "") for record in caplog.records]
    return [action for action in actions if action.startswith("schema_")]
