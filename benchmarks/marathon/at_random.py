"""The leg of kills at random times: several processes on one database, behind one address."""

import asyncio
import time

from benchmarks.front import front
from benchmarks.marathon.ground import Ground, Place
from benchmarks.marathon.load import Load
from benchmarks.marathon.nursery import Child
from benchmarks.marathon.points import Unkilled
from benchmarks.marathon.report import Leg
from benchmarks.marathon.rest import count

PROCESSES = 3
NAME = "at random"
_KILL_AFTER = (0.5, 3.0)
"""Seconds between two kills."""


async def run(ground: Ground, load: Load, seconds: float) -> Leg:
    """Whoever is killed is started again at once, on the address that it had."""
    leg = Leg(NAME, f"{ground.kind}, {PROCESSES} processes")
    places = [Place.new() for _ in range(PROCESSES)]
    async with front(ground.place.port, [place.port for place in places]):
        running = {place: await _start(ground, place) for place in places}
        deadline = time.monotonic() + seconds
        try:
            async with load.running():
                while time.monotonic() < deadline:
                    await asyncio.sleep(load.chance.uniform(*_KILL_AFTER))
                    await _replace(ground, load.chance.choice(places), running, leg)
            await count(leg, ground, load)
        except Unkilled as error:
            leg.problem = str(error)
        finally:
            for child in running.values():
                await child.kill()
    return leg


async def _start(ground: Ground, place: Place) -> Child:
    """Raises Unkilled where it does not live."""
    child = await ground.serve(place=place)
    if not await ground.ready(child, place):
        raise Unkilled(f"it died by itself:\n{ground.said()[-3000:]}")
    return child


async def _replace(ground: Ground, place: Place, running: dict[Place, Child], leg: Leg) -> None:
    if not running[place].is_running:
        raise Unkilled(f"it died by itself:\n{ground.said()[-3000:]}")
    await running[place].kill()
    leg.kills += 1
    died_at = time.monotonic()
    running[place] = await _start(ground, place)
    leg.ready.append(time.monotonic() - died_at)
