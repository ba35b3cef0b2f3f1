"""A past of many hours: alerts that were really taken in, and whose times were then moved back."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry

from db import tables
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.keeping import RollupLimits
from incidents.model import AlertStatus, SourceAlert
from jobs.rollups import RollupMetrics, Rollups
from tests.building import ALICE, a_delivery, an_alert
from tests.integration.db.stage import Stage

SEVERITIES = ("critical", "warning", "info", "nonsense")


async def no_rest(_seconds: float) -> None:
    """Others get their turn, and that is all."""
    await asyncio.sleep(0)


def rollup_job(stage: Stage, registry: CollectorRegistry | None = None, **limits: int) -> Rollups:
    """Without a lag: what a test has stored is committed."""
    metrics = RollupMetrics(registry or CollectorRegistry())
    return Rollups(stage.transactions, metrics, limits=RollupLimits(lag=timedelta(0), **limits), rest=no_rest)


def told(number: int, *, firing: bool = True, since: float = 0) -> SourceAlert:
    """One of a handful of rules, services, clusters and severities."""
    place = {"service": f"service-{number % 7}", "cluster": f"cluster-{number % 3}"}
    return an_alert(
        AlertStatus.FIRING if firing else AlertStatus.RESOLVED,
        f"pod-{number}",
        since=since,
        until=None if firing else since + 5,
        rule_uid=f"rule-{number % 5}",
        labels={**place, "severity": SEVERITIES[number % 4]},
    )


async def live(stage: Stage, *, series: int = 60) -> None:
    """Series fire, some twice; some incidents recover, one of them acknowledged, and some open again."""
    first = [a_delivery(told(number)) for number in range(series)]
    await stage.take_batch(*first)
    await stage.take_batch(*(a_delivery(told(number), body=f"again-{number}") for number in range(0, series, 3)))
    await stage.write(acknowledge_first)
    await stage.take_batch(*(a_delivery(told(number, firing=False)) for number in range(series)))
    await stage.take_batch(*(a_delivery(told(number, since=9)) for number in range(0, series, 5)))


async def acknowledge_first(uow: SqlUnitOfWork) -> None:
    await actions.acknowledge((await uow.incidents.by_number(1)).id, by=ALICE, uow=uow)


async def spread(stage: Stage, *, over: timedelta, ending: timedelta = timedelta(hours=1)) -> None:
    """Move all that has happened into the past: evenly over so long a time, which ended so long ago."""
    end = await stage.now() - ending
    for table, columns in (
        (tables.alerts, ["received_at"]),
        (tables.deliveries, ["received_at", "last_seen_at"]),
        (tables.incident_episodes, ["opened_at", "responded_at", "resolved_at"]),
        (tables.incident_events, ["at"]),
        (tables.incidents, ["resolved_time"]),
    ):
        rows, moved = await stage.all(table), {}
        for place, row in enumerate(rows):
            time = end - over + over * (place / len(rows))
            moved[row["id"]] = {name: row[name] and time + timedelta(minutes=n) for n, name in enumerate(columns)}
        await stage.rewrite(table, moved)


Sums = dict[tuple[object, ...], Counter[str]]


async def plainly_counted(stage: Stage) -> Sums:
    """What the rollups must say, counted row by row."""
    sums: Sums = {}
    for row in await stage.all(tables.alerts):
        _count(sums, row["received_at"], row, row["severity"], "alerts")
    incidents = {row["id"]: row for row in await stage.all(tables.incidents)}
    for row in await stage.all(tables.incident_episodes):
        incident = incidents[row["incident_id"]]
        _count(sums, row["opened_at"], incident, row["severity"], "incidents" if row["number"] == 1 else "reopened")
        if row["resolution"] == "recovered" and row["responded_at"] is None:
            _count(sums, row["resolved_at"], incident, row["severity"], "resolved_untouched")
    return sums


def _count(sums: Sums, time: datetime, row: Any, severity: str, what: str) -> None:
    hour = time.replace(minute=0, second=0, microsecond=0)
    sums.setdefault((hour, row["rule_uid"], row["service"], row["cluster"], severity), Counter())[what] += 1


async def rolled_up(stage: Stage) -> Sums:
    """What the rollups say."""
    figures = ("alerts", "incidents", "reopened", "resolved_untouched")
    return {
        (row["hour"], row["rule_uid"], row["service"], row["cluster"], row["severity"]): Counter(
            {name: row[name] for name in figures if row[name]}
        )
        for row in await stage.all(tables.alert_rollups)
    }
