"""Whatever arrives, whatever people do and whoever looks: no error, and nothing is miscounted."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from incidents import actions
from incidents.errors import IncidentNotFound, Refused
from incidents.model import SourceAlert
from tests.building import ALICE, a_delivery, undated
from tests.integration.db.anything import any_alert, nothing_is_miscounted
from tests.integration.db.stage import NO_WINDOW, Stage

AnotherProcess = Callable[[], Stage]
ACTS = [
    actions.acknowledge, actions.unacknowledge, actions.confirm, actions.resolve, actions.reopen, actions.mark_noise,
    actions.mark_real,
]  # fmt: skip


def odd_alert(dice: random.Random) -> SourceAlert:
    """Its labels may change under its fingerprint, and its sender may tell no start."""
    alert = any_alert(dice)
    changed = {"service": dice.choice("ab"), "severity": dice.choice(["warning", "critical"])}
    alert = replace(alert, labels={**alert.labels, **changed})
    return undated(alert) if dice.random() < 0.25 else alert


async def something_arrives(stage: Stage, dice: random.Random) -> None:
    await stage.take_batch(*(a_delivery(*(odd_alert(dice) for _ in range(2))) for _ in range(dice.randrange(1, 5))))


async def somebody_acts(stage: Stage, dice: random.Random) -> None:
    act, incident_id = dice.choice(ACTS), dice.randrange(1, 5)
    try:
        await stage.write(lambda uow: act(incident_id, by=ALICE, uow=uow))
    except (Refused, IncidentNotFound):
        return


async def time_passes(stage: Stage, dice: random.Random) -> None:
    await stage.wait(minutes=dice.choice([1, 5, 16, 31, 600]))
    await stage.look()


@pytest.mark.parametrize("policy", [Stage.policy, NO_WINDOW], ids=["window", "no window"])
@pytest.mark.parametrize("seed", range(3))
async def test_one_after_the_other(stage: Stage, seed: int, policy: object) -> None:
    dice, stage = random.Random(seed), replace(stage, policy=policy)
    for _ in range(20):
        [happens] = dice.choices([something_arrives, somebody_acts, time_passes], [3, 1, 1])
        await happens(stage, dice)
    await nothing_is_miscounted(stage)


async def test_all_at_once_in_three_processes(another_process: AnotherProcess) -> None:
    processes = [another_process() for _ in range(3)]

    async def goes_on(process: Stage, seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(8):
            await something_arrives(process, dice)
            await somebody_acts(process, dice)
            await process.look()

    await asyncio.gather(*(goes_on(process, seed) for seed, process in enumerate(processes)))
    await nothing_is_miscounted(processes[0])
