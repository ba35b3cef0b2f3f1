"""The end of a leg, or a point in its midst at which it is counted: nothing arrives, and Slack is told everything."""

import asyncio
import time
from collections import Counter
from pathlib import Path

from benchmarks.marathon.ground import Ground, run_again
from benchmarks.marathon.load import Load
from benchmarks.marathon.reckoning import reckon, waiting
from benchmarks.marathon.report import Leg

REST_WITHIN = 300.0
"""Seconds for Slack to catch up. It takes an update in 1.2 s."""
_LOOK_EVERY = 0.5
_CALM = 3
"""So often in a row must there be nothing to do: the clock looks once a second."""


async def rest(ground: Ground) -> float | None:
    """Seconds until nothing waits for Slack or for the clock any more; None where that never comes."""
    began, calm = time.monotonic(), 0
    while (elapsed := time.monotonic() - began) < REST_WITHIN:
        calm = 0 if await _is_busy(ground) else calm + 1
        if calm == _CALM:
            return elapsed
        await asyncio.sleep(_LOOK_EVERY)
    return None


async def _is_busy(ground: Ground) -> bool:
    due = await ground.transactions.read(lambda uow: uow.incidents.any_due())
    return due or bool(await waiting(ground.transactions))


async def count(leg: Leg, ground: Ground, load: Load, *, archive: Path | None = None) -> None:
    """Rest, then write into the leg what was found. ``load`` must not be running."""
    leg.rested = await rest(ground)
    leg.found = await reckon(ground.transactions, await ground.slack.messages(), load.tally.confirmed, archive=archive)
    facts = ground.facts()
    leg.again = run_again(facts)
    leg.said = Counter(str(told.get("action", told.get("logger"))) for told in facts if told.get("level") == "error")
