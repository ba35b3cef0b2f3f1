"""Cards are compared with the database, slowly: what is missing or wrong is mended."""

import pytest
from sqlalchemy import update

from bot.publisher.reconcile import REST, letters
from db.tables import outbox
from incidents import actions
from incidents.outbox import Priority
from tests.building import ALICE, firing, resolved
from tests.integration.publisher.conftest import Build
from tests.integration.publisher.stage import Stage

HISTORY = "conversations.history"


async def cards(stage: Stage, count: int = 1) -> None:
    await stage.take(*(firing(f"pod-{number}", cluster=f"c{number}") for number in range(count)))
    await stage.settle()


async def ticks(stage: Stage, count: int = 3) -> None:
    for _ in range(count):
        await stage.reconciler.tick()
        stage.clock.advance(REST.total_seconds())


def found(stage: Stage, outcome: str) -> float:
    return stage.counted("bongsu_reconciled_total", outcome=outcome)


async def test_a_card_that_is_as_it_should_be_is_left_alone(stage: Stage) -> None:
    await cards(stage)
    await stage.write(lambda uow: actions.add_note(1, text="a 🔥 & <b> *c*", by=ALICE, uow=uow))
    await stage.settle()
    before = await stage.roots()
    await ticks(stage, 40)
    assert found(stage, "same") >= 1
    assert (await stage.roots(), found(stage, "differs"), found(stage, "missing")) == (before, 0, 0)


async def test_a_card_that_somebody_deleted_is_posted_anew(stage: Stage) -> None:
    await cards(stage)
    [old] = await stage.roots()
    await stage.do("delete", channel="#incidents", ts=old["ts"])
    await ticks(stage)
    assert found(stage, "missing") == 1
    await stage.settle()
    [card] = await stage.roots()
    assert card["text"] == old["text"]


async def test_one_that_left_a_thread_behind_too(stage: Stage) -> None:
    await cards(stage)
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await stage.settle()
    [old] = await stage.roots()
    await stage.do("delete", channel="#incidents", ts=old["ts"])
    await ticks(stage)
    await stage.settle()
    assert [one["ts"] != old["ts"] for one in await stage.roots()] == [True]


@pytest.mark.parametrize("wrong", ["rev", "text", "state"])
async def test_a_card_that_says_something_else_is_shown_anew(stage: Stage, wrong: str) -> None:
    await cards(stage)
    [card] = await stage.roots()
    client = stage.hands[0].client
    match wrong:
        case "text":
            await client.chat_update(channel=card["channel"], ts=card["ts"], text="nonsense")
        case "rev":
            await stage.change(update(outbox).values(desired_rev=5, sent_rev=5))
        case _:
            await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
            await stage.change(update(outbox).where(outbox.c.kind == "card").values(due_at=None))
            await stage.settle()
    await ticks(stage)
    assert found(stage, "differs") == 1
    await stage.settle()
    [mended] = await stage.roots()
    assert mended["ts"] == card["ts"]
    assert ("is acknowledged" in mended["text"]) == (wrong == "state")
    assert mended["blocks"] != []
    await ticks(stage, 40)
    assert found(stage, "differs") == 1


async def test_plain_text_is_no_difference(stage: Stage) -> None:
    await stage.breaks("chat.postMessage", "error:invalid_blocks")
    await cards(stage)
    await ticks(stage)
    assert (found(stage, "same"), found(stage, "differs")) == (1, 0)


async def test_it_walks_through_all_that_is_open_or_was_lately_four_a_minute(build: Build) -> None:
    stage = await build(publishers=2)
    await cards(stage, 5)
    await stage.take(resolved("pod-0", cluster="c0"), resolved("pod-1", cluster="c1"))
    await stage.settle()
    stage.clock.advance(86_000)
    await stage.take(resolved("pod-2", cluster="c2"))
    await stage.settle()
    stage.clock.advance(1000)
    begun = stage.clock.time()
    for _ in range(60):
        await stage.reconciler.tick()
        await stage.reconciler.tick()
        stage.clock.advance(1)
    looks = [one["args"]["latest"] for one in await stage.calls(HISTORY) if one["at"] >= begun]
    assert len(looks) == 3
    texts = {one["ts"]: one["text"] for one in await stage.roots()}
    assert sorted(texts[ts].split(" is ")[0].split()[-1] for ts in looks) == ["INC-3", "INC-4", "INC-5"]


async def test_never_while_something_is_due(stage: Stage) -> None:
    await cards(stage)
    await stage.write(lambda uow: uow.outbox.touch_cards([1], priority=Priority.UPDATE))
    await ticks(stage)
    assert await stage.calls(HISTORY) == []


@pytest.mark.parametrize("code", ["missing_scope", "not_in_channel"])
async def test_without_the_history_it_says_so_once_and_goes_on(
    stage: Stage, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    await cards(stage)
    await stage.breaks(HISTORY, f"error:{code}", times=None)
    await ticks(stage, 60)
    assert len([one for one in caplog.records if getattr(one, "action", "") == "reconcile_blind"]) == 1
    assert found(stage, "unreadable") >= 1
    assert len(await stage.roots()) == 1
    if code == "missing_scope":
        assert len(await stage.calls(HISTORY)) == 1


async def test_slow_down_is_kept(stage: Stage) -> None:
    await cards(stage, 3)
    await stage.breaks(HISTORY, "ratelimited", retry_after=300)
    await ticks(stage, 15)
    assert len(await stage.calls(HISTORY)) == 1
    await ticks(stage, 60)
    assert len(await stage.calls(HISTORY)) > 1


def test_letters_are_what_slack_leaves_as_it_is() -> None:
    assert letters("🔴 a & <b> · c:fire:d") == letters(":red_circle: a &amp; &lt;b&gt; · c:fire:d")
