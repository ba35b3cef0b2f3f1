"""A leg for each failpoint: the process dies there, is started again at once, and dies there again."""

import asyncio
import time

from base.failpoints import Action, Armed, Failpoint
from benchmarks.marathon.ground import Ground
from benchmarks.marathon.load import Load
from benchmarks.marathon.nursery import Child
from benchmarks.marathon.report import Leg
from benchmarks.marathon.rest import count

MOST_PASSES = {
    Failpoint.INTAKE_BODY_READ: 12,
    Failpoint.INTAKE_STORED: 12,
    Failpoint.INTAKE_COMMITTED: 12,
    Failpoint.ACTION_STORED: 2,
    Failpoint.ACTION_COMMITTED: 2,
    Failpoint.PUBLISHER_CLAIMED: 5,
    Failpoint.PUBLISHER_POST_SENT: 3,
    Failpoint.PUBLISHER_POSTED: 3,
    Failpoint.PUBLISHER_UPDATE_SENT: 2,
    Failpoint.PUBLISHER_UPDATED: 2,
    Failpoint.CLOCK_STORED: 2,
    Failpoint.CLOCK_COMMITTED: 2,
    Failpoint.ESCALATION_STORED: 2,
    Failpoint.ESCALATION_COMMITTED: 2,
}
"""Where `bongsu serve` passes, and at which pass it dies at the latest: so many take a second or two."""
KILLED = -9
DIES_WITHIN = 90.0


class Unkilled(RuntimeError):
    """A process did not die where it was told to, or died where nobody had told it to."""


class Dying:
    """Kills one process after the other on a ground under load."""

    def __init__(self, ground: Ground, load: Load) -> None:
        self._ground = ground
        self._load = load
        self._died_at: float | None = None

    async def kill(self, name: Failpoint, at: int, leg: Leg) -> None:
        """Start a process and wait until it has died at the ``at``-th pass. Raises Unkilled."""
        self._load.tally.at_2xx = None
        child = await self._ground.serve(failpoints=str(Armed(name, Action.KILL, at)))
        ready = asyncio.create_task(self._ready(child, leg))
        try:
            async with asyncio.timeout(DIES_WITHIN):
                code = await asyncio.shield(child.ended)
        except TimeoutError as error:
            raise Unkilled(f"{name} was not passed {at} times within {DIES_WITHIN:.0f} s") from error
        finally:
            await ready
            await child.kill()
        if code != KILLED:
            raise Unkilled(f"it ended with {code}:\n{self._ground.said()[-3000:]}")
        leg.kills += 1
        self._note_2xx(leg)
        self._died_at = time.monotonic()

    async def live(self, leg: Leg) -> Child:
        """One that nobody kills, ready."""
        self._load.tally.at_2xx = None
        child = await self._ground.serve()
        if not await self._ready(child, leg):
            raise Unkilled(f"it died by itself:\n{self._ground.said()[-3000:]}")
        return child

    async def _ready(self, child: Child, leg: Leg) -> bool:
        died_at = self._died_at
        is_ready = await self._ground.ready(child)
        if is_ready and died_at is not None:
            leg.ready.append(time.monotonic() - died_at)
        return is_ready

    def _note_2xx(self, leg: Leg) -> None:
        """Of a process that took nothing before it died, there is none."""
        at = self._load.tally.at_2xx
        if at is not None and self._died_at is not None:
            leg.served.append(at - self._died_at)


async def run(ground: Ground, load: Load, name: Failpoint, kills: int, *, hurry: bool = False) -> Leg:
    """So many kills at random passes, then the count. ``hurry``: what the dead have claimed is free at the end."""
    leg, dying = Leg(name.value, ground.kind), Dying(ground, load)
    async with load.running():
        try:
            for _ in range(kills):
                await dying.kill(name, load.chance.randint(1, MOST_PASSES[name]), leg)
        except Unkilled as error:
            leg.problem = str(error)
        if hurry:
            await ground.let_time_pass()
        survivor = await dying.live(leg)
    try:
        await count(leg, ground, load)
    finally:
        await survivor.kill()
    return leg
