"""A believable stream of alerts, at a pace that a person can follow."""

import asyncio
import itertools
import json
import logging
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import aiohttp

from bongsu.samples import Firing, Rule, body

logger = logging.getLogger(__name__)

CHECKOUT = Rule("checkout-5xx", "CheckoutErrors", "Checkout answers 5xx above 5 %",
                {"severity": "critical", "service": "checkout", "cluster": "prod-a", "namespace": "pay"})  # fmt: skip
PAYMENTS = Rule("payments-p99", "PaymentsSlow", "Payments are slow: they wait for checkout",
                {"severity": "critical", "service": "payments", "cluster": "prod-a", "namespace": "pay"})  # fmt: skip
LATENCY = Rule("search-p99", "SearchLatency", "Search p99 above 800 ms",
               {"severity": "warning", "service": "search", "cluster": "prod-a", "namespace": "shop"})  # fmt: skip
QUEUE = Rule("mail-queue", "MailQueueGrowing", "Mail queue has grown for 15 minutes",
             {"severity": "error", "service": "mailer", "cluster": "prod-b", "namespace": "core"})  # fmt: skip
DISK = Rule("db-disk", "DiskAlmostFull", "Disk of the orders database is 91 % full",
            {"severity": "warning", "service": "orders-db", "cluster": "prod-b", "namespace": "data"})  # fmt: skip
FLAPPING = Rule("probe", "ProbeFailing", "Probe of the image resizer fails now and then",
                {"severity": "info", "service": "resizer", "cluster": "staging", "phase": "staging"})  # fmt: skip
NO_DATA = Rule("search-p99", "DatasourceNoData", "No data for Search p99",
               {"rulename": "SearchLatency", "datasource_uid": "prometheus-a"})  # fmt: skip
TEST = Rule("", "TestAlert", "Notification test", {"instance": "Grafana"})
NODES = Rule("node-down", "NodeNotReady", "Kubernetes nodes are not ready",
             {"severity": "critical", "service": "platform", "cluster": "prod-a"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """After ``pause`` seconds these series are told of: those with ``ends`` as resolved."""

    pause: float
    rule: Rule
    label: str
    series: tuple[str, ...]
    value: float
    ends: bool = False


STORY = (
    Step(1, CHECKOUT, "pod", ("checkout-7d9f-a",), 5.2),
    Step(6, LATENCY, "pod", ("search-5b-x",), 940),
    Step(8, CHECKOUT, "pod", ("checkout-7d9f-b", "checkout-7d9f-c"), 14),
    Step(4, PAYMENTS, "pod", ("payments-6c8b-a",), 3.4),
    Step(6, FLAPPING, "instance", ("probe-eu-1",), 1),
    Step(8, FLAPPING, "instance", ("probe-eu-1",), 0, ends=True),
    Step(4, NO_DATA, "ref_id", ("A",), 0),
    Step(6, QUEUE, "queue", ("outgoing",), 18200),
    Step(5, NO_DATA, "ref_id", ("A",), 0, ends=True),
    Step(8, LATENCY, "pod", ("search-5b-x",), 310, ends=True),
    Step(8, FLAPPING, "instance", ("probe-eu-1",), 1),
    Step(5, NODES, "node", ("node-1", "node-2", "node-3", "node-4", "node-5", "node-6"), 1),
    Step(9, FLAPPING, "instance", ("probe-eu-1",), 0, ends=True),
    Step(7, DISK, "instance", ("orders-db-0",), 91),
    Step(4, TEST, "receiver", ("bongsu",), 0),
    Step(9, CHECKOUT, "pod", ("checkout-7d9f-a", "checkout-7d9f-b", "checkout-7d9f-c"), 1.1, ends=True),
    Step(3, PAYMENTS, "pod", ("payments-6c8b-a",), 0.4, ends=True),
    Step(5, FLAPPING, "instance", ("probe-eu-1",), 1),
    Step(8, NODES, "node", ("node-1", "node-2", "node-3", "node-4", "node-5", "node-6"), 0, ends=True),
    Step(4, FLAPPING, "instance", ("probe-eu-1",), 0, ends=True),
    Step(10, QUEUE, "queue", ("outgoing",), 120, ends=True),
    Step(10, DISK, "instance", ("orders-db-0",), 62, ends=True),
)


ASTRAY = {
    "version": "4",
    "groupKey": '{}:{alertname="Watchdog"}',
    "receiver": "bongsu",
    "status": "firing",
    "alerts": [{"status": "firing", "labels": {"alertname": "Watchdog"}, "startsAt": "2026-01-31T10:00:00Z"}],
    "groupLabels": {},
    "commonLabels": {},
    "commonAnnotations": {},
    "externalURL": "http://alertmanager.example.com",
}
"""Alertmanager's, at Grafana's address: refused, kept, and told in the channel. Once: it is no part of the story."""


async def stream(session: aiohttp.ClientSession, *, url: str, token: str) -> None:
    """Tell the story again and again, each time a little slower, until cancelled."""
    burning: dict[tuple[str, str], Firing] = {}
    for told in itertools.count():
        if told == 1:
            await _post(session, url, token, ASTRAY, expected=422)
        for step in STORY:
            await asyncio.sleep(step.pause * min(1 + told, 4))
            firings = list(_firings(step, burning))
            if firings:
                await _post(session, url, token, body(firings))


def _firings(step: Step, burning: dict[tuple[str, str], Firing]) -> Iterator[Firing]:
    now = datetime.now(UTC)
    for series in step.series:
        key = (step.rule.uid, series)
        value = round(step.value * random.uniform(0.9, 1.1), 1)  # noqa: S311 - a sample
        if not step.ends:
            burning[key] = Firing(step.rule, {step.label: series}, now, value)
            yield burning[key]
        elif key in burning:
            yield replace(burning.pop(key), ended_at=now, value=value)


async def _post(
    session: aiohttp.ClientSession, url: str, token: str, told: Mapping[str, Any], *, expected: int = 200
) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        async with session.post(url, data=json.dumps(told), headers=headers) as answer:
            if answer.status != expected:
                answer.raise_for_status()
    except aiohttp.ClientError as error:
        logger.warning("a sample alert was not taken", extra={"action": "demo_alert_lost", "error": str(error)})
