"""Whoever leaves Slack has nothing any more: what they had is taken from them aloud, once, whatever happens."""

import asyncio
from collections.abc import Callable, Collection
from datetime import timedelta

from db import tables
from incidents import actions
from incidents.actions import take_from_gone
from incidents.errors import Unavailable
from incidents.model import Incident, Status
from jobs.presence import Owners
from tests.building import ALICE, BOB, firing
from tests.integration.db.stage import Stage

REST = timedelta(minutes=9)


class Gone:
    """Whom Slack has deactivated."""

    def __init__(self, *people: str) -> None:
        self.people: Collection[str] = people

    async def is_gone(self, user_id: str) -> bool:
        return user_id in self.people


async def take(stage: Stage, gone: str = str(BOB)) -> Incident:
    return await stage.write(lambda uow: take_from_gone(1, gone=gone, uow=uow))


async def test_what_somebody_had_acknowledged_is_active_again_and_the_channel_is_told(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.acknowledge(1, by=BOB, uow=uow))
    incident = await take(stage)
    assert (incident.status, incident.owner, incident.acknowledged_time) == (Status.ACTIVE, None, None)
    [event] = await stage.reminders()
    assert (event.kind.value, event.actor) == ("unassigned", "system")
    assert event.data == {"to": None, "was": "U0BOB", "reason": "left", "owner": None}


async def test_what_another_had_acknowledged_is_theirs_again(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.assign(1, to=str(BOB), by=ALICE, uow=uow))
    incident = await take(stage)
    assert (incident.status, incident.owner) == (Status.ACKNOWLEDGED, str(ALICE))
    [event] = await stage.reminders()
    assert event.data["owner"] == str(ALICE)


async def test_what_somebody_was_given_and_had_not_acknowledged_is_nobodys(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.assign(1, to=str(BOB), by=ALICE, uow=uow))
    incident = await take(stage)
    assert (incident.status, incident.owner) == (Status.ACTIVE, None)


async def test_what_is_not_theirs_any_more_or_is_over_is_left_alone(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.acknowledge(1, by=BOB, uow=uow))
    await stage.write(lambda uow: actions.assign(1, to=str(ALICE), by=BOB, uow=uow))
    before = await stage.kinds()
    assert (await take(stage)).owner == str(ALICE)
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    assert (await take(stage, str(ALICE))).status is Status.RESOLVED
    assert await stage.kinds() == [*before, "resolved"]


async def test_the_time_to_acknowledge_stays_what_it_was(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.acknowledge(1, by=BOB, uow=uow))
    [before] = await stage.episodes()
    await take(stage)
    assert await stage.episodes() == [before]


async def test_owners_are_told_apart_and_counted_once(stage: Stage) -> None:
    await stage.take(*(firing(f"pod-{n}", service=f"s{n}") for n in range(4)))
    for number, by in ((1, ALICE), (2, BOB), (3, BOB)):
        await stage.write(lambda uow, number=number, by=by: actions.acknowledge(number, by=by, uow=uow))
    await stage.write(lambda uow: actions.assign(3, to=str(ALICE), by=BOB, uow=uow))
    await stage.write(lambda uow: actions.acknowledge(4, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.resolve(4, by=ALICE, uow=uow))
    assert await stage.write(lambda uow: uow.owners.due(rest=REST)) == [str(ALICE), str(BOB)]
    assert await stage.read(lambda uow: uow.owners.incidents_of(str(ALICE))) == [1, 3]
    assert await stage.read(lambda uow: uow.owners.incidents_of(str(BOB))) == [2]


async def test_one_process_looks_and_the_others_leave_it_to_that_one(another_process: Callable[[], Stage]) -> None:
    processes = [another_process() for _ in range(3)]
    [first, *_] = processes
    await first.take(*(firing(f"pod-{n}", service=f"s{n}") for n in range(5)))
    for number in range(1, 6):
        await first.write(lambda uow, number=number: actions.acknowledge(number, by=BOB, uow=uow))
    woken: list[bool] = []
    jobs = [Owners(one.transactions, Gone("U0BOB"), changed=lambda: woken.append(True)) for one in processes]
    await asyncio.gather(*(job.run() for job in jobs))
    kinds = [row["kind"] for row in await first.all(tables.incident_events)]
    assert kinds.count("unassigned") == 5
    assert {row["status"] for row in await first.all(tables.incidents)} == {"active"}
    assert len(woken) == 5


async def test_who_comes_to_have_something_after_they_left_is_found_by_the_next_look(stage: Stage) -> None:
    await stage.take(firing())
    job = Owners(stage.transactions, Gone("U0BOB"), changed=lambda: None)
    await job.run()
    await stage.write(lambda uow: actions.acknowledge(1, by=BOB, uow=uow))
    await job.run()
    assert (await stage.incident()).owner == str(BOB)
    await stage.change(tables.leases, expires_at=await stage.now() - timedelta(seconds=1))
    await job.run()
    assert (await stage.incident()).owner is None


async def test_keys_and_the_command_line_do_not_leave_slack(stage: Stage) -> None:
    await stage.take(firing())
    await stage.change(tables.incidents, status="acknowledged", acknowledged_by="key:ci")

    class Nobody:
        async def is_gone(self, user_id: str) -> bool:
            raise AssertionError(user_id)

    await Owners(stage.transactions, Nobody(), changed=lambda: None).run()
    assert (await stage.incident()).owner == "key:ci"


async def test_where_the_database_is_away_a_look_says_so_and_goes_on() -> None:
    class Away:
        async def write(self, work: object) -> list[str]:
            raise Unavailable

    await Owners(Away(), Gone(), changed=lambda: None).run()  # type: ignore[arg-type]
