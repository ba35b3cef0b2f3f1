"""The leg of retention: it is killed between the archive and the deletion, while alerts arrive."""

import asyncio
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from base.failpoints import Action, Armed, Failpoint
from benchmarks.marathon.ground import Ground
from benchmarks.marathon.load import Load
from benchmarks.marathon.points import DIES_WITHIN, KILLED, Dying, Unkilled
from benchmarks.marathon.report import Leg
from benchmarks.marathon.rest import count
from db.tables import alerts, deliveries
from db.unit_of_work import SqlUnitOfWork

NAME = Failpoint.RETENTION_ARCHIVED
MOST_PASSES = 2
"""It passes once for each batch of a table's rows: of alerts, then of deliveries."""
_AGO = timedelta(hours=3)
_RUNS_FOR_A_KILL = 40
_MORE_WITHIN = 0.3


def config(folder: Path) -> dict[str, object]:
    """For bongsu.yaml: the shortest ages that it takes."""
    return {"retention": {"alerts": "1h", "deliveries": "1h", "archive": str(archive(folder))}}


def archive(folder: Path) -> Path:
    return folder / "archive"


async def run(ground: Ground, load: Load, kills: int) -> Leg:
    """`bongsu retention run` is killed again and again; at the end one of them runs to its end."""
    leg, dying = Leg(NAME.value, ground.kind), Dying(ground, load)
    survivor = await dying.live(leg)
    try:
        async with load.running():
            while leg.kills < kills:
                await kill(ground, load.chance.randint(1, MOST_PASSES), leg)
        await finish(ground)
        await count(leg, ground, load, archive=archive(ground.folder))
    except Unkilled as error:
        leg.problem = str(error)
    finally:
        await survivor.kill()
    return leg


async def kill(ground: Ground, at: int, leg: Leg) -> None:
    """A run that finds too little to die of comes to its end, and the next one is tried. Raises Unkilled."""
    for _ in range(_RUNS_FOR_A_KILL):
        await ground.transactions.write(_age)
        await ground.expire_leases()
        keeper = await ground.run("retention", "run", failpoints=str(Armed(NAME, Action.KILL, at)))
        async with asyncio.timeout(DIES_WITHIN):
            code = await asyncio.shield(keeper.ended)
        if code == KILLED:
            leg.kills += 1
            return
        await asyncio.sleep(_MORE_WITHIN)
    raise Unkilled(f"{_RUNS_FOR_A_KILL} runs ended without being killed, the last one with {code}")


async def finish(ground: Ground) -> None:
    """A run that comes to its end. Raises Unkilled."""
    await ground.expire_leases()
    last = await ground.run("retention", "run")
    if code := await last.ended:
        raise Unkilled(f"a run that nobody killed ended with {code}:\n{ground.said()[-3000:]}")


async def _age(uow: SqlUnitOfWork) -> None:
    """Three hours pass for what was taken in so far. (Its bodies are forgotten by that, so nobody may send one again:
    where no `serve` is killed, each was answered.)"""
    then = uow.now - _AGO
    for table, times in ((alerts, ("received_at",)), (deliveries, ("received_at", "last_seen_at"))):
        young = table.c.received_at > then
        await uow.gate.connection.execute(sa.update(table).where(young).values(dict.fromkeys(times, then)))
