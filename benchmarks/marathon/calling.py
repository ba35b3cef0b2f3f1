"""The legs of outgoing webhooks: killed before a call, after it and when it is noted. The receiver forgets nothing.

Whatever dies, each call that was asked for arrives; where it arrives more than once, its key is the same.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import sqlalchemy as sa
import yaml
from aiohttp import web

from base.failpoints import Failpoint
from benchmarks.marathon.ground import Ground
from benchmarks.marathon.load import Load
from benchmarks.marathon.points import Dying, Unkilled
from benchmarks.marathon.report import Leg
from db.unit_of_work import SqlUnitOfWork
from db.webhook_tables import outgoing_webhooks
from incidents.escalation.webhooks import Action
from incidents.ingest import ingest
from incidents.policy import Policy
from tests.building import a_delivery, firing

NAMES = (Failpoint.WEBHOOK_CLAIMED, Failpoint.WEBHOOK_SENT, Failpoint.WEBHOOK_STORED)
MOST_PASSES = 2
_WEBHOOK = "receiver"
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_SENT_WITHIN = 30.0
_LOOK_EVERY = 0.05


@dataclass
class Receiver:
    """``heard``: how often, by the idempotency key."""

    port: int = 0
    heard: Counter[str] = field(default_factory=Counter)
    events: Iterator[int] = field(default_factory=lambda: count(1_000_000))

    async def take(self, request: web.Request) -> web.Response:
        self.heard[request.headers["Idempotency-Key"]] += 1
        return web.Response(status=202)


@asynccontextmanager
async def receiving(ground: Ground) -> AsyncIterator[Receiver]:
    """One that the ground's ``bongsu.yaml`` names. No process runs there yet."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        receiver.port = runner.addresses[0][1]
        _introduce(receiver, ground.folder / "bongsu.yaml")
        yield receiver
    finally:
        await runner.cleanup()


def _introduce(receiver: Receiver, config: Path) -> None:
    told = yaml.safe_load(config.read_text(encoding="utf-8"))
    hook = {"url": f"http://127.0.0.1:{receiver.port}/", "allow_private": True}
    config.write_text(yaml.safe_dump(told | {"webhooks": {_WEBHOOK: hook}}), encoding="utf-8")


async def run(ground: Ground, load: Load, name: Failpoint, kills: int) -> Leg:
    """So many kills at random passes, then the count."""
    leg, dying = Leg(name.value, ground.kind), Dying(ground, load)
    await ground.transactions.write(_open)
    async with receiving(ground) as receiver:
        try:
            for _ in range(kills):
                await kill(ground, dying, name, load.chance.randint(1, MOST_PASSES), leg, receiver)
            await finish(ground, dying, leg, receiver)
        except Unkilled as error:
            leg.problem = str(error)
    return leg


async def each(ground: Ground, load: Load) -> tuple[Leg, Receiver]:
    """One kill at each of them. Raises Unkilled."""
    leg, dying = Leg("each of a call", ground.kind), Dying(ground, load)
    await ground.transactions.write(_open)
    async with receiving(ground) as receiver:
        for name in NAMES:
            await kill(ground, dying, name, 1, leg, receiver)
            await let_time_pass(ground)
        await finish(ground, dying, leg, receiver)
    return leg, receiver


async def let_time_pass(ground: Ground) -> None:
    """What processes that are dead had claimed is free, as it would be after 13 s. None may run."""
    async with ground.engines.write.begin() as connection:
        held = outgoing_webhooks.c.lease_until.is_not(None)
        ended = sa.update(outgoing_webhooks).where(held).values(lease_until=_LONG_AGO)
        await connection.execute(ended)


async def kill(ground: Ground, dying: Dying, name: Failpoint, at: int, leg: Leg, receiver: Receiver) -> None:
    """Raises Unkilled."""
    for _ in range(at):
        await ground.transactions.write(lambda uow: _ask(uow, next(receiver.events)))
    await dying.kill(name, at, leg)


async def finish(ground: Ground, dying: Dying, leg: Leg, receiver: Receiver) -> None:
    """One that nobody kills sends the rest. Raises Unkilled where a call was lost or came under another key."""
    survivor = await dying.live(leg)
    try:
        async with asyncio.timeout(_SENT_WITHIN):
            while asked := await _unsent(ground):  # noqa: ASYNC110 - another process sends them
                await asyncio.sleep(_LOOK_EVERY)
    except TimeoutError as error:
        raise Unkilled(f"{asked} calls did not go out") from error
    finally:
        await survivor.kill()
    async with ground.engines.read.connect() as connection:
        keys = set(await connection.scalars(sa.select(outgoing_webhooks.c.idempotency_key)))
    if keys != set(receiver.heard):
        raise Unkilled(f"asked for {len(keys)} calls, and the receiver knows {len(receiver.heard)}")


async def _unsent(ground: Ground) -> int:
    async with ground.engines.read.connect() as connection:
        unsent = sa.select(sa.func.count()).select_from(outgoing_webhooks).where(outgoing_webhooks.c.sent_at.is_(None))
        return int(await connection.scalar(unsent) or 0)


async def _open(uow: SqlUnitOfWork) -> None:
    await ingest([a_delivery(firing())], uow=uow, policy=Policy())


async def _ask(uow: SqlUnitOfWork, event_id: int) -> None:
    incident = await uow.incidents.by_number(1)
    await uow.webhooks.add(incident.id, event_id, [_WEBHOOK], Action.TRIGGER)
