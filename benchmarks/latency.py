"""How long people wait: webhook → committed, webhook → card, click → updated card. Medians, one at a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from sqlalchemy import text

from benchmarks.figures import Figure, middle
from benchmarks.ground import Ground
from benchmarks.stage import Stage, firing, shown, stage
from db.engine import connect

SAMPLES = 30
IN_ONE_CHANNEL = 5
_BREATH = 0.45
"""Seconds between clicks: chat.update is paced at one in 1.2 s with a burst of 20, which 30 of these stay below."""
_BARE = text("UPDATE counters SET value = value + 1 WHERE tenant_id = 0 AND name = 'bare'")
_MAKE = text("INSERT INTO counters (tenant_id, name, value) VALUES (0, 'bare', 0)")


async def measure(ground: Ground) -> list[Figure]:
    kind = ground.kind
    channels = [f"one-{number}" for number in range(SAMPLES)]
    baseline_channels = [f"base-{number}" for number in range(SAMPLES)]
    async with stage(
        ground.folder, database=ground.databases.new(), channels=[*channels, *baseline_channels, "crowd"]
    ) as here:
        commits, cards = await _alerts(here, channels)
        clicks = await _clicks(here, channels)
        crowd = await _crowd(here)
        trip = middle([await _timed(lambda: here.http.get(f"{here.url}/healthz")) for _ in range(SAMPLES)])
        post = middle([await _timed(lambda name=name: here.slack.post(f"#{name}")) for name in baseline_channels])  # type: ignore[misc]
        commit = middle(await _bare_commits(here.database))
    floor, whole = trip + commit, trip + commit + post
    http, call = "an empty round trip + a bare commit", "the same + a bare chat.postMessage"
    return [
        Figure(f"{kind}: webhook → committed", middle(commits), "ms", http, floor),
        Figure(f"{kind}: webhook → card in Slack", middle(cards), "ms", call, whole),
        Figure(f"{kind}: click → updated card", middle(clicks), "ms", call, whole),
        Figure(
            f"{kind}: {IN_ONE_CHANNEL} alerts into one channel → last card",
            crowd * 1000,
            "ms",
            "one alert → card; the rest is Slack's 1 post/s/channel",
            middle(cards),
        ),
    ]


async def _alerts(here: Stage, channels: list[str]) -> tuple[list[float], list[float]]:
    """Seconds to the 2xx, and to the card, of one alert after the other, each to a channel of its own."""
    commits, cards = [], []
    for channel in channels:
        began, at = time.perf_counter(), time.time()
        answer = await here.send(firing(channel, ["pod-a"]))
        commits.append(time.perf_counter() - began)
        if not answer.is_ok:
            raise RuntimeError(f"a webhook was answered {answer.status}: {answer.body}")
        cards.append(await shown(here.slack, channel, "is active") - at)
    return commits, cards


async def _clicks(here: Stage, channels: list[str]) -> list[float]:
    """Seconds from pressing Acknowledge to the card that says so."""
    seconds = []
    for channel in channels:
        await asyncio.sleep(_BREATH)
        [card] = await here.slack.cards(channel)
        at = time.time()
        await here.slack.click(card, "incident_acknowledge", user="U0ALICE")
        seconds.append(await shown(here.slack, channel, "is acknowledged") - at)
    return seconds


async def _crowd(here: Stage) -> float:
    """Seconds until the last of several incidents of one channel is shown, all sent at once."""
    at = time.time()
    told = [firing("crowd", ["pod-a"]) for _ in range(IN_ONE_CHANNEL)]
    for number, notification in enumerate(told):
        notification["alerts"][0]["labels"]["namespace"] = f"n-{number}"
        notification["alerts"][0]["fingerprint"] = f"crowd-{number}"
    await asyncio.gather(*(here.send(notification) for notification in told))
    return max([await shown(here.slack, "crowd", f"/n-{number}") for number in range(IN_ONE_CHANNEL)]) - at


async def _bare_commits(database: str) -> list[float]:
    """The least that a database takes to keep anything: one row, one commit."""
    engines = connect(database)
    try:
        async with engines.write.connect() as connection:

            async def commit(statement: object) -> None:
                await connection.execute(statement)  # type: ignore[call-overload]
                await connection.commit()

            await commit(_MAKE)
            return [await _timed(lambda: commit(_BARE)) for _ in range(SAMPLES)]
    finally:
        await engines.dispose()


async def _timed(call: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await call()
    return time.perf_counter() - began
