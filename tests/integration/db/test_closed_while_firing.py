"""Closed by hand over series that fire: who closed it hears of it once, and a critical one comes back."""

import pytest

from db import tables
from incidents import actions
from incidents.model import Actor, Status
from tests.building import ALICE, BOB, firing, resolved
from tests.integration.db.stage import Stage, the


async def close(stage: Stage, by: Actor = ALICE) -> None:
    await stage.write(lambda uow: actions.resolve(1, by=by, uow=uow))


async def test_who_closed_it_is_reminded_once_for_the_episode(stage: Stage) -> None:
    await stage.take(firing("pod-a"), firing("pod-b"))
    await close(stage)
    assert the(await stage.take(firing("pod-a"))) == "still_firing"
    await stage.take(firing("pod-b"))
    [told] = await stage.reminders()
    assert (told.kind.value, told.data) == ("still_firing", {"firing": 2, "mention": "U0ALICE"})
    assert (await stage.incident()).status is Status.RESOLVED


async def test_in_the_next_episode_they_are_reminded_again(stage: Stage) -> None:
    await stage.take(firing(since=0))
    await close(stage)
    await stage.take(firing(since=0))
    await stage.take(firing(since=1))
    await close(stage, by=BOB)
    await stage.take(firing(since=1))
    assert [told.data["mention"] for told in await stage.reminders()] == ["U0ALICE", "U0BOB"]


async def test_a_key_is_told_of_without_a_mention(stage: Stage) -> None:
    await stage.take(firing())
    await close(stage, by=Actor("key", "ci"))
    await stage.take(firing())
    assert [told.data["mention"] for told in await stage.reminders()] == [None]


async def test_of_noise_and_of_what_ended_nobody_is_reminded(stage: Stage) -> None:
    await stage.take(firing("pod-a"), firing("pod-b", service="b"))
    await stage.write(lambda uow: actions.mark_noise(1, by=ALICE, uow=uow))
    await stage.take(resolved("pod-b"))
    await stage.take(firing("pod-a"), firing("pod-b"))
    assert await stage.reminders() == []


async def test_critical_comes_back_after_half_an_hour_in_the_state_it_had(stage: Stage) -> None:
    await stage.take(firing(severity="critical"))
    await stage.write(lambda uow: actions.acknowledge(1, by=BOB, uow=uow))
    await close(stage)
    await stage.wait(minutes=29)
    assert await stage.look() == 0
    await stage.wait(minutes=1)
    assert await stage.look() == 1
    incident, events = await stage.incident(), await stage.events()
    assert (incident.status, incident.owner, incident.episode) == (Status.ACKNOWLEDGED, "U0BOB", 2)
    assert (events[-1].kind.value, events[-1].actor) == ("reopened", "system")
    assert events[-1].data == {"reason": "critical_still_firing", "mention": "U0ALICE", "firing": 1}
    assert [told.id for told in await stage.reminders()] == [events[-1].id]
    assert (await stage.episodes())[-1].opened_reason == "critical_still_firing"
    assert incident.check_at is not None


@pytest.mark.parametrize("what", ["warning", "ended", "noise", "merged", "another is open"])
async def test_what_does_not_come_back(stage: Stage, what: str) -> None:
    await stage.take(firing("pod-a", severity="warning" if what == "warning" else "critical"))
    await close(stage)
    match what:
        case "ended":
            await stage.take(resolved("pod-a"))
        case "noise":
            await stage.write(lambda uow: actions.mark_noise(1, by=ALICE, uow=uow))
        case "merged":
            await stage.change(tables.incidents, merged_into_id=9)
        case "another is open":
            await stage.wait(minutes=11)
            await stage.take(firing("pod-b", since=20))
    await stage.wait(minutes=30)
    await stage.look()
    incident = await stage.incident()
    assert (incident.status, incident.check_at) == (Status.RESOLVED, None)
    assert await stage.look() == 0


async def test_it_comes_back_once_though_it_is_closed_again(stage: Stage) -> None:
    await stage.take(firing(severity="critical"))
    for turn in (1, 2):
        await close(stage)
        await stage.wait(minutes=31)
        await stage.look()
        assert (await stage.incident()).episode == turn + 1
