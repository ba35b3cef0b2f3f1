"""The button that tests a contact point: a card that closes itself, and that nothing counts."""

from dataclasses import replace

from db import tables
from incidents.model import AlertKind, Resolution, SourceAlert, Status
from tests.building import firing
from tests.integration.db.stage import Stage, the


def pressed(since: float = 0) -> SourceAlert:
    return replace(firing("57c6d9296de2ad39", since=since), kind=AlertKind.TEST)


async def test_it_closes_itself_and_nothing_fires_in_it(stage: Stage) -> None:
    await stage.take(pressed())
    assert (await stage.incident()).kind is AlertKind.TEST
    assert await stage.look() == 0
    await stage.wait(seconds=15)
    assert await stage.look() == 1
    incident, view = await stage.incident(), await stage.read(lambda uow: uow.views.incident(1))
    assert (incident.status, incident.resolution, incident.firing) == (Status.RESOLVED, Resolution.TEST, 0)
    assert (view.firing, view.resolved) == (0, 1)
    assert (await stage.episodes())[0].recovered_at is None


async def test_pressed_again_it_opens_again_and_closes_again(stage: Stage) -> None:
    for time in range(4):
        assert the(await stage.take(pressed(time))) == ("within_reopen_window" if time else "opened")
        await stage.wait(seconds=20)
        await stage.look()
    [row] = await stage.all(tables.incidents)
    assert (row["status"], row["episode"], row["firing"], row["flapping"]) == ("resolved", 4, 0, False)


async def test_pressed_again_while_it_is_shown_it_is_shown_for_as_long_again(stage: Stage) -> None:
    await stage.take(pressed(0))
    await stage.wait(seconds=10)
    await stage.take(pressed(1))
    await stage.wait(seconds=10)
    await stage.look()
    assert (await stage.incident()).is_open
    await stage.wait(seconds=10)
    await stage.look()
    assert not (await stage.incident()).is_open


async def test_a_rule_of_the_same_name_has_incidents_of_its_own(stage: Stage) -> None:
    await stage.take(pressed())
    assert (await stage.take(firing("pod-a"))).incidents == ("INC-2",)
