"""When a series fires again: the same incident, in the state it had, or a new one."""

from datetime import timedelta

import sqlalchemy as sa

from db import tables
from incidents import actions
from incidents.model import Status
from tests.building import ALICE, BOB, firing, minutes, resolved
from tests.integration.db.stage import Stage, the


async def past_the_window(stage: Stage) -> None:
    """What was resolved until now was resolved longer ago than the reopen window."""
    resolved_time = await stage.now() - stage.policy.reopen_window - timedelta(seconds=1)
    async with stage.engines.write.begin() as connection:
        closed = tables.incidents.c.status == "resolved"
        await connection.execute(sa.update(tables.incidents).where(closed).values(resolved_time=resolved_time))


async def test_within_the_window_it_opens_again_in_the_state_it_had(stage: Stage) -> None:
    await stage.take(firing(since=0))
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.assign(1, to="U0BOB", by=ALICE, uow=uow))
    await stage.take(resolved(since=0, until=3))
    done = await stage.take(firing(since=4))
    incident = await stage.incident()
    assert (the(done), done.incidents) == ("within_reopen_window", ("INC-1",))
    assert (incident.status, incident.acknowledged_by, incident.owner) == (Status.ACKNOWLEDGED, "U0ALICE", "U0BOB")
    assert (incident.episode, incident.start_time, incident.resolved_time) == (2, minutes(4), None)
    first, second = await stage.episodes()
    assert (first.acknowledged_by, first.recovered_at, first.inherited) == ("U0ALICE", minutes(3), False)
    assert (second.inherited, second.acknowledged_at, second.resolved_at) == (True, None, None)
    assert second.opened_reason == "within_reopen_window"


async def test_another_series_of_the_key_reopens_too(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    await stage.take(resolved("pod-a"))
    assert the(await stage.take(firing("pod-b", since=6))) == "within_reopen_window"


async def test_after_the_window_a_new_incident_opens(stage: Stage) -> None:
    await stage.take(firing(since=0))
    await stage.take(resolved(since=0))
    await past_the_window(stage)
    done = await stage.take(firing(since=20))
    assert (the(done), done.incidents) == ("opened", ("INC-2",))
    assert (await stage.incident(1)).status is Status.RESOLVED
    assert (await stage.incident(2)).episode == 1


async def test_a_series_that_moves_to_a_new_incident_has_ended_in_the_old_one(stage: Stage) -> None:
    await stage.take(firing("pod-a", since=0), firing("pod-b", since=0))
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    await past_the_window(stage)
    assert (await stage.take(firing("pod-a", since=20))).incidents == ("INC-2",)
    assert [(await stage.incident(number)).firing for number in (1, 2)] == [1, 1]
    told, newer = (await stage.events(1))[-1], await stage.incident(2)
    assert (told.kind.value, told.data) == ("series_resolved", {"series": "pod-a", "moved_to_id": newer.id})
    assert the(await stage.take(resolved("pod-a", since=20, until=25))) == "recovered"
    assert (await stage.incident(2)).status is Status.RESOLVED


async def test_resolved_by_hand_while_firing_stays_resolved_while_the_start_is_the_same(stage: Stage) -> None:
    await stage.take(firing(since=0))
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    assert the(await stage.take(firing(since=0))) == "still_firing"
    await past_the_window(stage)
    done = await stage.take(firing(since=0))
    assert (the(done), done.incidents) == ("still_firing", ("INC-1",))
    assert (await stage.incident()).status is Status.RESOLVED
    assert len(await stage.all(tables.incidents)) == 1


async def test_resolved_by_hand_comes_back_with_a_new_start(stage: Stage) -> None:
    await stage.take(firing(since=0))
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    assert the(await stage.take(firing(since=1))) == "within_reopen_window"
    incident = await stage.incident()
    assert (incident.status, incident.episode) == (Status.ACTIVE, 2)
    assert (await stage.incident()).firing == 1


async def test_an_end_after_closing_by_hand_is_told_and_closes_nothing_twice(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    before = await stage.incident()
    assert the(await stage.take(resolved())) == "ended_after_closing"
    after, [episode] = await stage.incident(), await stage.episodes()
    assert (after.resolved_by, after.resolved_time, after.resolution) == (
        before.resolved_by, before.resolved_time, before.resolution,
    )  # fmt: skip
    assert (episode.resolved_by, episode.recovered_at) == ("U0ALICE", None)


async def test_noise_that_fires_anew_within_the_window_is_an_incident_again(stage: Stage) -> None:
    await stage.take(firing(since=0))
    await stage.write(lambda uow: actions.mark_noise(1, by=BOB, uow=uow, reason="flaky"))
    await stage.take(firing(since=2))
    incident = await stage.incident()
    assert (incident.status, incident.is_noise, incident.episode) == (Status.ACTIVE, False, 2)


async def test_a_firing_that_is_older_than_the_known_one_changes_nothing(stage: Stage) -> None:
    await stage.take(firing(since=5))
    before = await stage.incident()
    assert the(await stage.take(firing(since=2))) == "outdated_firing"
    assert (await stage.incident()).version == before.version


async def test_a_series_that_fires_anew_without_an_end_in_between_counts_once(stage: Stage) -> None:
    await stage.take(firing(since=0))
    assert the(await stage.take(firing(since=5))) == "fired_again"
    assert (await stage.incident()).firing == 1
    assert the(await stage.take(resolved(since=5, until=7))) == "recovered"
