"""Several publishers on one database keep Slack's pace together, and people's clicks don't wait for a crowd."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import pytest
from sqlalchemy import update

from db.tables import outbox
from incidents import actions
from incidents.outbox import Priority
from incidents.policy import Policy, Route
from tests.building import ALICE, firing
from tests.integration.publisher.conftest import Build
from tests.integration.publisher.stage import Json, Stage

BY_SERVICE = Policy(
    routes=(
        Route("#general", {"service": frozenset({"general"})}),
        Route("C0INCIDENTS", {"service": frozenset({"id"})}),
    )
)
POSTS = "chat.postMessage"
UPDATES = "chat.update"
BURST = 20
A_MINUTE = 50


def seconds_between(calls: Sequence[Json]) -> float:
    return min((later["at"] - earlier["at"] for earlier, later in pairwise(calls)), default=9.0)


async def by_channel(stage: Stage) -> dict[str, list[Json]]:
    """Posts by the channel that they reached, whether that was told by name or by id."""
    found: dict[str, list[Json]] = defaultdict(list)
    for call in await stage.calls(POSTS):
        found[call["answer"].get("channel", "")].append(call)
    return found


async def open_many(stage: Stage, count: int, **labels: str) -> None:
    name = labels.get("service", "checkout")
    await stage.take(*(firing(f"{name}-{number}", cluster=f"c{number}", **labels) for number in range(count)))


async def test_three_publishers_post_once_a_second_and_channel(database_url: str, build: Build) -> None:
    """By name, by id, in threads and in place of a channel that is not there: it is one channel to Slack."""
    routes = (*BY_SERVICE.routes, Route("#nowhere", {"service": frozenset({"lost"})}))
    stage = await build(url=database_url, publishers=3, policy=Policy(routes=routes), pace_posts=True)
    await open_many(stage, 1)
    await stage.settle()
    for service in ("checkout", "general", "id", "lost"):
        await open_many(stage, 5, service=service)
    await stage.run(3)
    for number in range(1, 4):
        await stage.write(lambda uow, n=number: actions.acknowledge(n, by=ALICE, uow=uow))  # type: ignore[misc]
    await stage.settle()
    posts = await by_channel(stage)
    assert {call["http_status"] for some in posts.values() for call in some} == {200}
    notices = 1
    assert [len(posts[one]) for one in ("C0INCIDENTS", "C0GENERAL", "")] == [5 + 5 + 5 + 3 + notices, 5, 5]
    for channel in ("C0INCIDENTS", "C0GENERAL", ""):
        assert seconds_between(posts[channel]) >= 1, channel


async def test_updates_of_three_publishers_stay_within_the_tier(database_url: str, build: Build) -> None:
    stage = await build(url=database_url, publishers=3)
    await open_many(stage, 40)
    await stage.settle()
    begun = len(await stage.calls(UPDATES))
    for _ in range(3):
        ids = [row["incident_id"] for row in await stage.outbox("card")]
        await stage.write(lambda uow, ids=ids: uow.outbox.touch_cards(ids, priority=Priority.UPDATE))  # type: ignore[misc]
        await stage.run(45)
    times = [call["at"] for call in (await stage.calls(UPDATES))[begun:]]
    assert len(times) > 80
    for first in times:
        assert sum(first <= at < first + 60 for at in times) <= A_MINUTE + BURST


@pytest.mark.parametrize("publishers", [1, 3])
async def test_a_click_is_shown_at_once_while_hundreds_of_updates_wait(build: Build, publishers: int) -> None:
    stage = await build(publishers=publishers)
    await open_many(stage, 300)
    shown = update(outbox).values(ts="1.1", channel_id="C0INCIDENTS", sent_rev=1, due_at=None)
    await stage.change(shown)
    ids = [row["incident_id"] for row in await stage.outbox("card")]
    await stage.write(lambda uow: uow.outbox.touch_cards(ids, priority=Priority.UPDATE))
    await stage.run(20)
    clicked_at = stage.clock.time()
    await stage.write(lambda uow: actions.acknowledge(250, by=ALICE, uow=uow))
    await stage.run(2)
    told = [one for one in await stage.calls(UPDATES) if "INC-250 is acknowledged" in one["args"]["text"]]
    assert told
    assert told[0]["at"] - clicked_at <= 1
    assert (await stage.read(lambda uow: uow.publishing.depth()))[0] > 200


async def test_looking_for_messages_has_its_pace_too(build: Build) -> None:
    """A storm of lost replies is no storm of look-ups."""
    routes = tuple(Route(f"#c{number}", {"service": frozenset({f"s{number}"})}) for number in range(30))
    stage = await build(publishers=2, policy=Policy(routes=routes))
    for number in range(30):
        await stage.do("channel", name=f"c{number}")
    await stage.breaks(POSTS, "reset_after", times=30)
    await stage.take(*(firing(f"pod-{number}", service=f"s{number}") for number in range(30)))
    await stage.settle()
    looks = [one["at"] for one in await stage.calls("conversations.history")]
    assert len(looks) == 30
    for first in looks:
        assert sum(first <= at < first + 10 for at in looks) <= 11 + 7
    for number in range(30):
        assert len(await stage.roots(f"#c{number}")) == 1


async def test_slow_down_on_looking_closes_looking_and_not_the_channel(stage: Stage) -> None:
    await stage.breaks(POSTS, "reset_after")
    await stage.breaks("conversations.history", "ratelimited", retry_after=30)
    await stage.take(firing("pod-a"))
    await stage.run(10)
    await stage.take(firing("pod-b", cluster="other"))
    await stage.run(2)
    assert len(await stage.roots()) == 2
    await stage.settle()
    looks = [one["at"] for one in await stage.calls("conversations.history")]
    assert seconds_between([{"at": at} for at in looks]) >= 30
    assert len(await stage.roots()) == 2
