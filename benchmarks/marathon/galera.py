"""The leg in which nodes of a Galera cluster are killed, stopped and cut off, while three processes use all of them."""

import asyncio
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from benchmarks.front import front
from benchmarks.marathon.ground import Ground, Place, ground
from benchmarks.marathon.load import Load, Tally
from benchmarks.marathon.nursery import Child, Nursery
from benchmarks.marathon.points import Unkilled
from benchmarks.marathon.report import Leg
from benchmarks.marathon.rest import count
from db.hosts import Host
from tests.galera import Node, cluster
from tests.mariadb import MariaDBStartError

NAME = "galera"
KIND = "Galera, 3 nodes, 3 processes"
_DATABASE = "bongsu"
_WHOLE_WITHIN = 120.0
_SERVED_WITHIN = 90.0
_PAUSE = (0.5, 2.0)
_AWAY = (0.0, 3.0)
_STOPPED = (3.0, 9.0)
"""Seconds. The others think of one as gone after 2, so it is out of the cluster when it goes on."""
_SLOWER = 3
"""Each process has a third of the load, all with the same services: so they are in each other's way."""
_MARKS = 1_000_000
_LOOK_EVERY = 0.05


class Blow(StrEnum):
    """``KILLED``: it comes back with what it had, and is told the rest (IST). ``LOST``: with nothing (SST).

    ``STOPPED``: it stands still, and finds itself outside. ``ALONE``: two do, and the third takes no writes.
    """

    KILLED = "killed"
    LOST = "killed, its data lost"
    STOPPED = "stopped for a while"
    ALONE = "left alone by two that stopped"


_OFTEN = {Blow.KILLED: 10, Blow.LOST: 2, Blow.STOPPED: 5, Blow.ALONE: 3}


@dataclass
class _Cluster:
    nodes: Sequence[Node]
    loads: Sequence[Load]
    chance: random.Random
    leg: Leg
    blows: Counter[Blow] = field(default_factory=Counter)
    gave_up: int = 0
    """Nodes that found no way back, and were started again, as who watches over them would."""

    async def strike(self) -> None:
        """One blow, and until all nodes are together again and each process has taken an alert. Raises Unkilled."""
        await asyncio.sleep(self.chance.uniform(*_PAUSE))
        [blow] = self.chance.choices(list(_OFTEN), list(_OFTEN.values()))
        for load in self.loads:
            load.tally.at_2xx = None
        struck_at = time.monotonic()
        served = asyncio.create_task(self._served())
        try:
            await self._do(blow)
            self.leg.kills += 1
            self.blows[blow] += 1
            await self._whole()
            self.leg.ready.append(time.monotonic() - struck_at)
            self.leg.served.append(await served - struck_at)
        finally:
            served.cancel()

    async def _do(self, blow: Blow) -> None:
        node, *others = self.chance.sample(self.nodes, len(self.nodes))
        if blow in {Blow.KILLED, Blow.LOST}:
            await asyncio.to_thread(node.kill)
            if blow is Blow.LOST:
                await asyncio.to_thread(node.forget)
            await asyncio.sleep(self.chance.uniform(*_AWAY))
            await self._start(node)
            return
        stopped = [node] if blow is Blow.STOPPED else others
        for one in stopped:
            one.signal(signal.SIGSTOP)
        await asyncio.sleep(self.chance.uniform(*_STOPPED))
        for one in stopped:
            one.signal(signal.SIGCONT)

    async def _start(self, node: Node) -> None:
        try:
            await asyncio.to_thread(node.start)
        except MariaDBStartError as error:
            raise Unkilled(f"{node.name} does not come back: {error}") from error

    async def _whole(self) -> None:
        deadline = time.monotonic() + _WHOLE_WITHIN
        while not all([await asyncio.to_thread(lambda one: one.is_synced, node) for node in self.nodes]):
            if time.monotonic() > deadline:
                raise Unkilled(f"the nodes are not together within {_WHOLE_WITHIN:.0f} s")
            for node in self.nodes:
                if await asyncio.to_thread(lambda one: one.has_given_up, node):
                    self.gave_up += 1
                    await asyncio.to_thread(node.kill)
                    await self._start(node)
            await asyncio.sleep(_LOOK_EVERY)

    async def _served(self) -> float:
        """When each process had taken an alert again."""
        deadline = time.monotonic() + _SERVED_WITHIN + _WHOLE_WITHIN
        while any(load.tally.at_2xx is None for load in self.loads):
            if time.monotonic() > deadline:
                raise Unkilled(f"a process took no alert within {_SERVED_WITHIN:.0f} s")
            await asyncio.sleep(_LOOK_EVERY)
        return max(load.tally.at_2xx or 0.0 for load in self.loads)


async def leg(nest: Nursery, chance: random.Random, kills: int) -> Leg:
    """Raises NoGaleraError where there is no Galera and none can be installed."""
    with tempfile.TemporaryDirectory(prefix="bongsu-marathon-") as name, cluster() as nodes:
        url = nodes[0].create_database(_DATABASE)
        hosts = [Host(node.host, node.port) for node in nodes]
        async with ground(url, Path(name), nest, hosts=hosts) as here:
            return await run(here, nodes, chance, kills)


async def run(here: Ground, nodes: Sequence[Node], chance: random.Random, kills: int) -> Leg:
    """Each process prefers another node. ``kills``: so many blows."""
    leg = Leg(NAME, KIND)
    places = [Place.new() for _ in nodes]
    loads = [_load(here, place, number, chance) for number, place in enumerate(places)]
    struck = _Cluster(nodes, loads, chance, leg)
    children: list[Child] = []
    try:
        async with front(here.place.port, [place.port for place in places]):
            for number, place in enumerate(places):
                children.append(await _serve(here, place, [*here.hosts[number:], *here.hosts[:number]]))
            async with AsyncExitStack() as stack:
                for load in loads:
                    await stack.enter_async_context(load.running())
                for _ in range(kills):
                    await struck.strike()
            _require_running(here, children)
            loads[0].tally.confirmed.update(*(load.tally.confirmed for load in loads))
            await count(leg, here, loads[0])
    except Unkilled as error:
        leg.problem = str(error)
    finally:
        for child in children:
            await child.kill()
    leg.notes.append(", ".join(f"{struck.blows[blow]} times a node was {blow}" for blow in Blow))
    leg.notes.append(f"{struck.gave_up} nodes gave up by themselves, and were started again")
    return leg


def _load(here: Ground, place: Place, number: int, chance: random.Random) -> Load:
    """Of one process. Its marks are its own."""
    load = Load(replace(here, place=place), random.Random(chance.random()), tally=Tally(sent=number * _MARKS))
    for every in ("alerts_every", "acts_every", "ages_every", "calls_every"):
        setattr(load, every, getattr(load, every) * _SLOWER)
    return load


async def _serve(here: Ground, place: Place, hosts: Sequence[Host]) -> Child:
    child = await here.serve(place=place, hosts=hosts)
    if not await here.ready(child, place):
        raise Unkilled(f"it died by itself:\n{here.said()[-3000:]}")
    return child


def _require_running(here: Ground, children: Sequence[Child]) -> None:
    """All came through by themselves. Raises Unkilled."""
    if not all(child.is_running for child in children):
        raise Unkilled(f"a process has ended:\n{here.said()[-3000:]}")
