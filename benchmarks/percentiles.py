"""How long a sender waits for the commit, at a fifth and at four fifths of the rate that is the most here and now."""

from dataclasses import replace

from benchmarks.figures import Figure, at_most
from benchmarks.ground import Ground, webhooks
from benchmarks.rate import alerts_a_second
from benchmarks.sender import send

_SECONDS = 15.0
_CONNECTIONS = 64
"""More than are needed, so that the sender never waits for one of its own."""
_SHARES = (("a fifth", 0.2, 25), ("80 %", 0.8, 150))
"""Of the most, and the most milliseconds of the p99."""


async def measure(ground: Ground) -> list[Figure]:
    figures = []
    async with ground.serving("percentiles", ground.databases.new()) as here:
        top = await send(webhooks(here))
        for wave, (name, share, most) in enumerate(_SHARES, 1):
            job = replace(webhooks(here, wave=wave, seconds=_SECONDS), rate=top.rate * share, connections=_CONNECTIONS)
            sent = await send(job)
            told = f"{ground.kind}: p99 webhook → committed at {name}, {alerts_a_second(job, sent):.0f} alerts/s"
            figures.append(Figure(told, sent.p99 * 1000, "ms", "its median", sent.p50 * 1000, at_most(most, "ms")))
    return figures
