"""The leg of what is due: processes die in the moment in which a step is due and looked for, and all along its way.

Steps are made to fall due in the moment in which the clock of one of the processes ticks. It dies a millisecond before,
or after, or in the midst of its transaction; alone, or with all the others. Who is started in its place dies at a
failpoint of the way, as often as not, or stands still there for longer than any lease.
"""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from base.failpoints import Action, Armed, Failpoint
from benchmarks.front import front
from benchmarks.marathon.escalating import bring_forward
from benchmarks.marathon.ground import MARIADB, Ground, Place
from benchmarks.marathon.load import Load
from benchmarks.marathon.nursery import Child
from benchmarks.marathon.points import DIES_WITHIN, KILLED, Unkilled
from benchmarks.marathon.report import Leg
from benchmarks.marathon.rest import count
from benchmarks.marathon.steps import Span, done_steps, percentiles
from db.escalation_tables import escalation_steps
from db.queries.publishing import LEASE

NAME = "due"
PROCESSES = 3
"""On MariaDB. On SQLite there is one."""
WAY = (
    Failpoint.ESCALATION_STORED,
    Failpoint.ESCALATION_COMMITTED,
    Failpoint.PUBLISHER_CLAIMED,
    Failpoint.PUBLISHER_POST_SENT,
    Failpoint.PUBLISHER_POSTED,
)
"""From a step that is due to its message in Slack."""
_NEAR = 0.001
"""Seconds: so near to the moment it comes."""
_TRANSACTION = 0.02
"""About as long as a step's transaction lasts."""
_STEPS = 3
_AHEAD = timedelta(seconds=0.5)
_ALL = 1 / 3
"""How often all die."""
_REST = 1.0
"""Seconds, at most, between two kills: messages must get through, too."""
_UNKILLED = 30.0
"""Seconds in which nobody is killed: how late is a step when all is well?"""
_KILLS_FOR_A_STOP = 40
_STOPPED = LEASE.total_seconds() + 4.0
_COMES_TO = 5.0
"""Whoever stood still must find out what has become of its calls. Killed meanwhile as well, it could not."""
_SPIN = 0.003


@dataclass
class _House:
    """The processes, each at its place. ``armed`` are those that may die, or stop, by themselves."""

    ground: Ground
    load: Load
    leg: Leg
    places: Sequence[Place]
    running: dict[Place, Child] = field(default_factory=dict)
    armed: dict[Place, Armed] = field(default_factory=dict)
    absences: list[Span] = field(default_factory=list)
    """When no process was ready."""
    stops: list[Span] = field(default_factory=list)
    """When one stood still, until it went on."""
    _ready: set[Child] = field(default_factory=set)
    _gone_since: datetime | None = None
    _starting: dict[Place, asyncio.Task[None]] = field(default_factory=dict)

    async def start(self, place: Place, armed: Armed | None = None) -> None:
        """Raises Unkilled where it ends by itself. It may be killed before it is ready."""
        self.armed.pop(place, None)
        died_at = time.monotonic()
        if armed is not None:
            self.armed[place] = armed
        child = self.running[place] = await self.ground.serve(place=place, failpoints=str(armed or ""))
        if await self.ground.ready(child, place):
            self.leg.ready.append(time.monotonic() - died_at)
            self._note_ready(child)
        elif await child.ended != KILLED:
            raise Unkilled(f"it ended with {await child.ended}:\n{self.ground.said()[-3000:]}")

    def _note_ready(self, child: Child) -> None:
        if child.is_running:
            self._ready.add(child)
            child.ended.add_done_callback(lambda _: self._note_gone(child))
            if self._gone_since is not None:
                self.absences.append((self._gone_since, datetime.now(UTC)))
            self._gone_since = None

    def _note_gone(self, child: Child) -> None:
        self._ready.discard(child)
        if not self._ready and self._gone_since is None:
            self._gone_since = datetime.now(UTC)

    async def mend(self, *, wait: bool = False) -> None:
        """Whoever has died is started again; who was told to die at a failpoint counts. ``wait``: until all are ready.

        Without it, until one is.
        """
        for place, child in self.running.items():
            if not child.is_running and place not in self._starting:
                self.leg.kills += place in self.armed
                self._starting[place] = asyncio.create_task(self.start(place, self._perhaps_armed()))
        while self._starting and (wait or len(self._starting) >= len(self.places)):
            await asyncio.wait(self._starting.values(), return_when=asyncio.FIRST_COMPLETED)
            self._forget_started()
        self._forget_started()

    def _forget_started(self) -> None:
        for place in [place for place, task in self._starting.items() if task.done()]:
            self._starting.pop(place).result()

    def _perhaps_armed(self) -> Armed | None:
        chance = self.load.chance
        return Armed(chance.choice(WAY), Action.KILL, chance.randint(1, 3)) if chance.random() < 0.5 else None

    async def kill_at(self, moment: float, victims: Sequence[Place]) -> None:
        """``moment`` in seconds since 1970, as the database's clock, which is ours, says them."""
        living = [self.running[place] for place in victims if self.running[place].is_running]
        for place in victims:
            if self.running[place].is_running:
                self.armed.pop(place, None)  # it is killed here
        await asyncio.sleep(max(moment - time.time() - _SPIN, 0))
        while time.time() < moment:  # a sleep is not so exact
            pass
        for child in living:
            child.signal(signal.SIGKILL)
        await asyncio.gather(*(asyncio.shield(child.ended) for child in living))
        self.leg.kills += bool(living)

    async def stop_and_go_on(self, name: Failpoint) -> None:
        """One of them stands still at ``name`` for longer than its lease, and then goes on as if nothing had been."""
        await self.mend(wait=True)
        place = self.load.chance.choice(self.places)
        self.armed.pop(place, None)
        await self.running[place].kill()
        child = self.running[place] = await self.ground.serve(place=place, failpoints=str(Armed(name, Action.STOP, 1)))
        deadline = time.monotonic() + DIES_WITHIN
        while not child.is_stopped():
            if time.monotonic() > deadline or not child.is_running:
                raise Unkilled(f"nobody stopped at {name} within {DIES_WITHIN:.0f} s")
            await asyncio.sleep(_NEAR)
        since = datetime.now(UTC)
        await asyncio.sleep(_STOPPED)
        child.signal(signal.SIGCONT)
        self.stops.append((since, datetime.now(UTC)))
        await asyncio.sleep(_COMES_TO)
        self._note_ready(child)


async def run(ground: Ground, load: Load, kills: int) -> Leg:
    """So many kills; before them all runs for half a minute undisturbed."""
    processes = PROCESSES if ground.kind == MARIADB else 1
    leg = Leg(NAME, f"{ground.kind}, {processes} process{'es' if processes > 1 else ''}")
    async with _house(ground, load, leg, processes) as house:
        try:
            async with load.running():
                began, undisturbed = datetime.now(UTC), datetime.now(UTC) + timedelta(seconds=_UNKILLED)
                await asyncio.sleep(_UNKILLED)
                await _kill(house, kills)
                killed_until = datetime.now(UTC)
                await house.mend(wait=True)
            await _disarm(house)
            await count(leg, ground, load)
            done = await done_steps(ground.transactions)
            calm = [one for one in done if began <= one.due_at < undisturbed]
            shaken = [one for one in done if undisturbed <= one.due_at < killed_until]
            beside_stops = [one for one in shaken if any(one.overlaps(stop) for stop in house.stops)]
            others = [one for one in shaken if one not in beside_stops]
            leg.notes += [
                _told("before the first kill", [one.late for one in calm]),
                _told("under kills, but for when no process ran", [one.late_without(house.absences) for one in others]),
            ]
            if house.stops:
                times = [one.late_without(house.absences) for one in beside_stops]
                leg.notes.append(
                    _told(f"{len(house.stops)} times one stood still for {_STOPPED:.0f} s; meanwhile", times)
                )
        except Unkilled as error:
            leg.problem = str(error)
    return leg


def _told(when: str, seconds: Sequence[float]) -> str:
    most = f"; the latest {max(seconds):.1f} s" if seconds else ""
    return f"{when}: due to done {percentiles(seconds)} of {len(seconds)} steps{most}"


@asynccontextmanager
async def _house(ground: Ground, load: Load, leg: Leg, processes: int) -> AsyncIterator[_House]:
    async with AsyncExitStack() as stack:
        places = [Place.new() for _ in range(processes)] if processes > 1 else [ground.place]
        if processes > 1:
            await stack.enter_async_context(front(ground.place.port, [place.port for place in places]))
        house = _House(ground, load, leg, places)
        try:
            await asyncio.gather(*(house.start(place) for place in places))
            yield house
        finally:
            for child in house.running.values():
                child.signal(signal.SIGCONT)
                await child.kill()


async def _kill(house: _House, kills: int) -> None:
    next_stop = _KILLS_FOR_A_STOP
    while house.leg.kills < kills:
        if house.leg.kills >= next_stop and len(house.places) > 1:
            next_stop += _KILLS_FOR_A_STOP
            await house.stop_and_go_on(house.load.chance.choice(WAY))
        await asyncio.sleep(house.load.chance.uniform(0, _REST))
        await _kill_when_due(house)
        await house.mend()


async def _kill_when_due(house: _House) -> None:
    """Some steps fall due when a clock ticks; around that moment one process dies, or all of them do."""
    chance, moment = house.load.chance, await _next_tick(house)
    due = datetime.fromtimestamp(moment, UTC)
    await house.ground.transactions.write(lambda uow: bring_forward(uow, chance, due=[due] * _STEPS))
    exact = chance.random() < 0.6
    after = chance.uniform(-_NEAR, _NEAR) if exact else chance.uniform(0, _TRANSACTION)
    victims = house.places if chance.random() < _ALL else [chance.choice(house.places)]
    await house.kill_at(moment + after, victims)


async def _next_tick(house: _House) -> float:
    """When one of the clocks looks next, as far as it shows in what was done last; in seconds since 1970."""
    last = sa.select(escalation_steps.c.done_at).where(escalation_steps.c.state == "done")
    newest = last.order_by(escalation_steps.c.id.desc()).limit(5)

    async with house.ground.engines.read.connect() as connection:
        found: list[datetime] = list((await connection.execute(newest)).scalars())
    earliest = datetime.now(UTC) + _AHEAD
    if not found:
        return earliest.timestamp()
    until: timedelta = house.load.chance.choice(found) - earliest
    return (earliest + until % timedelta(seconds=1)).timestamp()


async def _disarm(house: _House) -> None:
    """At the end all live on."""
    for place in list(house.armed):
        await house.running[place].kill()
        await house.start(place)
