"""Deliveries that arrive together are committed together; one that trips fails alone; what can't wait is told so."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from db import tables
from incidents.errors import Unavailable
from incidents.model import Delivery
from incidents.policy import Policies, Policy
from incidents.ports import UnitOfWork
from receiver.commit import BatchLimits, Commits
from receiver.metrics import ReceiverMetrics
from tests.building import a_delivery, firing, resolved
from tests.integration.db.conftest import engines, stage  # noqa: F401 - fixtures
from tests.integration.db.stage import Stage


@dataclass
class Held:
    """Transactions that wait until the gate is opened, with patience; ``runs`` counts how many were begun."""

    real: Any
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    runs: int = 0

    async def write(self, work: Callable[[UnitOfWork], Awaitable[Any]], *, patience: timedelta) -> Any:
        self.runs += 1
        self.begun.set()
        try:
            async with asyncio.timeout(patience.total_seconds()):
                await self.gate.wait()
        except TimeoutError as error:
            raise Unavailable("gone") from error
        return await self.real.write(work, patience=patience)

    async def read(self, work: Callable[[UnitOfWork], Awaitable[Any]]) -> Any:
        return await self.real.read(work)


def commits(held: Held, *, limits: BatchLimits | None = None, patience: float = 20) -> Commits:
    return Commits(
        held,
        Policies(Policy()),
        ReceiverMetrics(CollectorRegistry()),
        patience=timedelta(seconds=patience),
        limits=limits or BatchLimits(writers=1),
    )


def told(number: int, service: str = "checkout") -> Delivery:
    return a_delivery(firing(f"pod-{number}", service=service))


async def behind_one(store: Commits, held: Held, deliveries: list[Delivery], *, size: int = 100) -> list[Any]:
    """All of them arrive while the first is under way."""
    first = asyncio.create_task(store.take(told(0), size=size))
    await held.begun.wait()
    others = [asyncio.create_task(store.take(delivery, size=size)) for delivery in deliveries]
    await asyncio.sleep(0)
    held.gate.set()
    await first
    return await asyncio.gather(*others, return_exceptions=True)


async def test_what_arrives_while_one_is_under_way_is_committed_together(stage: Stage) -> None:  # noqa: F811
    held = Held(stage.transactions)
    done = await behind_one(commits(held), held, [told(number) for number in range(1, 20)])
    assert held.runs == 2
    assert [one.alerts for one in done] == [1] * 19
    assert {one.incidents for one in done} == {("INC-1",)}
    assert len({one.delivery_id for one in done}) == 19
    stored = await stage.all(tables.alerts)
    assert len(stored) == 20
    fingerprints = {row["delivery_id"]: row["fingerprint"] for row in stored}
    assert [fingerprints[one.delivery_id] for one in done] == [f"pod-{number}" for number in range(1, 20)]


async def test_one_that_comes_alone_is_committed_at_once(stage: Stage) -> None:  # noqa: F811
    held = Held(stage.transactions)
    held.gate.set()
    store = commits(held)
    for number in range(3):
        await store.take(told(number), size=100)
    assert held.runs == 3


async def test_nobody_is_answered_before_the_commit(stage: Stage) -> None:  # noqa: F811
    stored, may_commit = asyncio.Event(), asyncio.Event()

    class Slow(Held):
        async def write(self, work: Callable[[UnitOfWork], Awaitable[Any]], *, patience: timedelta) -> Any:
            async def then_waits(uow: UnitOfWork) -> Any:
                done = await work(uow)
                stored.set()
                await may_commit.wait()
                return done

            return await self.real.write(then_waits, patience=patience)

    answer = asyncio.create_task(commits(Slow(stage.transactions)).take(told(1), size=100))
    await stored.wait()
    assert await stage.all(tables.alerts) == []
    assert not answer.done()
    may_commit.set()
    assert (await answer).incidents == ("INC-1",)
    assert len(await stage.all(tables.alerts)) == 1


@pytest.mark.parametrize(
    ("limits", "runs"),
    [(BatchLimits(alerts=4, writers=1), 4), (BatchLimits(bytes=600, writers=1), 3), (BatchLimits(writers=1), 2)],
)
async def test_a_batch_is_bounded_in_alerts_and_bytes(
    stage: Stage,  # noqa: F811
    limits: BatchLimits,
    runs: int,
) -> None:
    held = Held(stage.transactions)
    await behind_one(commits(held, limits=limits), held, [told(number) for number in range(1, 13)])
    assert held.runs == runs
    assert len(await stage.all(tables.alerts)) == 13


async def test_one_delivery_that_trips_fails_alone(stage: Stage) -> None:  # noqa: F811
    held = Held(stage.transactions)
    deliveries = [told(number) for number in range(1, 10)]
    poison = replace(deliveries[4].alerts[0], raw={"not": object()})
    deliveries[4] = replace(deliveries[4], alerts=(poison,))
    done = await behind_one(commits(held), held, deliveries)
    assert isinstance(done[4], TypeError)
    assert [one.alerts for place, one in enumerate(done) if place != 4] == [1] * 8
    assert len(await stage.all(tables.alerts)) == 9
    assert len(await stage.all(tables.deliveries)) == 9


async def test_while_the_database_is_away_each_is_told_when_its_own_time_is_up(stage: Stage) -> None:  # noqa: F811
    held = Held(stage.transactions)
    store = commits(held, patience=0.2)
    began = time.monotonic()
    done = await asyncio.gather(*(store.take(told(number), size=100) for number in range(50)), return_exceptions=True)
    assert all(isinstance(one, Unavailable) for one in done)
    assert time.monotonic() - began < 20
    held.gate.set()
    assert (await store.take(told(99), size=100)).incidents == ("INC-1",)


async def test_those_whose_time_is_not_up_yet_wait_for_the_database(stage: Stage) -> None:  # noqa: F811
    held = Held(stage.transactions)
    store = commits(held, patience=0.2)
    first = asyncio.create_task(store.take(told(1), size=100))
    await held.begun.wait()
    store._patience = timedelta(seconds=20)
    second = asyncio.create_task(store.take(told(2), size=100))
    with pytest.raises(Unavailable):
        await first
    held.gate.set()
    assert (await second).alerts == 1


async def test_a_batch_in_which_bodies_repeat_and_series_end_comes_to_the_same(stage: Stage) -> None:  # noqa: F811
    held = Held(stage.transactions)
    same = [a_delivery(firing("pod-1"), body="same") for _ in range(3)]
    ended = a_delivery(resolved("pod-1"))
    done = await behind_one(commits(held), held, [*same, ended, a_delivery(firing("pod-1", since=9))])
    assert [one.alerts for one in done] == [1, 0, 0, 1, 1]
    assert [one.duplicate_of for one in done] == [None, done[0].delivery_id, done[0].delivery_id, None, None]
    rows = {row["id"]: row for row in await stage.all(tables.deliveries)}
    assert [rows[one.delivery_id]["status"] for one in done] == ["processed", *["duplicate"] * 2, *["processed"] * 2]
    assert rows[done[1].delivery_id]["duplicate_of_id"] == done[0].delivery_id
