"""How long somebody waits for figures of the API, and what they cost to keep. `python -m benchmarks.daily_figures`

A month of incidents, as many as are asked for, spread over 50 services, 5 clusters and 4 severities, with ten alerts
each by the hourly sums. MariaDB fills its own tables: its sequences count. Others may use
``REQUESTS`` and ``fill``.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from math import ceil
from statistics import median

import aiohttp
from aiohttp import web
from prometheus_client import CollectorRegistry
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import Engines, connect
from db.migrate import migrate
from db.transactions import SqlTransactions
from incidents.access.model import ApiKey, KeyRole, NewKey, digest_of, hint_of, new_secret
from incidents.policy import Policies, Policy
from incidents.roles import Role
from jobs.daily_figures import DailyFigures
from receiver.api.cors import Cors
from receiver.api.dispatch import Dispatcher
from receiver.api.limits import Limits, Tries
from receiver.api.metrics import ApiMetrics
from receiver.api.operation import PREFIX
from receiver.api.organisation import Organisation
from receiver.api.routes import add_api
from receiver.settings import ReceiverSettings
from tests.mariadb import MariaDB

INCIDENTS = 1_000_000
DAYS = 30
MOST_MILLISECONDS = 150
_AT_ONCE = 100_000
_TIMES, _WARM_UP = 60, 5
_ALERTS = 10
_BUFFER_POOL = 1024
"""MiB. What a small server of one's own has."""

REQUESTS: Mapping[str, Callable[[int], str]] = {
    "all": lambda _n: "/stats",
    "by service": lambda _n: "/stats?group_by=service",
    "by cluster": lambda _n: "/stats?group_by=cluster",
    "by severity": lambda _n: "/stats?group_by=severity",
    "by day": lambda _n: "/stats?group_by=day",
    "a service by day": lambda n: f"/stats?service=service-{n % 50}&group_by=day",
    "a severity by service": lambda _n: "/stats?severity=critical&group_by=service",
    "a place": lambda n: f"/stats?service=service-{n % 50}&cluster=cluster-{n % 5}&severity=error,critical",
    "two clusters, two severities, by service": lambda _n: (
        "/stats?cluster=cluster-1,cluster-2&severity=critical,error&group_by=service"
    ),
}
"""By name: the path of the n-th time, below the API's prefix."""

_INCIDENTS = """
INSERT INTO incidents (id, tenant_id, number, incident_key, title, status, severity, source, rule_uid, alert_name,
    cluster, namespace, service, phase, start_time, resolved_time, resolution, last_alert_time, alert_count, is_noise,
    flapping, episode, version, batch_token, created_at)
SELECT n, 1, n, SHA2(n, 256), CONCAT('Load is high ', n), IF(open, 'active', 'resolved'),
    severity, 'grafana', CONCAT('rule-', n % 50), CONCAT('Load', n % 50), CONCAT('cluster-', n DIV 50 % 5), 'ns',
    CONCAT('service-', n % 50), 'prod', opened, IF(open, NULL, ended), IF(open, NULL, resolution), opened, :alerts,
    resolution = 'noise', 0, 1, 1, 'b', opened
FROM ({}) AS lives"""
_EPISODES = """
INSERT INTO incident_episodes (tenant_id, incident_id, number, opened_at, opened_reason, started_at, severity,
    inherited, responded_at, resolved_at, resolution, recovered_at)
SELECT 1, n, 1, opened, 'opened', opened - INTERVAL 20 SECOND, severity, 0,
    IF(n % 5 = 0, NULL, opened + INTERVAL responds SECOND), IF(open, NULL, ended), IF(open, NULL, resolution),
    IF(resolution = 'recovered' AND NOT open, ended - INTERVAL 15 SECOND, NULL)
FROM ({}) AS lives"""
_LIVES = """
SELECT n, opened, opened + INTERVAL lasts SECOND AS ended, responds, severity, resolution,
    opened + INTERVAL lasts SECOND > UTC_TIMESTAMP(6) OR n % 1000 = 0 AS open
FROM (
    SELECT seq AS n, UTC_TIMESTAMP(6) - INTERVAL (RAND(seq) * :seconds) SECOND AS opened,
        -LN(1 - RAND(seq + 100000000)) * 1800 + 30 AS lasts, -LN(1 - RAND(seq + 200000000)) * 240 + 5 AS responds,
        ELT(1 + seq DIV 250 % 4, 'critical', 'error', 'warning', 'info') AS severity,
        ELT(1 + seq % 25, 'noise', 'manual', 'manual', 'stale', 'recovered', 'recovered', 'recovered', 'recovered',
            'recovered', 'recovered', 'recovered', 'recovered', 'recovered', 'recovered', 'recovered', 'recovered',
            'recovered', 'recovered', 'recovered', 'recovered', 'recovered', 'recovered', 'recovered', 'recovered',
            'recovered') AS resolution
    FROM seq_{first}_to_{last}
) AS told"""
_HOURS = """
INSERT INTO alert_rollups (tenant_id, hour, dimensions, rule_uid, service, cluster, severity, alerts, incidents,
    reopened, resolved_untouched)
SELECT 1, hour, SHA2(CONCAT(rule_uid, service, cluster, severity), 256), rule_uid, service, cluster, severity,
    :alerts * COUNT(*), COUNT(*), 0, 0
FROM (
    SELECT CAST(DATE_FORMAT(created_at, '%Y-%m-%d %H:00:00') AS DATETIME(6)) AS hour, rule_uid, service, cluster,
        severity
    FROM incidents
) AS every
GROUP BY hour, rule_uid, service, cluster, severity"""


async def fill(connection: AsyncConnection, incidents: int = INCIDENTS) -> None:
    """Incidents, their episodes, and the hourly sums of their alerts, into empty tables of MariaDB."""
    for first in range(1, incidents + 1, _AT_ONCE):
        lives = _LIVES.format(first=first, last=min(incidents, first + _AT_ONCE - 1))
        told = {"seconds": DAYS * 86_400 - 3600}
        await connection.execute(text(_INCIDENTS.format(lives)), {"alerts": _ALERTS, **told})
        await connection.execute(text(_EPISODES.format(lives)), told)
        await connection.commit()
    await connection.execute(text(_HOURS), {"alerts": _ALERTS})
    await connection.commit()
    for table in ("incidents", "incident_episodes", "alert_rollups"):
        await connection.execute(text(f"ANALYZE TABLE {table}"))


class _Everybody:
    """``receiver.api.organisation.People`` without any."""

    async def check(self, user_id: str, needed: Role) -> None:
        """Nobody acts on behalf of anybody here."""

    async def check_assignable(self, user_id: str) -> None:
        """Nor is anything assigned."""

    async def check_channel(self, channel_id: str) -> None:
        """Nor shown."""


class _OneHouse:
    """``receiver.api.organisation.Organisations`` of the tenant that is measured."""

    def __init__(self, transactions: SqlTransactions) -> None:
        self._transactions = transactions

    def of(self, tenant_id: int) -> Organisation:
        return Organisation(tenant_id, self._transactions, Policies(Policy()), _Everybody(), lambda: None)

    async def key(self, digest: str) -> ApiKey | None:
        return await self._transactions.read(lambda uow: uow.api_keys.by_digest(digest))

    def forget_key(self, key_id: int) -> None:
        """Nothing is remembered."""


async def _serve(transactions: SqlTransactions) -> tuple[web.AppRunner, str]:
    app = web.Application()
    settings = ReceiverSettings(api_requests_per_second=1e6, api_burst=1_000_000)
    dispatcher = Dispatcher(
        _OneHouse(transactions), settings, Limits(settings), Tries(), ApiMetrics(CollectorRegistry())
    )
    add_api(app, dispatcher, Cors(settings.api_cors_origins))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}{PREFIX}"


async def _count(engines: Engines) -> None:
    """All of it, and then a tick, each without its pauses."""
    transactions = SqlTransactions(engines, tenant_id=1)
    blocked = 0.0
    last = time.perf_counter()

    async def rest(_seconds: float) -> None:
        nonlocal blocked, last
        blocked = max(blocked, time.perf_counter() - last)
        await asyncio.sleep(0)
        last = time.perf_counter()

    job = DailyFigures(transactions, Policies(Policy()), lag=timedelta(seconds=60), rest=rest)
    for what in ("all days", "a tick"):
        began, blocked, last = time.perf_counter(), 0.0, time.perf_counter()
        await job.count()
        told = f"{time.perf_counter() - began:7.2f} s, its longest step {blocked * 1000:.0f} ms"
        sys.stdout.write(f"counting {what:31} {told}\n")


async def _ask(engines: Engines) -> None:
    transactions = SqlTransactions(engines, tenant_id=1)
    secret = new_secret()
    key = NewKey("bench", KeyRole.READ, digest_of(secret), hint_of(secret))
    await transactions.write(lambda uow: uow.api_keys.add(key, by="bench"))
    runner, url = await _serve(transactions)
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {secret}"}) as session:
        for name, path in REQUESTS.items():
            waited = []
            for n in range(_WARM_UP + _TIMES):
                began = time.perf_counter()
                async with session.get(url + path(n)) as answer:
                    body = await answer.json()
                waited.append((time.perf_counter() - began) * 1000)
            told = sorted(waited[_WARM_UP:])
            p95 = told[ceil(0.95 * len(told)) - 1]
            verdict = "" if p95 <= MOST_MILLISECONDS else f"  more than {MOST_MILLISECONDS} ms"
            size = f"{body['total']['opened']:,} opened, {len(body['groups'])} groups"
            sys.stdout.write(f"{name:40} p50 {median(told):6.1f} ms, p95 {p95:6.1f} ms  {size}{verdict}\n")
    await runner.cleanup()


async def measure(incidents: int) -> None:
    with await asyncio.to_thread(partial(MariaDB, durable=True, buffer_pool=_BUFFER_POOL)) as server:
        engines = connect(await asyncio.to_thread(server.create_database, "daily_figures"))
        await migrate(engines)
        began = time.perf_counter()
        async with engines.write.connect() as connection:
            await fill(connection, incidents)
        sys.stdout.write(f"{incidents:,} incidents were made in {time.perf_counter() - began:.0f} s\n")
        await _count(engines)
        await _ask(engines)
        await engines.dispose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--incidents", type=int, default=INCIDENTS)
    asyncio.run(measure(parser.parse_args().incidents))
