"""What is due is done exactly once, however many processes look, and what is not due is left alone."""

import asyncio
from collections.abc import Callable

from db import tables
from incidents.clock import look_at_due
from incidents.errors import Unavailable
from incidents.policy import Policy
from jobs.clock import LOOK, Clock
from tests.building import firing
from tests.integration.db.stage import Stage

AnotherProcess = Callable[[], Stage]


async def test_processes_that_look_at_once_do_each_thing_once(another_process: AnotherProcess) -> None:
    processes = [another_process() for _ in range(3)]
    [first, *_] = processes
    await first.take(*(firing(f"pod-{n}", service=f"s{n}") for n in range(20)))
    await first.wait(hours=9)
    ticks = [Clock(process.transactions, LOOK, changed=lambda: None) for process in processes]
    await asyncio.gather(*(clock.tick() for clock in ticks))
    kinds = [row["kind"] for row in await first.all(tables.incident_events)]
    assert (kinds.count("resolved"), len(kinds)) == (20, 40)


async def test_what_another_process_holds_is_left_to_it(mariadb_stage: Stage) -> None:
    stage = mariadb_stage
    await stage.take(firing("pod-a", service="a"), firing("pod-b", service="b"))
    await stage.wait(hours=9)

    async def hold(uow: object) -> int:
        await uow.incidents.lock(1)  # type: ignore[attr-defined]
        return await stage.write(lambda other: look_at_due(other, Policy(), 50), patience=5)

    assert await stage.write(hold) == 1
    assert ((await stage.incident(1)).is_open, (await stage.incident(2)).is_open) == (True, False)


async def test_a_tick_looks_at_all_that_is_due_and_wakes_the_publisher(stage: Stage) -> None:
    await stage.take(*(firing(f"pod-{n}", service=f"s{n}") for n in range(120)))
    await stage.wait(hours=9)
    woken: list[bool] = []
    await Clock(stage.transactions, LOOK, changed=lambda: woken.append(True)).tick()
    assert {row["status"] for row in await stage.all(tables.incidents)} == {"resolved"}
    assert len(woken) == 3


async def test_an_open_incident_is_always_looked_at_again(stage: Stage) -> None:
    await stage.take(firing())
    first = (await stage.incident()).check_at
    await stage.take(firing("pod-b"))
    assert (await stage.incident()).check_at == first
    await stage.change(tables.incidents, check_at=await stage.now())
    assert await stage.look() == 1
    later = (await stage.incident()).check_at
    assert first is not None
    assert later is not None
    assert later >= first
    assert await stage.look() == 0


async def test_where_the_database_is_away_a_tick_says_so_and_goes_on(stage: Stage) -> None:
    class Away:
        async def read(self, work: object) -> bool:
            raise Unavailable

    await Clock(Away(), LOOK, changed=lambda: None).tick()  # type: ignore[arg-type]
