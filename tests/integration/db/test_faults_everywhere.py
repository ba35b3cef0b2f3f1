"""At whichever statement the database fails, and however: the work is run again, and comes to the same."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client import CollectorRegistry

from db import tables
from db.engine import Engines, connect
from incidents import actions
from incidents.ingest import Ingested
from incidents.model import Delivery, Resolution
from incidents.policy import Policies
from receiver.commit import BatchLimits, Commits
from receiver.metrics import ReceiverMetrics
from tests.building import ALICE, a_delivery, because, cannot_see, firing, resolved
from tests.integration.db.breaking import COMMIT, Broken, breaking
from tests.integration.db.stage import Stage
from tests.integration.db.test_batches import state
from tests.migrated import unsynced

MARIADB = [Broken.DEADLOCK, Broken.LOCK_WAIT, Broken.CHANGED, Broken.LOST_BEFORE, Broken.LOST_AFTER]
SQLITE = [Broken.BUSY, Broken.FULL, Broken.DISK]
PATIENCE = timedelta(seconds=20)
_tenants = count(500)


async def a_past(stage: Stage) -> None:
    """Something to join, to end, to reopen, to repeat, to be blinded, and to be worse than its owner took."""
    await stage.take(
        firing("joins"),
        firing("ends", service="ends"),
        firing("missing", service="missing"),
        firing("back", service="back"),
        replace(firing("seen", service="seen"), rule_uid="r2"),
    )
    await stage.take(resolved("back", service="back"))
    await stage.take(firing("again", service="again"), body="again")
    [name] = (await stage.take(firing("worse", service="worse"))).incidents
    worse = (await stage.incident(int(name.removeprefix("INC-")))).id
    await stage.write(lambda uow: actions.acknowledge(worse, by=ALICE, uow=uow))


def a_batch() -> list[Delivery]:
    """Of everything that intake does; of it every transaction is made."""
    return [
        a_delivery(firing("new-1", service="new"), firing("new-2", service="new"), firing("other", service="other")),
        a_delivery(firing("joined")),
        a_delivery(resolved("ends", service="ends"), because(Resolution.SERIES_MISSING, resolved("missing"))),
        a_delivery(because(Resolution.SERIES_MISSING, resolved("missing", service="missing"))),
        a_delivery(firing("back", since=7, service="back")),
        a_delivery(firing("again", service="again"), body="again"),
        a_delivery(firing("twice", service="twice"), body="twice"),
        a_delivery(firing("twice", service="twice"), body="twice"),
        a_delivery(resolved("twice", service="twice")),
        a_delivery(firing("twice", service="twice"), body="twice"),
        a_delivery(resolved("twice", service="twice"), body="at last"),
        a_delivery(firing("joins", value=9.0)),
        a_delivery(firing("worse", since=1, service="worse", severity="error")),
        a_delivery(cannot_see(rule_uid="r2", service="seen")),
        a_delivery(resolved("never-seen", service="nobody")),
    ]


@pytest.fixture
async def sqlite_stage(migrated_sqlite_url: str) -> AsyncIterator[Stage]:
    engines = unsynced(connect(migrated_sqlite_url))
    yield Stage.on(engines)
    await engines.dispose()


async def own(stage: Stage, table: Any) -> list[Any]:
    """The rows of this stage's tenant."""
    tenant_id = stage.transactions.tenant_id
    return list(await stage.rows(sa.select(table).where(table.c.tenant_id == tenant_id).order_by(table.c.id)))


async def take_together(stage: Stage, deliveries: Sequence[Delivery]) -> list[Ingested]:
    """As the intake does: in one transaction, with what it remembers of those that it has tried before."""
    limits = BatchLimits(writers=1)
    store = Commits(
        stage.transactions,
        Policies(stage.policy),
        ReceiverMetrics(CollectorRegistry()),
        patience=PATIENCE,
        limits=limits,
    )
    return await asyncio.gather(*(store.take(delivery, size=100) for delivery in deliveries))


async def everything(stage: Stage) -> dict[str, Any]:
    return {
        **await state(stage),
        "deliveries": Counter(row["status"] for row in await own(stage, tables.deliveries)),
        "versions": sorted(row["version"] for row in await own(stage, tables.incidents)),
        "shown": sorted((row["kind"], row["desired_rev"]) for row in await own(stage, tables.outbox)),
        "numbers": sorted(row["number"] for row in await own(stage, tables.incidents)),
    }


async def undisturbed(engines: Engines) -> tuple[list[str], dict[str, Any]]:
    """What a run says to the database, and what it leaves."""
    stage = Stage.on(engines, tenant_id=next(_tenants))
    await a_past(stage)
    with breaking(engines.write) as breaker:
        await take_together(stage, a_batch())
    return breaker.said, await everything(stage)


async def disturbed(engines: Engines, *faults: Broken, at: int) -> dict[str, Any]:
    """What is left when, of one piece of work, each run but the last breaks at that step."""
    stage = Stage.on(engines, tenant_id=next(_tenants))
    await a_past(stage)
    with breaking(engines.write, *faults, at=at) as breaker:
        told = await take_together(stage, a_batch())
    assert not breaker.faults
    assert [one.alerts for one in told] == [3, 1, 2, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1]
    return await everything(stage)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that was away is tried again without a pause. (That it is waited for is told in test_transactions.)"""

    async def no_pause(_attempts: object, _error: BaseException) -> None:
        return

    monkeypatch.setattr("db.transactions._Attempts._until_back", no_pause)


@pytest.fixture(params=[MARIADB, SQLITE], ids=["mariadb", "sqlite"])
def faults(request: pytest.FixtureRequest) -> list[Broken]:
    told: list[Broken] = request.param
    return told


@pytest.fixture
def any_stage(request: pytest.FixtureRequest, faults: list[Broken]) -> Stage:
    stage: Stage = request.getfixturevalue("mariadb_stage" if faults is MARIADB else "sqlite_stage")
    return stage


@pytest.mark.usefixtures("at_once")
async def test_whatever_statement_fails_the_work_is_run_again_and_comes_to_the_same(
    any_stage: Stage, faults: list[Broken]
) -> None:
    said, expected = await undisturbed(any_stage.engines)
    assert len(said) > 15
    for at, statement in enumerate(said[:-1], start=1):
        assert await disturbed(any_stage.engines, *faults, at=at) == expected, (at, statement[:200])


@pytest.mark.usefixtures("at_once")
async def test_however_the_commit_fails_nothing_is_there_twice(any_stage: Stage, faults: list[Broken]) -> None:
    said, expected = await undisturbed(any_stage.engines)
    assert said[-1] == COMMIT
    for fault in faults:
        assert await disturbed(any_stage.engines, fault, at=len(said)) == expected, fault
