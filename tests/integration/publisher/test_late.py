"""Publishers that are stopped at the worst moment, and go on when others have taken over: there is one true card."""

import pytest

from bot.publisher.deliver import SETTLING
from db.queries.publishing import LEASE
from incidents import actions
from tests.building import ALICE, firing
from tests.integration.publisher.conftest import Build
from tests.integration.publisher.sleeper import Moment, Sleeper
from tests.integration.publisher.stage import Stage

OVER = LEASE.total_seconds() + 1


async def put_to_sleep(stage: Stage, moment: Moment) -> Sleeper:
    """The first publisher, while the second is awake."""
    sleeper = await Sleeper.put(stage.hands[0], stage, moment)
    assert sleeper is not None
    return sleeper


async def the_other_shows_it(stage: Stage) -> None:
    """It looks as soon as the lease of the first has ended."""
    stage.clock.advance(OVER)
    assert (await stage.hands[1].turn()).jobs


@pytest.fixture
async def two(build: Build) -> Stage:
    """Two publishers, and an incident that Slack does not show yet."""
    stage = await build(publishers=2)
    await stage.take(firing("pod-a"))
    return stage


async def test_what_slack_may_still_be_storing_is_looked_for_when_it_has_settled(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    await stage.breaks("chat.postMessage", "reset_after")
    await stage.hands[0].turn()
    [card] = await stage.outbox("card")
    assert card["post_started_at"] is not None
    assert card["due_at"] - stage.clock.now >= SETTLING


async def test_who_comes_too_late_and_has_lost_its_row_sends_nothing(two: Stage) -> None:
    stage, hand = two, two.hands[0]
    job = await stage.write(lambda uow: uow.publishing.claim(holder=hand.name))
    assert job is not None
    await the_other_shows_it(stage)
    await hand.courier.deliver(job, deadline=hand.courier.clock())
    assert len(await stage.calls("chat.postMessage")) == 1


async def test_who_comes_too_late_leases_its_row_anew_and_sends(two: Stage) -> None:
    stage, hand = two, two.hands[0]
    job = await stage.write(lambda uow: uow.publishing.claim(holder=hand.name))
    assert job is not None
    stage.clock.advance(OVER)
    await hand.courier.deliver(job, deadline=hand.courier.clock())
    await stage.settle()
    assert len(await stage.calls("chat.postMessage")) == 1


async def test_who_posted_and_notes_it_late_finds_it_noted(two: Stage) -> None:
    sleeper = await put_to_sleep(two, Moment.AFTER)
    await the_other_shows_it(two)
    await sleeper.wakes()
    await two.settle()
    assert len(await two.roots()) == 1
    assert len(await two.calls("chat.postMessage")) == 1


async def test_who_posted_and_died_has_posted_for_the_next(two: Stage) -> None:
    sleeper = await put_to_sleep(two, Moment.AFTER)
    await sleeper.dies()
    await the_other_shows_it(two)
    await two.settle()
    assert len(await two.calls("chat.postMessage")) == 1


async def test_of_two_posts_the_one_without_the_fence_is_deleted(two: Stage) -> None:
    sleeper = await put_to_sleep(two, Moment.BEFORE)
    await the_other_shows_it(two)
    [card] = await two.roots()
    await sleeper.wakes()
    await two.settle()
    assert [one["ts"] for one in await two.roots()] == [card["ts"]]


async def test_an_old_update_that_arrives_late_is_overwritten(two: Stage) -> None:
    await two.settle()
    await two.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    sleeper = await put_to_sleep(two, Moment.BEFORE)
    two.clock.advance(OVER)
    await two.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    assert (await two.hands[1].turn()).jobs
    await sleeper.wakes()
    assert "is acknowledged" in (await two.texts())[0]
    await two.settle()
    assert "is resolved" in (await two.texts())[0]
