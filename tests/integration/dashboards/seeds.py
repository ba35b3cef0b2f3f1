"""A past of which every figure is known by hand, for whatever a dashboard shows of it.

Day 0 begins ten days before today; times are minutes after that. "Recovered" times are of the sender, and the same as
ours. Nothing happens in the last two days but what is open.

| incident | rule, severity | place | opened | responded | ended | alerts |
|---|---|---|---|---|---|---|
| 1–5 | checkout-5xx, critical | CHECKOUT | day 1, 10:00–14:00 | after 1, 2, 3, 4, 10 min | recovered: 10, 20 … 50 | 4 |
| 6–13 | cpu, warning | WEB | days 1, 2: 0, 3, 6, 9:00 | never | recovered after 5 min | 20 |
| 14, 15 | disk, error | DATA | day 3, 9:00, 15:00 | after 6, 8 min | closed by hand after 60, 120 min | 3 |
| 16 | disk, error | DATA | day 4, 9:00 | after 2 min | noise after 2 min | 3 |
| 17 | disk, error | DATA | day 4, 12:00 | never | stale after 500 min | 1 |
| 18 | pods, warning | ODD, prod-b, dev | day 5, 10:00 | never | 4 times: each 10 min it fires, for 5; it flaps | 8 |
| 19 | lag, critical | CHECKOUT | day 8, 00:00 | never | open, and flaps | 2 |
| 20 | lag, error | DATA | day 8, 06:00 | after 12 min, Alice has it | open | 2 |
| 21 | disk, error | DATA | day 8, 06:05 | never | merged into 20 after 20 min | 1 |
| 22 | trial, info: a test | | day 2 | never | at once | 1 |

Incident 6 was marked as noise on day 3, and as real on day 4. Another tenant has one incident like the first, which no
dashboard may show.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from db import tables
from db.engine import connect
from incidents.policy import Policies, Policy
from incidents.rules.flapping import FLAPPING_EPISODES
from jobs.daily_figures import DailyFigures
from tests.grafana_sql import Span
from tests.integration.db.past import no_rest, rollup_job
from tests.integration.db.stage import Stage
from tests.migrated import unsynced

DAY = timedelta(days=1)
ODD = 'it\'s "odd", a\\b'
"""A service that tries every way out of a string."""
OTHER_TENANT = 2
_BY_ALICE = ("acknowledged", "marked_noise", "marked_real", "merged")


def day_0() -> datetime:
    """So near that what must be counted since is little, and so far that all of it is over."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - 10 * DAY


def whole(begin: datetime) -> Span:
    """From day 0 to the beginning of today."""
    return Span(begin, begin + 10 * DAY)


@dataclass(frozen=True)
class Past:
    """An episode; minutes after its incident opened, None: never."""

    opened: float = 0
    responded: float | None = None
    resolved: float | None = None
    resolution: str | None = None

    @property
    def is_recovered(self) -> bool:
        return self.resolution == "recovered"


@dataclass(frozen=True)
class Seed:
    """``at``: minutes after day 0. ``marks``: more events, and how many minutes after it opened."""

    rule: str
    severity: str
    service: str
    cluster: str
    namespace: str
    at: float
    episodes: Sequence[Past]
    alerts: int = 1
    phase: str = "prod"
    kind: str = "data"
    merged_into: int | None = None
    tenant: int = 1
    flapping: bool = False
    marks: Sequence[tuple[str, float]] = ()
    names: dict[str, str] = field(default_factory=lambda: dict(NAMES))
    in_slack: bool = True


NAMES = {"checkout-5xx": "Checkout5xx", "cpu": "HighCpu", "disk": "DiskFull", "pods": "PodCrashLooping", "lag": "Lag"}
CHECKOUT = ("checkout", "prod-a", "pay")
WEB = ("web", "prod-a", "web")
DATA = ("db", "prod-b", "data")


def at(day: float, hour: float = 0, minute: float = 0) -> float:
    return (day * 24 + hour) * 60 + minute


def recovered(after: float, *, responded: float | None = None, opened: float = 0) -> Past:
    return Past(opened, responded, opened + after, "recovered")


SEEDS: Sequence[Seed] = (
    *(
        Seed("checkout-5xx", "critical", *CHECKOUT, at(1, 10 + n), [recovered(10 * (n + 1), responded=minutes)], 4)
        for n, minutes in enumerate((1, 2, 3, 4, 10))
    ),
    Seed("cpu", "warning", *WEB, at(1), [recovered(5)], 20, marks=[("marked_noise", at(2)), ("marked_real", at(3))]),
    *(Seed("cpu", "warning", *WEB, at(1 + n // 4, 3 * (n % 4)), [recovered(5)], 20) for n in range(1, 8)),
    Seed("disk", "error", *DATA, at(3, 9), [Past(0, 6, 60, "manual")], 3),
    Seed("disk", "error", *DATA, at(3, 15), [Past(0, 8, 120, "manual")], 3),
    Seed("disk", "error", *DATA, at(4, 9), [Past(0, 2, 2, "noise")], 3),
    Seed("disk", "error", *DATA, at(4, 12), [Past(0, None, 500, "stale")], 1),
    Seed(
        "pods", "warning", ODD, "prod-b", "data", at(5, 10), [recovered(5, opened=10 * n) for n in range(4)], 8, "dev"
    ),
    Seed("lag", "critical", *CHECKOUT, at(8), [Past()], 2, flapping=True),
    Seed("lag", "error", *DATA, at(8, 6), [Past(0, 12)], 2),
    Seed("disk", "error", *DATA, at(8, 6, 5), [Past(0, None, 20, "merged")], 1, merged_into=20),
    Seed("trial", "info", "", "", "", at(2), [Past(0, None, 0, "test")], 1, kind="test"),
    Seed("checkout-5xx", "critical", *CHECKOUT, at(1, 10), [recovered(10, responded=1)], 4, tenant=OTHER_TENANT),
)

OPEN = Seed("lag", "critical", *CHECKOUT, at(8), [Past()], in_slack=False)
"""One that may be alone, and that Slack has not been told of."""


async def seed(url: str, begin: datetime, seeds: Sequence[Seed] = SEEDS) -> None:
    """Into an empty database, and counted by the jobs as in production."""
    engines = unsynced(connect(url))
    try:
        async with engines.write.begin() as connection:
            await connection.execute(
                tables.tenants.insert(), [{"id": OTHER_TENANT, "slug": "other", "name": "Other", "created_at": begin}]
            )
            for number, one in enumerate(seeds, start=1):
                await _store(connection, number, one, begin + timedelta(minutes=one.at))
        for tenant in (1, OTHER_TENANT):
            await _count(Stage.on(engines, tenant_id=tenant))
    finally:
        await engines.dispose()


async def _count(stage: Stage) -> None:
    await rollup_job(stage).catch_up()
    days = DailyFigures(stage.transactions, Policies(Policy()), lag=timedelta(0), rest=no_rest)
    await days.catch_up()


async def _store(connection: AsyncConnection, id_: int, one: Seed, opened: datetime) -> None:
    for table, rows in (
        (tables.incidents, [_incident(id_, one, opened)]),
        (tables.incident_episodes, [_episode(id_, n, one, past, opened) for n, past in enumerate(one.episodes, 1)]),
        (tables.incident_series, [_series(id_, one, opened)]),
        (tables.deliveries, [_delivery(id_, one, opened)]),
        (tables.alerts, list(_alerts(id_, one, opened))),
        (tables.incident_events, list(_events(id_, one, opened))),
        (tables.outbox, [_card(id_, one, opened)]),
    ):
        await connection.execute(table.insert(), rows)


def _after(opened: datetime, minutes: float | None) -> datetime | None:
    return None if minutes is None else opened + timedelta(minutes=minutes)


def _what(one: Seed) -> dict[str, Any]:
    return {
        "tenant_id": one.tenant, "source": "grafana", "rule_uid": one.rule, "alert_name": one.names.get(one.rule, ""),
        "cluster": one.cluster, "namespace": one.namespace, "service": one.service, "phase": one.phase,
    }  # fmt: skip


def _incident(id_: int, one: Seed, opened: datetime) -> dict[str, Any]:
    last = one.episodes[-1]
    responded = next((past.responded for past in one.episodes if past.responded is not None), None)
    status = "resolved" if last.resolution else "acknowledged" if responded is not None else "active"
    return {
        **_what(one),
        "id": id_, "number": id_, "incident_key": f"{id_:064}", "title": f"{one.rule} of {one.service}",
        "status": status, "severity": one.severity, "start_time": opened, "created_at": opened,
        "acknowledged_time": _after(opened, responded), "acknowledged_by": responded and "U0ALICE",
        "assignee": "U0ALICE" if status == "acknowledged" else None,
        "resolved_time": _after(opened, last.resolved), "resolved_by": last.resolution and "system",
        "resolution": last.resolution, "last_alert_time": opened, "alert_count": one.alerts,
        "is_noise": last.resolution == "noise", "flapping": one.flapping, "episode": len(one.episodes),
        "version": 1, "batch_token": "", "kind": one.kind, "firing": 0 if last.resolution else 1,
        "merged_into_id": one.merged_into, "event_count": 1, "series_count": 1,
    }  # fmt: skip


def _episode(id_: int, number: int, one: Seed, past: Past, opened: datetime) -> dict[str, Any]:
    began, ended = _after(opened, past.opened), _after(opened, past.resolved)
    responded = _after(began, past.responded) if began else None
    return {
        "tenant_id": one.tenant, "incident_id": id_, "number": number, "opened_at": began, "started_at": began,
        "opened_reason": "opened" if number == 1 else "within_reopen_window", "severity": one.severity,
        "inherited": False, "acknowledged_at": responded, "responded_at": responded,
        "responded_by": responded and "U0ALICE", "resolved_at": ended, "resolution": past.resolution,
        "recovered_at": ended if past.is_recovered else None,
    }  # fmt: skip


def _series(id_: int, one: Seed, opened: datetime) -> dict[str, Any]:
    ended = _after(opened, one.episodes[-1].resolved)
    return {
        "tenant_id": one.tenant, "incident_id": id_, "series_key": f"{id_:064}", "source": "grafana",
        "rule_uid": one.rule, "fingerprint": f"{id_:016}", "name": f"pod-{id_}",
        "status": "resolved" if ended else "firing", "starts_at": opened, "ends_at": ended, "summary": "",
        "links": {}, "last_delivery_id": id_, "last_alert_at": opened,
    }  # fmt: skip


def _delivery(id_: int, one: Seed, opened: datetime) -> dict[str, Any]:
    return {
        "id": id_, "tenant_id": one.tenant, "received_at": opened, "last_seen_at": opened, "source": "grafana",
        "request_id": f"{id_:032}", "headers": {}, "body_sha256": f"{id_:064}", "status": "processed",
    }  # fmt: skip


def _alerts(id_: int, one: Seed, opened: datetime) -> Iterator[dict[str, Any]]:
    """The first opens it, the others come every second after it."""
    for n in range(one.alerts):
        yield {
            **_what(one),
            "delivery_id": id_, "incident_id": id_, "status": "firing", "reason": "still_firing" if n else "opened",
            "series_key": f"{id_:064}", "fingerprint": f"{id_:016}", "severity": one.severity, "severity_raw": "",
            "starts_at": opened, "received_at": opened + timedelta(seconds=n), "summary": "", "labels": {},
            "annotations": {}, "metric_values": {}, "raw_payload": {},
        }  # fmt: skip


def _events(id_: int, one: Seed, opened: datetime) -> Iterator[dict[str, Any]]:
    """Of each episode: its opening, the first response to it and its end. From the third on it flaps."""
    told: list[tuple[int, str, float | None]] = [(1, kind, minutes) for kind, minutes in one.marks]
    ends = {"noise": "marked_noise", "merged": "merged"}
    for number, past in enumerate(one.episodes, start=1):
        responded = None if past.responded is None else past.opened + past.responded
        told += [
            (number, "opened" if number == 1 else "reopened", past.opened),
            (number, "flapping", past.opened if number == FLAPPING_EPISODES else None),
            (number, "acknowledged", responded),
            (number, ends.get(past.resolution or "", "resolved"), past.resolved),
        ]
    for number, kind, minutes in told:
        if (when := _after(opened, minutes)) is not None:
            yield {
                "tenant_id": one.tenant, "incident_id": id_, "episode": number, "at": when, "kind": kind, "data": {},
                "actor": "U0ALICE" if kind in _BY_ALICE else "system",
            }  # fmt: skip


def _card(id_: int, one: Seed, opened: datetime) -> dict[str, Any]:
    """Sent two seconds after the incident opened, if it was."""
    sent = opened + timedelta(seconds=2) if one.in_slack else None
    return {
        "tenant_id": one.tenant, "incident_id": id_, "channel": "#incidents", "kind": "card", "subject": "",
        "desired_rev": 1, "sent_rev": 1 if sent else 0, "priority": 0, "channel_id": "C0INCIDENTS" if sent else None,
        "ts": f"1700000000.{id_:06}" if sent else None,
        "fence": 1, "attempts": 0, "created_at": opened, "first_sent_at": sent, "sent_at": sent,
    }  # fmt: skip
