"""Storms: who begins them, what becomes of them every second, and when they are over.

Each process looks once a second. Whoever gets a storm's lock tends it, in one transaction that is right at any time:
so it does not matter who does it, or whether somebody dies on the way.
"""

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge

from bot.blocks.rollup import SERVICES, WORST
from incidents.policy import Policies, Policy, StormPolicy
from incidents.ports import Transactions, UnitOfWork
from incidents.rules.storm import begins, is_over
from incidents.storms import Above, Rush, Storm

logger = logging.getLogger(__name__)

_EVERY_SECONDS = 1.0
_AFTER_A_FAILURE_SECONDS = 5.0
"""Meanwhile the publisher goes on with everything else."""
_REST = timedelta(seconds=0.8)
"""One look a second is enough, however many processes there are."""


class StormMetrics:
    """Made once, on the registry that it is handed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.began = Counter("bongsu_storms", "Storms that began", registry=registry)
        self.under_way = Gauge("bongsu_storms_under_way", "Channels in which a storm is under way", registry=registry)
        self.parked = Counter(
            "bongsu_parked_cards", "Incidents shown in a roll-up instead of a card", registry=registry
        )
        self.released = Counter(
            "bongsu_released_cards", "Incidents that left a roll-up for a card of their own", registry=registry
        )


@dataclass(frozen=True, slots=True)
class Tended:
    """What one look at one storm did. ``began``: another storm, which took over what opened again."""

    parked: int = 0
    released: int = 0
    began: int = 0
    ended: bool = False


class Storms:
    """``clock`` is monotonic, in seconds."""

    def __init__(
        self,
        transactions: Transactions,
        policies: Policies,
        metrics: StormMetrics,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transactions = transactions
        self._policies = policies
        self._metrics = metrics
        self._clock = clock
        self._next_look = 0.0

    async def look(self) -> None:
        """Nothing where it has looked within the last second."""
        if self._clock() < self._next_look:
            return
        self._next_look = self._clock() + _AFTER_A_FAILURE_SECONDS
        policy = self._policies.current
        sight = await self._transactions.read(lambda uow: uow.storms.watch(above=_above(policy), rest=_REST))
        begun = [await self._begin(rush) for rush in sight.rushes if rush.storm_id is None]
        hot = {rush.channel for rush in sight.rushes}
        for storm_id in (*begun, *sight.storm_ids):
            self._count(storm_id, await self._tend(storm_id, hot, policy))
        self._next_look = self._clock() + _EVERY_SECONDS

    async def sample(self) -> None:
        """Bring the gauge up to date."""
        self._metrics.under_way.set(await self._transactions.read(lambda uow: uow.storms.count_under_way()))

    async def _begin(self, rush: Rush) -> int:
        """The id of the storm that is under way in the channel then."""

        async def work(uow: UnitOfWork) -> tuple[Storm, bool]:
            return await uow.storms.begin(rush.channel, first=rush.first, last=rush.last)

        storm, is_new = await self._transactions.write(work)
        if is_new:
            self._metrics.began.inc()
            told = {"action": "storm_began", "storm": storm.id, "channel": rush.channel, "incidents": rush.count}
            logger.warning("a storm began: a roll-up stands for its cards", extra=told)
        return storm.id

    async def _tend(self, storm_id: int, hot: Collection[str], policy: Policy) -> Tended:
        async def work(uow: UnitOfWork) -> Tended:
            storm = await uow.storms.lock(storm_id, rest=_REST)
            if storm is None:
                return Tended()
            rates = policy.storm_in(storm.channel)
            return await tend(storm, is_hot=storm.channel in hot, policy=rates, uow=uow)

        return await self._transactions.write(work)

    def _count(self, storm_id: int, tended: Tended) -> None:
        self._metrics.parked.inc(tended.parked)
        self._metrics.released.inc(tended.released)
        self._metrics.began.inc(tended.began)
        if tended.ended:
            told = {"action": "storm_over", "storm": storm_id, "cards": tended.released}
            logger.warning("a storm is over: what is still open gets its cards", extra=told)


def _above(policy: Policy) -> Above:
    return Above(_limit(policy.storm), {channel: _limit(rates) for channel, rates in policy.storms.items()})


def _limit(rates: StormPolicy) -> int | None:
    return None if rates.is_off else rates.above


async def tend(storm: Storm, *, is_hot: bool, policy: StormPolicy, uow: UnitOfWork) -> Tended:
    """One look at a storm that is locked. ``is_hot``: the rate of its channel is above the limit."""
    storms = uow.storms
    was_over = storm.is_over
    joined, last = (0, None) if was_over else await storms.take_in(storm)
    parked = 0 if was_over else await storms.park(storm)
    absorbed = await storms.absorb(storm)
    released = await storms.release_touched(storm)
    renewed = 0
    if joined or parked or absorbed:
        released += await storms.release_grave(storm)
        renewed = await storms.remember(storm)
    storm = _as_looked_at(storm, is_hot=is_hot, last=last, policy=policy, now=uow.now)
    cleared, began = await _clear(storm, policy, uow) if storm.is_over else (0, 0)
    coming = await storms.coming(storm)
    changed = joined or parked or absorbed or released or cleared or coming != storm.coming
    settled = uow.now if storm.is_over and not coming else None
    storm = replace(storm, coming=coming, settled_at=settled)
    await storms.save(storm)
    if changed or storm.is_over != was_over:
        await _show(storm, renewed=renewed, uow=uow)
    return Tended(parked, released + cleared, began, ended=storm.is_over and not was_over)


async def _show(storm: Storm, *, renewed: int, uow: UnitOfWork) -> None:
    """Unless it would look as it does. What is ``renewed`` can be taken only in a revision to come."""
    view = await uow.storms.view(storm.id, worst=WORST, services=SERVICES)
    if view.looks == storm.looks and not renewed:
        return
    await uow.storms.save(replace(storm, looks=view.looks))
    await uow.storms.show(storm.id)


def _as_looked_at(storm: Storm, *, is_hot: bool, last: datetime | None, policy: StormPolicy, now: datetime) -> Storm:
    storm = replace(storm, looked_at=now, last_new_at=max(storm.last_new_at, last or storm.last_new_at))
    if is_hot:
        storm = replace(storm, hot_at=now)
    over = not storm.is_over and is_over(storm.hot_at, policy, now=now)
    return replace(storm, ended_at=now) if over else storm


async def _clear(storm: Storm, policy: StormPolicy, uow: UnitOfWork) -> tuple[int, int]:
    """What is open gets a card, unless there is the next storm: how many left the roll-up, and whether one began.

    At the end that is all that did not resolve. Later it is what opens again, and that may be many at once.
    """
    cards = await uow.storms.opened(storm)
    if not cards:
        return 0, 0
    is_end = storm.ended_at == uow.now
    other, is_new = (None, False) if is_end else await _other(storm, len(cards), policy, uow)
    if other is None:
        await uow.storms.release(cards)
    else:
        await uow.storms.hand_over(cards, to=other)
        await uow.storms.show(other.id)
    return len(cards), int(is_new)


async def _other(storm: Storm, opened: int, policy: StormPolicy, uow: UnitOfWork) -> tuple[Storm | None, bool]:
    """The storm that is under way now, or that so many make."""
    if begins(opened, policy):
        return await uow.storms.begin(storm.channel, first=uow.now, last=uow.now)
    return await uow.storms.under_way(storm.channel), False
