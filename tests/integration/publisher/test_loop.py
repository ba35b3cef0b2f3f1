"""The publisher's loop itself, in real time: it pauses where Slack refuses the token, and goes on by itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import event

from bot.client import TokenFile
from bot.publisher import Publisher
from bot.publisher.storm import StormMetrics, Storms
from incidents import actions
from incidents.outbox import Priority
from incidents.policy import Policies, Policy, StormPolicy
from tests.building import ALICE, firing
from tests.integration.publisher.conftest import Build
from tests.integration.publisher.stage import Stage

SOON = (0.02, 0.1)
Until = Callable[[], Awaitable[object]]


@asynccontextmanager
async def running(stage: Stage, *, renew: Callable[[], None] = lambda: None) -> AsyncIterator[Publisher]:
    hand = stage.hands[0]
    publisher = Publisher(
        transactions=hand.transactions,
        courier=hand.courier,
        storms=Storms(
            hand.transactions, Policies(Policy(storm=StormPolicy(above=0))), StormMetrics(CollectorRegistry())
        ),
        metrics=stage.metrics,
        holder=hand.name,
        renew=renew,
        locked_out_seconds=SOON,
    )
    publisher.start()
    yield publisher
    await publisher.stop()


async def until(look: Until, stage: Stage, publisher: Publisher | None = None) -> None:
    """The clock goes on a little with each look, and the publisher is woken, if it is named."""
    async with asyncio.timeout(30):
        while not await look():
            if publisher is not None:
                stage.clock.advance(1)
                publisher.wake()
            await asyncio.sleep(0.01)


async def test_a_refused_token_pauses_all_and_it_goes_on_by_itself(stage: Stage) -> None:
    await stage.do("token", valid=False)
    async with running(stage) as publisher:
        for name in "abc":
            await stage.take(firing(name, cluster=name))

        async def is_locked_out() -> bool:
            return stage.counted("bongsu_slack_locked_out") == 1

        async def is_shown() -> bool:
            return len(await stage.roots()) == 3

        await until(is_locked_out, stage, publisher)
        assert len(await stage.outbox("card")) == 3
        await stage.do("token", valid=True)
        await until(is_shown, stage, publisher)
        assert not await is_locked_out()


async def test_another_token_in_the_file_is_taken_without_a_restart(build: Build, tmp_path: Path) -> None:
    stage = await build(bot_token="xoxb-new")
    path = tmp_path / "token"
    path.write_text("xoxb-test\n")
    token = TokenFile(stage.hands[0].client, path)
    async with running(stage, renew=token.read_again) as publisher:
        await stage.take(firing("pod-a"))

        async def is_locked_out() -> bool:
            return stage.counted("bongsu_slack_locked_out") == 1

        async def is_shown() -> bool:
            return len(await stage.roots()) == 1

        await until(is_locked_out, stage, publisher)
        path.write_text("xoxb-new\n")
        await until(is_shown, stage, publisher)


@pytest.mark.parametrize("content", [None, "", " \n"])
async def test_a_file_without_a_token_changes_nothing(stage: Stage, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_text(content)
    client = stage.hands[0].client
    TokenFile(client, path).read_again()
    TokenFile(client, None).read_again()
    assert client.token == "xoxb-test"


async def test_many_words_are_one_look_and_a_click_is_looked_for_at_once(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    said: list[str] = []
    engines = stage.hands[0].transactions.engines
    for engine in {engines.read.sync_engine, engines.write.sync_engine}:
        event.listen(engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    async with running(stage) as publisher:

        async def is_shown() -> bool:
            return len(await stage.roots()) == 1

        await until(is_shown, stage, publisher)
        await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
        publisher.hurry()

        async def is_acknowledged() -> bool:
            return "is acknowledged" in (await stage.roots())[0]["text"]

        await until(is_acknowledged, stage)
        await stage.settle()
        said.clear()
        for _ in range(300):
            publisher.wake()
            await asyncio.sleep(0.001)
        assert len(said) < 30


async def test_what_waits_for_its_turn_costs_few_statements(stage: Stage) -> None:
    """Ten updates go at once: counted are all statements for each."""
    await stage.take(*(firing(f"pod-{number}", cluster=f"c{number}") for number in range(10)))
    await stage.settle()
    stage.clock.advance(60)
    await stage.write(lambda uow: uow.outbox.touch_cards(range(1, 11), priority=Priority.UPDATE))
    said: list[str] = []
    engines = stage.hands[0].transactions.engines
    for engine in {engines.read.sync_engine, engines.write.sync_engine}:
        event.listen(engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    before = len(await stage.calls("chat.update"))
    async with running(stage):

        async def is_shown() -> bool:
            return len(await stage.calls("chat.update")) >= before + 10

        await until(is_shown, stage)
    assert len(said) / 10 < 18


async def test_an_outage_is_said_once_and_measured(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    async with running(stage) as publisher:
        await stage.write(lambda uow: uow.outages.failed("http_500", locked_out=False))
        begun = stage.clock.time()
        stage.clock.advance(400)
        for _ in range(3):
            await publisher.sample()
        assert stage.counted("bongsu_slack_away_since_timestamp_seconds") == begun
        assert [getattr(one, "action", "") for one in caplog.records].count("slack_away") == 1
        await stage.write(lambda uow: uow.outages.ended())
        await publisher.sample()
        assert stage.counted("bongsu_slack_away_since_timestamp_seconds") == 0
