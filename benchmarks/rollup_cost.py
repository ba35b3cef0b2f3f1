"""What the hourly sums cost: kept by whoever stores alerts, or by a job behind them. `python -m benchmarks.rollup_cost`

Connections store the same alerts in batches, on a MariaDB that flushes each commit to the disk: the median of 3 runs.
"The job beside" counts without any lag and without an end, which is far more than it does in a running Bongsu.
"""

import asyncio
import statistics
import sys
import time
from collections import Counter
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncConnection

from db import dialect, tables
from db.engine import Engines, connect
from db.gate import Gate
from db.migrate import migrate
from db.transactions import SqlTransactions
from db.unit_of_work import SqlUnitOfWork
from incidents.keeping import RollupLimits
from jobs.rollups import Rest, RollupMetrics, Rollups
from tests.mariadb import MariaDB

ROWS, BATCH, CONNECTIONS, SERVICES, RUNS = 20_000, 100, 4, 300, 3
ADD = ("alerts", "incidents", "reopened", "resolved_untouched")


def rows_of(batch: int, now: datetime) -> list[dict[str, object]]:
    """One transaction's alerts, of the width that Grafana's have."""
    return [
        {
            "delivery_id": 1, "source": "grafana", "status": "firing", "reason": "resent", "series_key": "s" * 64,
            "fingerprint": f"{batch}-{n}", "rule_uid": f"rule-{(batch * 7 + n) % SERVICES}", "alert_name": "Load",
            "cluster": "prod-a",
            "namespace": "pay", "service": f"service-{(batch * 7 + n) % SERVICES}", "phase": "prod",
            "severity": "warning", "severity_raw": "warning", "starts_at": now, "received_at": now,
            "summary": "Load is high", "labels": {"service": "x", "pod": "p" * 40}, "annotations": {"url": "u" * 80},
            "metric_values": {"A": 1.0}, "raw_payload": {"labels": {"pod": "p" * 300}, "annotations": "a" * 300},
        }
        for n in range(BATCH)
    ]  # fmt: skip


async def sum_up(connection: AsyncConnection, rows: list[dict[str, object]], hour: datetime) -> None:
    """One aggregated upsert, its rows in the order of their key."""
    counts = Counter((row["rule_uid"], row["service"], row["cluster"], row["severity"]) for row in rows)
    sums = [
        {
            "tenant_id": 1, "hour": hour, "dimensions": f"{rule}|{service}|{cluster}|{severity}"[:64],
            "rule_uid": rule, "service": service, "cluster": cluster, "severity": severity,
            "alerts": n, "incidents": 0, "reopened": 0, "resolved_untouched": 0,
        }
        for (rule, service, cluster, severity), n in sorted(counts.items(), key=str)
    ]  # fmt: skip
    unique = ("tenant_id", "hour", "dimensions")
    statement = dialect.insert_or_add(connection, tables.alert_rollups, unique=unique, add=ADD)
    await connection.execute(statement, sums)


async def seconds_to_store(engines: Engines, *, in_transaction: bool) -> float:
    transactions = SqlTransactions(engines, tenant_id=1)

    async def store(uow: SqlUnitOfWork, batch: int) -> None:
        gate: Gate = uow.gate
        rows = rows_of(batch, gate.now)
        await gate.insert_many(tables.alerts, rows)
        if in_transaction:
            await sum_up(gate.connection, rows, gate.now.replace(minute=0, second=0, microsecond=0))

    async def one(first: int) -> None:
        for batch in range(first, ROWS // BATCH, CONNECTIONS):
            await transactions.write(lambda uow, batch=batch: store(uow, batch), patience=timedelta(seconds=60))

    began = time.perf_counter()
    await asyncio.gather(*(one(first) for first in range(CONNECTIONS)))
    return time.perf_counter() - began


async def no_rest(_seconds: float) -> None:
    return None


def a_job(engines: Engines, rest: Rest) -> Rollups:
    limits = RollupLimits(lag=timedelta(0))
    transactions = SqlTransactions(engines, tenant_id=1)
    return Rollups(transactions, RollupMetrics(CollectorRegistry()), limits=limits, rest=rest)


async def seconds_to_count(engines: Engines) -> float:
    """The job alone, over all of them, without the pauses that it makes."""
    began = time.perf_counter()
    await a_job(engines, no_rest).catch_up(wait=True)
    return time.perf_counter() - began


async def seconds_beside_the_job(engines: Engines) -> float:
    storing = asyncio.create_task(seconds_to_store(engines, in_transaction=False))
    job = a_job(engines, asyncio.sleep)
    while not storing.done():
        await job.catch_up()
        await asyncio.sleep(0.1)
    return await storing


async def a_database(server: MariaDB, name: str) -> Engines:
    engines = connect(await asyncio.to_thread(server.create_database, name))
    await migrate(engines)
    values = {"received_at": datetime.fromisoformat("2026-01-01T00:00:00+00:00"), "request_id": "r"}
    async with engines.write.begin() as connection:
        gate = Gate(connection, tenant_id=1, now=await dialect.clock(connection))
        told = {"source": "grafana", "headers": {}, "body_sha256": "b" * 64, "status": "processed"}
        await gate.insert_one(tables.deliveries, last_seen_at=gate.now, **values, **told)
    return engines


async def measure() -> None:
    figures: dict[str, list[float]] = {kind: [] for kind in ("bare", "in the transaction", "job beside", "job alone")}
    with await asyncio.to_thread(MariaDB, durable=True) as server:
        for run in range(RUNS):
            bare, summed, beside = [await a_database(server, f"cost_{run}_{kind}") for kind in ("a", "b", "c")]
            figures["bare"].append(await seconds_to_store(bare, in_transaction=False))
            figures["in the transaction"].append(await seconds_to_store(summed, in_transaction=True))
            figures["job beside"].append(await seconds_beside_the_job(beside))
            figures["job alone"].append(await seconds_to_count(bare))
            for engines in (bare, summed, beside):
                await engines.dispose()
    for kind, seconds in figures.items():
        middle = statistics.median(seconds)
        runs = ", ".join(f"{one:.2f}" for one in seconds)
        sys.stdout.write(f"{kind:20} {middle:6.2f} s  {ROWS / middle:7.0f} alerts/s  ({runs})\n")


if __name__ == "__main__":
    asyncio.run(measure())
