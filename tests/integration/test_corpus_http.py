"""Every body that a sender is known to write, through the real door into real databases: never a 500."""

import json
import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from aiohttp import web
from prometheus_client import CollectorRegistry

from db import tables
from db.engine import Engines, connect
from db.transactions import SqlTransactions
from incidents.policy import Policies, Policy
from receiver.app import add_routes
from receiver.commit import BatchLimits, Commits
from receiver.health import Health
from receiver.intake import Intake
from receiver.metrics import ReceiverMetrics
from receiver.settings import ReceiverSettings
from tests.corpus import FIXTURES, FOUND, OURS, PAYLOADS, Answer, Refused, Taken
from tests.integration.known_keys import KnownKeys
from tests.integration.one_store import OneStore
from tests.mariadb import Server
from tests.migrated import MariaDBTemplate, SqliteTemplate

_tenants = count(100)


@pytest.fixture(scope="module", params=["sqlite", "mariadb"])
def shared_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One database for all bodies: each comes to a tenant of its own, so that none knows of another."""
    template: SqliteTemplate | MariaDBTemplate = request.getfixturevalue(f"{request.param}_template")
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('corpus') / 'bongsu.db'}"
        template.fill(url)
        yield url
        return
    server: Server = request.getfixturevalue("mariadb")
    name = f"bongsu_test_corpus_{os.getpid()}"
    url = server.create_database(name)
    template.fill(url)
    yield url
    server.drop_database(name)


@pytest.fixture
async def engines(shared_url: str) -> AsyncIterator[Engines]:
    engines = connect(shared_url)
    yield engines
    await engines.dispose()


@pytest.fixture
async def tenant(engines: Engines) -> int:
    number = next(_tenants)
    async with engines.write.begin() as connection:
        named = {"id": number, "slug": f"t{number}", "name": f"t{number}", "created_at": datetime.now(UTC)}
        await connection.execute(sa.insert(tables.tenants).values(named))
    return number


@pytest.fixture
async def url(engines: Engines, tenant: int) -> AsyncIterator[str]:
    """Where Grafana would send to."""

    async def ready() -> list[str]:
        return []

    registry = CollectorRegistry()
    metrics = ReceiverMetrics(registry)
    transactions = SqlTransactions(engines, tenant_id=tenant)
    store = Commits(transactions, Policies(Policy()), metrics, patience=timedelta(seconds=5), limits=BatchLimits())
    settings = ReceiverSettings(anonymous=True)
    app = web.Application()
    intake = Intake(settings, OneStore(store), metrics, keys=KnownKeys(), committed=lambda _: None)
    add_routes(app, intake=intake, health=Health(ready), registry=registry)
    runner = web.AppRunner(app, auto_decompress=False, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/grafana"
    await runner.cleanup()


def read(directory: Path, name: str) -> bytes:
    return (directory / name).read_bytes()


async def send(url: str, body: bytes) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.post(url, data=body) as response:
        return response.status, await response.json()


async def rows(engines: Engines, table: sa.Table, tenant: int) -> list[Any]:
    async with engines.read.connect() as connection:
        found = sa.select(table).where(table.c.tenant_id == tenant).order_by(table.c.id)
        return list((await connection.execute(found)).mappings())


async def expect(answer: Answer, body: bytes, url: str, engines: Engines, tenant: int) -> None:
    """The body is answered like this, and the database says the same."""
    status, told = await send(url, body)
    [delivery] = await rows(engines, tables.deliveries, tenant)
    stored = await rows(engines, tables.alerts, tenant)
    assert delivery["id"] == told["delivery"]
    if isinstance(answer, Refused):
        assert (status, told["field"]) == (422, answer.field)
        assert answer.words in told["error"]
        assert (delivery["status"], delivery["raw_body"], stored) == ("rejected", body, [])
    else:
        assert (status, Taken(told.get("alerts"), len(told.get("incidents", [])))) == (200, answer), told
        assert (delivery["status"], len(stored)) == ("processed", answer.alerts)
        assert len(await rows(engines, tables.incidents, tenant)) == answer.incidents
        elements = json.loads(body).get("alerts")
        assert [row["raw_payload"] for row in stored] == (elements or [json.loads(body)] * answer.alerts)


@pytest.mark.parametrize(("name", "answer"), OURS.items(), ids=OURS)
async def test_a_body_of_ours_is_answered_as_the_table_says(
    name: str, answer: Answer, url: str, engines: Engines, tenant: int
) -> None:
    await expect(answer, read(FIXTURES, name), url, engines, tenant)


@pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the bodies that were found elsewhere are not here; ours are")
@pytest.mark.parametrize(("name", "answer"), FOUND.items(), ids=FOUND)
async def test_a_body_that_was_found_is_answered_as_the_table_says(
    name: str, answer: Answer, url: str, engines: Engines, tenant: int
) -> None:
    await expect(answer, read(PAYLOADS, name), url, engines, tenant)
