"""Channels are written in the workspace's language, whoever clicked and whatever they speak."""

import pytest

from bot.blocks.card import card
from bot.blocks.thread import thread_entry
from bot.language import speaking, spoken
from bot.message import Message
from bot.publisher import deliver, shown
from bot.publisher.reconcile import REST
from incidents import actions
from incidents.policy import Policy
from tests.building import ALICE, firing
from tests.integration.publisher.conftest import Build


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """What was rendered, and in which language."""
    heard = set[tuple[str, str]]()

    def card_(*told: object, **more: object) -> Message:
        heard.add(("card", spoken()))
        return card(*told, **more)  # type: ignore[arg-type]

    def thread_(*told: object) -> Message:
        heard.add(("thread", spoken()))
        return thread_entry(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(shown, "card", card_)
    monkeypatch.setattr(deliver, "thread_entry", thread_)
    return heard


@pytest.mark.parametrize(("ours", "theirs"), [("ko", "en"), ("en", "ko")])
async def test_what_everybody_sees_is_in_the_workspaces_language(
    build: Build, heard: set[tuple[str, str]], ours: str, theirs: str
) -> None:
    stage = await build(policy=Policy(language=ours))
    with speaking(theirs):
        await stage.take(firing())
        await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
        await stage.settle()
        assert heard == {("card", ours), ("thread", ours)}
        heard.clear()
        await stage.reconciler.tick()
        stage.clock.advance(REST.total_seconds())
        await stage.reconciler.tick()
        assert heard == {("card", ours)}
        assert spoken() == theirs


async def test_that_somebody_has_left_is_sent_to_the_channel_from_the_thread(build: Build) -> None:
    stage = await build()
    await stage.take(firing())
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.take_from_gone(1, gone=str(ALICE), uow=uow))
    await stage.settle()
    replies = [one for one in await stage.messages() if one["thread_ts"]]
    assert [(one["broadcast"], "has left Slack" in one["text"]) for one in replies] == [(False, False), (True, True)]
