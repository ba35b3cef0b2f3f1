"""An incident that comes and goes: the third time within an hour it flaps, and only quiet ends it."""

from dataclasses import replace

from db import tables
from incidents import actions
from incidents.model import AlertKind, Incident, Resolution, Status
from incidents.reasons import Reason
from tests.building import ALICE, a_delivery, an_alert, firing, minutes, resolved
from tests.integration.db.stage import Stage, the


async def comes_and_goes(stage: Stage, times: int) -> Incident:
    """Fires and ends so often, and fires once more."""
    for time in range(times):
        await stage.take(firing(since=2 * time))
        await stage.take(resolved(since=2 * time, until=2 * time + 1))
    await stage.take(firing(since=2 * times))
    return await stage.incident()


async def test_the_third_episode_within_an_hour_flaps(stage: Stage) -> None:
    assert not (await comes_and_goes(stage, 1)).flapping
    await stage.take(resolved(since=2, until=3))
    await stage.take(firing(since=4))
    assert (await stage.incident()).flapping
    [told] = [event for event in await stage.events() if event.kind.value == "flapping"]
    assert (told.data, told.episode) == ({"episodes": 3}, 3)


async def test_episodes_of_an_hour_ago_do_not_count(stage: Stage) -> None:
    await comes_and_goes(stage, 1)
    await stage.take(resolved(since=2, until=3))
    await stage.change(tables.incident_episodes, opened_at=minutes(0))
    await stage.take(firing(since=4))
    assert not (await stage.incident()).flapping


async def test_incidents_of_the_same_key_count_together(stage: Stage) -> None:
    for time in range(2):
        await stage.take(firing(since=2 * time))
        await stage.take(resolved(since=2 * time))
        await stage.wait(minutes=12)
    await stage.take(firing(since=4))
    assert (await stage.incident(3)).flapping
    await stage.take(firing("other", service="other"))
    assert not (await stage.incident(4)).flapping


async def test_all_of_it_in_one_batch_flaps_too(stage: Stage) -> None:
    alerts = [told for time in range(3) for told in (firing(since=2 * time), resolved(since=2 * time))]
    await stage.take_batch(*(a_delivery(alert) for alert in alerts))
    incident = await stage.incident()
    assert (incident.flapping, incident.status, incident.episode) == (True, Status.ACTIVE, 3)


async def test_its_end_does_not_close_it_and_what_fires_then_just_joins(stage: Stage) -> None:
    await comes_and_goes(stage, 2)
    assert the(await stage.take(resolved(since=4, until=5))) == Reason.FLAPPING
    await stage.wait(minutes=14)
    assert await stage.look() == 0
    assert the(await stage.take(firing(since=6))) == Reason.FIRED_AGAIN
    await stage.wait(minutes=20)
    await stage.look()
    incident = await stage.incident()
    assert (incident.status, incident.episode, incident.flapping) == (Status.ACTIVE, 3, True)


async def test_a_quarter_of_an_hour_of_quiet_ends_it_when_its_last_series_ended(stage: Stage) -> None:
    await comes_and_goes(stage, 2)
    await stage.take(resolved(since=4, until=9))
    await stage.wait(minutes=15)
    assert await stage.look() == 1
    incident, episode = await stage.incident(), (await stage.episodes())[-1]
    assert (incident.resolution, incident.flapping, incident.check_at) == (Resolution.RECOVERED, False, None)
    assert episode.recovered_at is not None
    assert (await stage.events())[-1].data["reason"] == "quiet"
    assert await stage.look() == 0


async def test_closing_it_by_hand_ends_the_flapping(stage: Stage) -> None:
    await comes_and_goes(stage, 2)
    closed = await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    assert not closed.flapping


async def test_a_test_that_is_pressed_again_and_again_does_not_flap(stage: Stage) -> None:
    for time in range(4):
        told = an_alert(firing().status, since=time)
        await stage.take(replace(told, kind=AlertKind.TEST))
        await stage.wait(seconds=20)
        await stage.look()
    assert not any(row["kind"] == "flapping" for row in await stage.all(tables.incident_events))
