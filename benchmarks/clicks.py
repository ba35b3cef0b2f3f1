"""How long a person waits for the card after a click, while alerts arrive: with Slack's pace, and without any."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

from benchmarks.figures import Figure, at_most, middle
from benchmarks.ground import Ground, webhooks
from benchmarks.sender import send
from benchmarks.stage import Stage, firing, shown

_LOAD = 0.5
"""Of the most alerts a second, here and now."""
_AHEAD = 5.0
"""Seconds of load before the first click."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``clicks`` of them, so many seconds apart. The p99 is to be at most ``most`` milliseconds."""

    name: str
    paces: bool
    clicks: int
    apart: float
    most: int


KINDS = (
    Kind("without a pace", paces=False, clicks=100, apart=0.25, most=300),
    # Apart by more than the 1.2 s in which Slack lets one update through.
    Kind("with Slack's pace", paces=True, clicks=60, apart=1.3, most=1500),
)


async def measure(ground: Ground) -> list[Figure]:
    return [await _figure(ground, kind) for kind in KINDS]


async def _figure(ground: Ground, kind: Kind) -> Figure:
    channels = [f"click-{number}" for number in range(kind.clicks)]
    what = f"clicks {kind.name}"
    async with ground.serving(what, ground.databases.new(), paces=kind.paces, channels=channels) as here:
        for channel in channels:
            await here.send(firing(channel, ["pod-a"]))
        await asyncio.gather(*(shown(here.slack, channel, "is active") for channel in channels))
        top = await send(webhooks(here))
        seconds = _AHEAD + kind.clicks * kind.apart
        job = replace(webhooks(here, wave=1, seconds=seconds), rate=top.rate * _LOAD, connections=64, most=60_000)
        load = asyncio.create_task(send(job))
        await asyncio.sleep(_AHEAD)
        waited = await _click(here, channels, kind.apart)
        sent = await load
    told = f"{ground.kind}: p99 click → updated card {kind.name}, at {sent.rate * job.series:.0f} alerts/s"
    return Figure(told, _p99(waited) * 1000, "ms", "its median", middle(waited), at_most(kind.most, "ms"))


async def _click(here: Stage, channels: Sequence[str], apart: float) -> list[float]:
    """Seconds from pressing Acknowledge to the card that says so; each at its time, however long the others take."""

    async def one(number: int, channel: str) -> float:
        await asyncio.sleep(number * apart)
        [card] = await here.slack.cards(channel)
        at = time.time()
        await here.slack.click(card, "incident_acknowledge", user="U0ALICE")
        return await shown(here.slack, channel, "is acknowledged") - at

    return await asyncio.gather(*(one(number, channel) for number, channel in enumerate(channels)))


def _p99(seconds: Sequence[float]) -> float:
    """The smallest that 99 % are not above: of few, the longest."""
    return sorted(seconds)[ceil(len(seconds) * 0.99) - 1]
