"""The leg in which MariaDB itself is killed in the midst of transactions, while Bongsu lives on."""

import asyncio
import signal
import time

from base.failpoints import Action, Armed, Failpoint
from benchmarks.marathon.ground import Ground
from benchmarks.marathon.load import Load
from benchmarks.marathon.nursery import Child
from benchmarks.marathon.points import DIES_WITHIN, Unkilled
from benchmarks.marathon.report import Leg
from benchmarks.marathon.rest import count

NAME = "mariadb.killed"
_STOPS_AT = Armed(Failpoint.INTAKE_STORED, Action.STOP, 4, repeats=True)
"""Every statement of the transaction has reached the server, and its COMMIT has not."""
_COMMITS_FOR = 0.004
"""Seconds at most for which a transaction goes on before the server dies: its COMMIT may be on the way or done."""
_LOOK_EVERY = 0.005


async def run(ground: Ground, load: Load, kills: int) -> Leg:
    """Half of the kills come while a transaction stands before its COMMIT, half a moment after it went on."""
    leg = Leg(NAME, ground.kind)
    child = await ground.serve(failpoints=str(_STOPS_AT))
    try:
        await ground.ready(child)
        async with load.running():
            for number in range(kills):
                await _kill(ground, load, child, leg, commits_for=load.chance.uniform(0, _COMMITS_FOR) * (number % 2))
        await _go_on(ground, load, child, leg)
    except Unkilled as error:
        leg.problem = str(error)
    finally:
        await child.kill()
    return leg


async def _kill(ground: Ground, load: Load, child: Child, leg: Leg, *, commits_for: float) -> None:
    assert ground.server is not None
    await _stopped(child)
    if commits_for:
        child.signal(signal.SIGCONT)
        await asyncio.sleep(commits_for)
    await asyncio.to_thread(ground.server.kill)
    died_at = time.monotonic()
    child.signal(signal.SIGCONT)
    leg.kills += 1
    await asyncio.to_thread(ground.server.start)
    load.tally.at_2xx = None  # what was answered until now was committed before
    leg.ready.append(time.monotonic() - died_at)
    await _served(load, child, leg, died_at)


async def _stopped(child: Child) -> None:
    deadline = time.monotonic() + DIES_WITHIN
    while not child.is_stopped():
        if time.monotonic() > deadline or not child.is_running:
            raise Unkilled(f"no transaction stopped at {_STOPS_AT} within {DIES_WITHIN:.0f} s")
        await asyncio.sleep(_LOOK_EVERY)


async def _served(load: Load, child: Child, leg: Leg, died_at: float) -> None:
    """Until an alert was taken again. It may be that Bongsu stops before that, in the next transaction."""
    deadline = time.monotonic() + DIES_WITHIN
    while load.tally.at_2xx is None and not child.is_stopped():
        if time.monotonic() > deadline:
            raise Unkilled(f"no alert was taken within {DIES_WITHIN:.0f} s")
        await asyncio.sleep(_LOOK_EVERY)
    if load.tally.at_2xx is not None:
        leg.served.append(load.tally.at_2xx - died_at)


async def _go_on(ground: Ground, load: Load, child: Child, leg: Leg) -> None:
    """The same process goes on to the end: it must have come through by itself. No alert comes, so it stops no more."""
    counting = asyncio.create_task(count(leg, ground, load))
    while not counting.done():
        if child.is_stopped():
            child.signal(signal.SIGCONT)
        await asyncio.wait([counting], timeout=_LOOK_EVERY * 10)
    await counting
