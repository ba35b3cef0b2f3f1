"""A beat over HTTP: who may, what is unknown, and what a flood costs. On real databases."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry

from db.engine import Engines, connect
from db.migrate import DEFAULT_TENANT_ID
from db.transactions import SqlTransactions
from incidents.access.model import ApiKey, KeyRole
from incidents.errors import Unavailable
from incidents.heartbeats.model import Heartbeat, Pulse
from incidents.policy import Policies, Policy
from incidents.roles import Role
from receiver.api.organisation import Organisation
from receiver.app import errors_in_json
from receiver.heartbeats import Pings
from receiver.settings import ReceiverSettings
from tests.integration.known_keys import KnownKeys
from tests.migrated import unsynced

TOKEN = "s3same-canary"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
BASIC = {"Authorization": f"Basic {base64.b64encode(b'cron:beacon-fire').decode()}"}
DAY = timedelta(days=1)
POLICY = Policy(heartbeats={name: Heartbeat(name, DAY) for name in ("backup", "prod-a")})


@dataclass
class Counting:
    """The real transactions, counted. While ``away`` there is no database."""

    real: SqlTransactions
    writes: int = 0
    away: bool = False

    async def write(self, work: Callable[[Any], Awaitable[Any]], *, patience: timedelta) -> Any:
        self.writes += 1
        if self.away:
            raise Unavailable("connection refused")
        return await self.real.write(work, patience=patience)


class Anybody:
    """Nobody is asked."""

    async def check(self, user_id: str, needed: Role) -> None:
        raise AssertionError(user_id)


@dataclass
class Houses:
    """``receiver.api.organisation.Organisations`` whose tenants all expect the same."""

    by_tenant: dict[int, Counting]

    def of(self, tenant_id: int) -> Organisation:
        transactions: Any = self.by_tenant[tenant_id]
        return Organisation(tenant_id, transactions, Policies(POLICY), Anybody(), lambda: None)

    async def key(self, digest: str) -> ApiKey | None:
        raise AssertionError(digest)

    def forget_key(self, key_id: int) -> None:
        raise AssertionError(key_id)


@dataclass
class Running:
    url: str
    session: aiohttp.ClientSession
    transactions: Counting
    registry: CollectorRegistry
    clock: list[float]
    houses: "Houses"
    keys: KnownKeys

    async def ping(self, name: str, *, method: str = "POST", **headers: str) -> tuple[int, str]:
        given = headers or BEARER
        async with self.session.request(method, f"{self.url}/heartbeats/{name}", headers=given, data=b"x") as answer:
            return answer.status, await answer.text()

    async def pulse(self, name: str = "backup") -> Pulse:
        found = await self.transactions.real.read(lambda uow: uow.heartbeats.all())
        return next(one for one in found if one.name == name)

    def pings(self, status: str) -> float | None:
        return self.registry.get_sample_value("bongsu_heartbeat_pings_total", {"status": status})


@pytest.fixture
async def engines(migrated_url: str) -> AsyncIterator[Engines]:
    made = unsynced(connect(migrated_url))
    yield made
    await made.dispose()


@pytest.fixture
async def server(engines: Engines) -> AsyncIterator[Running]:
    transactions = Counting(SqlTransactions(engines, tenant_id=DEFAULT_TENANT_ID))
    within = {name: one.within for name, one in POLICY.heartbeats.items()}
    await transactions.real.write(lambda uow: uow.heartbeats.add(within))
    settings = ReceiverSettings(webhook_token=TOKEN, webhook_basic=("cron", "beacon-fire"))
    app, registry, clock = web.Application(middlewares=[errors_in_json]), CollectorRegistry(), [100.0]
    houses, keys = Houses({1: transactions}), KnownKeys()
    pings = Pings(settings, houses, keys, registry, monotonic=lambda: clock[0])
    pings.add_routes(app)
    runner = web.AppRunner(app, auto_decompress=False, access_log=None, lingering_time=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        yield Running(
            f"http://127.0.0.1:{runner.addresses[0][1]}", session, transactions, registry, clock, houses, keys
        )
    await runner.cleanup()


async def test_who_may_send_webhooks_may_ping_and_nobody_else(server: Running) -> None:
    for headers in ({"X-No": "credential"}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic wrong"}):
        status, told = await server.ping("backup", **headers)
        assert (status, "accepted here: a bearer token" in told) == (401, True)
    status, told = await server.ping("unknown", Authorization="Bearer wrong")
    assert (status, "backup" in told) == (401, False)
    assert (await server.pulse()).last_seen_at is None
    for method, headers in (("POST", BEARER), ("GET", BASIC), ("HEAD", BEARER)):
        server.clock[0] += 10
        assert await server.ping("backup", method=method, **headers) == (204, "")
    heard = await server.pulse()
    assert heard.last_seen_at is not None
    assert heard.expected_by == heard.last_seen_at + DAY
    assert (await server.pulse("prod-a")).last_seen_at is None
    assert (server.pings("heard"), server.pings("unauthorised")) == (3, 4)


async def test_an_ingest_key_may_ping_for_its_own_tenant_and_no_other_key_may(server: Running) -> None:
    other = server.houses.by_tenant[2] = Counting(SqlTransactions(server.transactions.real._engines, tenant_id=2))
    await other.real.write(lambda uow: uow.heartbeats.add({"backup": DAY}))
    theirs, reader = server.keys.add(tenant_id=2), server.keys.add(KeyRole.READ)
    as_password = base64.b64encode(f"cron:{theirs}".encode()).decode()
    assert await server.ping("backup", Authorization=f"Basic {as_password}") == (204, "")
    assert (await server.pulse()).last_seen_at is None
    assert (other.writes, server.transactions.writes) == (1, 0)
    status, told = await server.ping("backup", Authorization=f"Bearer {reader}")
    assert (status, "the role read" in told) == (403, True)
    assert (server.pings("heard"), server.pings("unauthorised")) == (1, 1)


async def test_an_unknown_one_is_told_which_there_are(server: Running) -> None:
    for name in ("bakup", "BACKUP", "..%2Fbackup", "x" * 500):
        status, told = await server.ping(name)
        assert (status, "there are backup, prod-a" in told, len(told) < 300) == (404, True, True)
    status, told = await server.ping("backup", method="DELETE")
    assert (status, "DELETE can't be used" in told) == (405, True)
    assert server.transactions.writes == 0


async def test_a_flood_writes_once_a_second(server: Running) -> None:
    answers = await asyncio.gather(*(server.ping("backup") for _ in range(60)), server.ping("prod-a"))
    assert {status for status, _ in answers} == {204}
    server.clock[0] += 0.9
    assert (await server.ping("backup"))[0] == 204
    assert server.transactions.writes == 2
    server.clock[0] += 1
    await asyncio.gather(*(server.ping("backup") for _ in range(60)))
    assert server.transactions.writes == 3


async def test_while_the_database_is_away_nothing_is_confirmed_and_the_next_one_counts(server: Running) -> None:
    server.transactions.away = True
    assert (await server.ping("backup"))[0] == 503
    server.transactions.away = False
    assert (await server.ping("backup"))[0] == 204
    assert (await server.pulse()).last_seen_at is not None
