"""One look serves those who come at about the same time, and none is told what was seen long ago."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from incidents.clock.lookout import AnyDue, Lookout
from incidents.errors import Unavailable


class Database:
    """``due`` is what it says; ``reads`` counts transactions; while it is ``held`` none of them ends."""

    def __init__(self) -> None:
        self.due = {"steps": False, "windows": False}
        self.reads = 0
        self.is_away = False
        self.free = asyncio.Event()
        self.free.set()

    async def read(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        self.reads += 1
        await self.free.wait()
        if self.is_away:
            raise Unavailable("away")
        return await work(self)

    async def together(self, *work: Awaitable[Any]) -> tuple[Any, ...]:
        return tuple([await one for one in work])


class Watch:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def any_of(name: str) -> AnyDue:
    async def any_due(uow: Any) -> bool:
        return bool(uow.due[name])

    return any_due


async def test_who_asks_right_after_another_is_told_its_own_answer_without_another_read() -> None:
    database = Database()
    database.due["windows"] = True
    lookout = Lookout(database, clock=Watch())  # type: ignore[arg-type]
    steps, windows = lookout.over(any_of("steps")), lookout.over(any_of("windows"))
    assert (await steps(), await windows()) == (False, True)
    assert database.reads == 1


async def test_who_asks_while_the_database_is_asked_waits_for_that_answer() -> None:
    database = Database()
    database.due["steps"] = True
    lookout = Lookout(database, clock=Watch())  # type: ignore[arg-type]
    looks = [lookout.over(any_of(name)) for name in database.due]
    database.free.clear()
    both = [asyncio.create_task(look()) for look in looks]  # type: ignore[arg-type]
    await asyncio.sleep(0)
    database.free.set()
    assert await asyncio.gather(*both) == [True, False]
    assert database.reads == 1


async def test_a_later_tick_looks_anew() -> None:
    database, watch = Database(), Watch()
    look = Lookout(database, clock=watch).over(any_of("steps"))  # type: ignore[arg-type]
    assert not await look()
    database.due["steps"] = True
    watch.now += 1.0
    assert await look()


async def test_each_hears_that_the_database_is_away_and_the_next_tick_asks_again() -> None:
    database, watch = Database(), Watch()
    lookout = Lookout(database, clock=watch)  # type: ignore[arg-type]
    looks = [lookout.over(any_of(name)) for name in database.due]
    database.is_away = True
    for look in looks:
        with pytest.raises(Unavailable):
            await look()
    database.is_away = False
    watch.now += 1.0
    assert not await looks[0]()


async def test_one_that_is_cancelled_does_not_end_it_for_the_others() -> None:
    database = Database()
    database.due["windows"] = True
    lookout = Lookout(database, clock=Watch())  # type: ignore[arg-type]
    looks = [lookout.over(any_of(name)) for name in database.due]
    database.free.clear()
    one, other = [asyncio.create_task(look()) for look in looks]  # type: ignore[arg-type]
    await asyncio.sleep(0)
    one.cancel()
    await asyncio.sleep(0)
    database.free.set()
    assert await other
    assert one.cancelled()
