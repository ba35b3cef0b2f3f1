"""While alerts arrive all the time, routes change: none is lost, and each delivery sees one configuration."""

import asyncio
import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry

from bongsu.config_file import ConfigFile
from bongsu.config_watch import ConfigMetrics, ConfigWatch
from db import tables
from incidents.policy import Policies
from receiver.commit import BatchLimits, Commits
from receiver.metrics import ReceiverMetrics
from tests.building import a_delivery, firing
from tests.integration.db.conftest import engines, stage  # noqa: F401 - fixtures
from tests.integration.db.stage import Stage

BEFORE = "routes: [{match: {service: '/pay.*/'}, channels: ['#a1', '#a2']}]"
AFTER = "routes: [{match: {service: '/pay.*/'}, channels: ['#b1', '#b2']}]"
WRONG = "routes: [{match: {service: '/pay(.*/'}, channels: ['#c1', '#c2']}]"


def put(path: Path, text: str) -> None:
    beside = path.with_suffix(".new")
    beside.write_text(text, "utf-8")
    os.replace(beside, path)  # noqa: PTH105 - atomic is the point


async def test_routing_switches_under_load_and_no_alert_is_lost(stage: Stage, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / "bongsu.yaml"
    put(path, BEFORE)
    file = ConfigFile(path, required=True)
    policies, registry = Policies(file.policy()), CollectorRegistry()
    watch = ConfigWatch(file, policies, stage.transactions, ConfigMetrics(registry), changed=lambda: None)
    commits = Commits(
        stage.transactions,
        policies,
        ReceiverMetrics(registry),
        patience=timedelta(seconds=60),
        limits=BatchLimits(alerts=20, writers=1),
    )

    async def send(first: int, last: int) -> None:
        """Two alerts in each, which open an incident each."""
        for number in range(first, last):
            both = [firing(f"{number}-{n}", cluster=f"{number}-{n}", service="pay-api") for n in range(2)]
            await commits.take(a_delivery(*both), size=100)

    async def change(text: str) -> None:
        put(path, text)
        for _ in range(2):
            await watch.tick()

    senders = [asyncio.create_task(send(start, start + 25)) for start in range(0, 100, 25)]
    await commits.take(a_delivery(firing("first", cluster="first", service="pay")), size=100)
    for text in (WRONG, AFTER):
        await change(text)
    await commits.take(a_delivery(firing("last", cluster="last", service="pay")), size=100)
    await asyncio.gather(*senders)

    assert len(await stage.all(tables.alerts)) == 202
    incidents = {row["id"]: row["cluster"] for row in await stage.all(tables.incidents)}
    assert len(incidents) == 202
    channels: dict[str, list[str]] = {}
    for row in await stage.all(tables.outbox):
        if row["kind"] == "card":
            channels.setdefault(incidents[row["incident_id"]], []).append(row["channel"])
    assert {tuple(sorted(told)) for told in channels.values()} == {("#a1", "#a2"), ("#b1", "#b2")}
    assert (channels["first"][0][:2], channels["last"][0][:2]) == ("#a", "#b")
    by_delivery = Counter(cluster.partition("-")[0] for cluster in channels if "-" in cluster)
    assert set(by_delivery.values()) == {2}
    for number in by_delivery:
        assert channels[f"{number}-0"] == channels[f"{number}-1"], "one delivery sees one configuration"
