"""A marathon of a few seconds, for the tests: one kill at each failpoint, counted as one leg."""

import random

from benchmarks.marathon import keeping
from benchmarks.marathon.ground import Ground
from benchmarks.marathon.load import Load
from benchmarks.marathon.points import MOST_PASSES, Dying
from benchmarks.marathon.report import Leg
from benchmarks.marathon.rest import count

_CHANNELS = ("service-0", "service-1", "service-2", "service-3")
"""Few, as Slack takes an update in 1.2 s once a burst is over."""


def load_of(ground: Ground, seed: int) -> Load:
    return Load(
        ground, random.Random(seed), _CHANNELS, most_waiting=6, alerts_every=0.2, acts_every=0.1, ages_every=0.2
    )


async def run(ground: Ground, load: Load) -> Leg:
    """Nobody waits for what the dead have claimed: it is free at once. Raises Unkilled."""
    leg, dying = Leg("each failpoint", ground.kind), Dying(ground, load)
    async with load.running():
        for name in MOST_PASSES:
            await dying.kill(name, 1, leg)
            await ground.let_time_pass()
        survivor = await dying.live(leg)
    try:
        await keeping.kill(ground, 1, leg)
        await keeping.finish(ground)
        await count(leg, ground, load, archive=keeping.archive(ground.folder))
    finally:
        await survivor.kill()
    return leg
