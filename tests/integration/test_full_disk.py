"""SQLite finds no room: senders are told to come again, nothing is spoilt, and all goes on once there is room."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from prometheus_client import CollectorRegistry

from db import tables
from db.engine import Engines, connect
from db.migrate import DEFAULT_TENANT_ID
from db.transactions import SqlTransactions
from incidents.policy import Policies, Policy
from receiver.commit import BatchLimits, Commits
from receiver.metrics import ReceiverMetrics
from tests.integration.test_webhook_http import Running, Serve, serve  # noqa: F401 - a fixture
from tests.unit.receiver.bodies import one

PLENTY = 1_000_000
"""Pages."""


@pytest.fixture
async def engines(migrated_sqlite_url: str) -> AsyncIterator[Engines]:
    engines = connect(migrated_sqlite_url)
    yield engines
    await engines.dispose()


@pytest.fixture
async def server(serve: Serve, engines: Engines) -> Running:  # noqa: F811
    store = Commits(
        SqlTransactions(engines, tenant_id=DEFAULT_TENANT_ID),
        Policies(Policy()),
        ReceiverMetrics(CollectorRegistry()),
        patience=timedelta(seconds=0.5),
        limits=BatchLimits(writers=1),
    )
    return await serve(store)


async def pragma(engines: Engines, told: str) -> object:
    """On the one connection that writes."""
    async with engines.write.connect() as connection:
        return (await connection.exec_driver_sql(f"PRAGMA {told}")).scalar()


async def send(server: Running, number: int) -> int:
    """How an alert of a size is answered."""
    told = one(fingerprint=f"{number:016}", annotations={"summary": f"{number} " + "x" * 30_000})
    status, _, headers = await server.send(told)
    assert status in {200, 503}
    assert (status == 503) == ("Retry-After" in headers)
    return status


async def stored(engines: Engines) -> int:
    async with engines.read.connect() as connection:
        return int((await connection.execute(sa.select(sa.func.count()).select_from(tables.alerts))).scalar_one())


async def test_a_full_disk_is_waited_for_told_and_survived(server: Running, engines: Engines) -> None:
    assert await send(server, 0) == 200
    await pragma(engines, f"max_page_count = {await pragma(engines, 'page_count')}")
    sent = [200]
    while 503 not in sent:
        sent.append(await send(server, len(sent)))
    assert await send(server, len(sent)) == 503
    assert await pragma(engines, "integrity_check") == "ok"
    assert await stored(engines) == sent.count(200)

    await pragma(engines, f"max_page_count = {PLENTY}")
    assert await send(server, len(sent)) == 200
    assert await stored(engines) == sent.count(200) + 1
    async with engines.read.connect() as connection:
        [incident] = (await connection.execute(sa.select(tables.incidents))).mappings()
    assert (incident["alert_count"], incident["firing"]) == (sent.count(200) + 1,) * 2
    assert await pragma(engines, "integrity_check") == "ok"
