"""Nothing is heard of an open incident: it is closed as stale, or somebody is asked."""

from db import tables
from incidents import actions
from incidents.model import Resolution, Status
from tests.building import ALICE, cannot_see, firing
from tests.integration.db.stage import Stage, the

LONG = {"hours": 8, "minutes": 11}


async def test_below_critical_it_is_stale_and_its_end_is_unknown(stage: Stage) -> None:
    await stage.take(firing())
    await stage.wait(hours=8, minutes=9)
    assert await stage.look() == 0
    await stage.wait(minutes=2)
    assert await stage.look() == 1
    incident, [episode] = await stage.incident(), await stage.episodes()
    assert (incident.resolution, incident.resolved_by, incident.check_at) == (Resolution.STALE, "system", None)
    assert (episode.resolution, episode.recovered_at) == (Resolution.STALE, None)
    assert (await stage.events())[-1].data == {
        "resolution": "stale", "still_firing": 1, "note": "", "reason": "stale",
    }  # fmt: skip
    assert await stage.reminders() == []


async def test_what_is_heard_of_is_not_stale(stage: Stage) -> None:
    await stage.take(firing())
    await stage.wait(hours=5)
    await stage.take(firing())
    await stage.wait(hours=5)
    assert await stage.look() == 1
    assert (await stage.incident()).is_open
    await stage.wait(hours=4)
    await stage.look()
    assert not (await stage.incident()).is_open


async def test_a_sound_after_the_silence_opens_it_again(stage: Stage) -> None:
    await stage.take(firing())
    await stage.wait(**LONG)
    await stage.look()
    assert the(await stage.take(firing())) == "within_reopen_window"
    assert ((await stage.incident()).firing, (await stage.incident()).status) == (1, Status.ACTIVE)


async def test_a_sound_long_after_the_silence_opens_a_new_one(stage: Stage) -> None:
    await stage.take(firing())
    await stage.wait(**LONG)
    await stage.look()
    await stage.wait(hours=1)
    done = await stage.take(firing())
    assert (the(done), done.incidents) == ("opened", ("INC-2",))
    assert [(await stage.incident(number)).firing for number in (1, 2)] == [0, 1]


async def test_of_a_critical_one_its_owner_is_asked_once_for_each_silence(stage: Stage) -> None:
    await stage.take(firing(severity="critical"))
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    heard = (await stage.incident()).last_alert_time
    for _ in range(3):
        await stage.wait(**LONG)
        await stage.look()
    [told] = await stage.reminders()
    assert (told.kind.value, told.data["mention"]) == ("asked", "U0ALICE")
    assert told.data["since"] < heard.isoformat()
    assert (await stage.incident()).is_open
    await stage.take(firing(severity="critical"))
    await stage.wait(**LONG)
    await stage.look()
    assert len(await stage.reminders()) == 2


async def test_where_nobody_has_it_everybody_is_asked(stage: Stage) -> None:
    await stage.take(firing(severity="critical"))
    await stage.wait(**LONG)
    await stage.look()
    assert [told.data["mention"] for told in await stage.reminders()] == [None]


async def test_a_blind_one_is_not_closed_by_silence(stage: Stage) -> None:
    await stage.take(firing())
    await stage.take(cannot_see())
    await stage.wait(**LONG)
    await stage.look()
    assert (await stage.incident()).is_open
    assert len(await stage.reminders()) == 1


async def test_a_snoozed_one_is_left_alone_until_it_wakes(stage: Stage) -> None:
    await stage.take(firing())
    await stage.change(tables.incidents, snoozed_until=(await stage.now()).replace(year=2100))
    await stage.wait(**LONG)
    await stage.look()
    assert (await stage.incident()).is_open
    await stage.change(tables.incidents, snoozed_until=await stage.now())
    await stage.change(tables.incidents, check_at=await stage.now())
    await stage.look()
    assert (await stage.incident()).resolution is Resolution.STALE


async def test_one_that_was_opened_by_hand_is_heard_of(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    await stage.wait(hours=20)
    await stage.write(lambda uow: actions.reopen(1, by=ALICE, uow=uow))
    assert await stage.look() == 1
    assert (await stage.incident()).is_open
    await stage.wait(**LONG)
    await stage.look()
    assert (await stage.incident()).resolution is Resolution.STALE
