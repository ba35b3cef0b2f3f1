"""The end of a leg, or a point in its midst at which it is counted: nothing arrives, and Slack is told everything."""

import asyncio
import time
from collections import Counter
from pathlib import Path

from benchmarks.marathon import steps
from benchmarks.marathon.escalating import is_coming, let_merged_pages_go
from benchmarks.marathon.ground import Ground, run_again
from benchmarks.marathon.load import Load
from benchmarks.marathon.reckoning import Reckoning, by_row, reckon, waiting
from benchmarks.marathon.report import Leg

REST_WITHIN = 300.0
"""Seconds for Slack to catch up. It takes an update in 1.2 s."""
_LOOK_EVERY = 0.5
_COUNTS = 2
_CALM = 3
"""So often in a row must there be nothing to do: the clock looks once a second."""


async def rest(ground: Ground) -> float | None:
    """Seconds until nothing waits for Slack or for the clock any more; None where that never comes.

    Pages that are held back to be merged are not waited for.
    """
    began, calm = time.monotonic(), 0
    while (elapsed := time.monotonic() - began) < REST_WITHIN:
        calm = 0 if await _is_busy(ground) else calm + 1
        if calm == _CALM:
            return elapsed
        await asyncio.sleep(_LOOK_EVERY)
    return None


async def _is_busy(ground: Ground) -> bool:
    due = await ground.transactions.read(lambda uow: uow.incidents.any_due())
    await ground.transactions.write(let_merged_pages_go)
    due = due or await ground.transactions.read(is_coming)
    return due or bool(await waiting(ground.transactions))


async def count(leg: Leg, ground: Ground, load: Load, *, archive: Path | None = None) -> None:
    """Rest, then write into the leg what was found. ``load`` must not be running.

    Processes live on, and a clock may have struck between two looks: what is wrong is so at a second count, too.
    """
    for _ in range(_COUNTS):
        leg.rested = await rest(ground)
        amiss = await _count(leg, ground, load, archive)
        if leg.found.is_clean:
            break
    leg.notes += [f"{what}: {where}" for what, where in amiss.examples.items()]
    leg.late = [step.late for step in await steps.done_steps(ground.transactions)]
    facts = ground.facts()
    leg.again = run_again(facts)
    leg.said = Counter(str(told.get("action", told.get("logger"))) for told in facts if told.get("level") == "error")


async def _count(leg: Leg, ground: Ground, load: Load, archive: Path | None) -> steps.Amiss:
    messages = await ground.slack.messages()
    amiss = await steps.amiss(ground.transactions, by_row(messages))
    found = await reckon(ground.transactions, messages, load.tally.confirmed, archive=archive)
    leg.found, leg.amiss = found + Reckoning(reminders=amiss.found.total()), amiss.found
    leg.direct_twice = await steps.direct_twice(ground.transactions, by_row(messages))
    return amiss
