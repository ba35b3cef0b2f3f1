"""Every refusal of Slack's: what becomes of the message, what people and admins see, and that nothing is lost."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from sqlalchemy import update

from bongsu.showing import check_showing
from bot.check import Level
from db.tables import outbox
from incidents import actions
from incidents.policy import Policy, Route
from tests.building import ALICE, firing, resolved
from tests.integration.publisher.conftest import Build
from tests.integration.publisher.stage import ANSWERS_WITHIN, Json, Stage

POST, UPDATE = "chat.postMessage", "chat.update"
PAYMENTS = Policy(routes=(Route("#payments", {"service": frozenset({"payments"})}),))
LIVE_REFUSALS = ("internal_error", "fatal_error", "service_unavailable", "an_error_that_slack_has_yet_to_invent")


async def acknowledge(stage: Stage, number: int = 1) -> None:
    await stage.write(lambda uow: actions.acknowledge(number, by=ALICE, uow=uow))


async def a_card(stage: Stage, **labels: str) -> Json:
    await stage.take(firing("pod-a", **labels))
    await stage.settle()
    channels = ("#incidents", "#payments") if labels else ("#incidents",)
    [card] = [one for channel in channels for one in await stage.roots(channel) if "INC-1" in one["text"]]
    return card


@pytest.fixture
async def payments(build: Build) -> Stage:
    """With a channel of its own for one service."""
    stage = await build(policy=PAYMENTS)
    await stage.do("channel", name="payments")
    return stage


async def notices(stage: Stage, channel: str = "#incidents") -> list[Json]:
    return [one for one in await stage.roots(channel) if one["blocks"] and one["blocks"][0]["block_id"] == "channel"]


# --- gone ---------------------------------------------------------------------------------------------------------


async def test_message_not_found_a_deleted_card_is_posted_anew_and_its_thread_follows(stage: Stage) -> None:
    old = await a_card(stage)
    await stage.do("delete", channel="#incidents", ts=old["ts"])
    await acknowledge(stage)
    await stage.settle()
    [card] = await stage.roots()
    assert "is acknowledged" in card["text"]
    [entry] = [one for one in await stage.messages() if one["thread_ts"]]
    assert entry["thread_ts"] == card["ts"]


async def test_a_deleted_card_with_a_thread_takes_the_next_entries_to_the_new_one(stage: Stage) -> None:
    """Slack keeps the old thread below what it calls a tombstone; what was said there stays there."""
    old = await a_card(stage)
    await acknowledge(stage)
    await stage.settle()
    await stage.do("delete", channel="#incidents", ts=old["ts"])
    stage.clock.advance(60)  # so that neither has to wait for its turn
    await stage.write(lambda uow: actions.add_note(1, by=ALICE, text="rolled back", uow=uow))
    await stage.settle()
    [card] = await stage.roots()
    below = {one["thread_ts"]: one["text"] for one in await stage.messages() if one["thread_ts"]}
    assert "acknowledged" in below[old["ts"]]
    assert "rolled back" in below[card["ts"]]


@pytest.mark.parametrize("code", ["cant_update_message", "edit_window_closed"])
async def test_a_card_that_may_not_be_changed_any_more_is_replaced(stage: Stage, code: str) -> None:
    old = await a_card(stage)
    await stage.breaks(UPDATE, f"error:{code}")
    await acknowledge(stage)
    await stage.settle()
    [card] = await stage.roots()
    assert card["ts"] != old["ts"]
    assert "is acknowledged" in card["text"]


async def test_thread_not_found_waits_for_a_card_that_is_there(stage: Stage) -> None:
    await a_card(stage)
    await stage.breaks(POST, "error:thread_not_found")
    await acknowledge(stage)
    await stage.settle()
    [entry] = [one for one in await stage.messages() if one["thread_ts"]]
    assert "acknowledged" in entry["text"]


# --- no place -----------------------------------------------------------------------------------------------------


async def spoil(stage: Stage, code: str) -> None:
    """The channel of payments comes to be such that Slack says this of it."""
    match code:
        case "channel_not_found":
            await stage.do("channel", name="payments", private=True, bot_member=False)
        case "is_archived":
            await stage.do("channel", name="payments", archived=True)
        case _:
            await stage.breaks(POST, f"error:{code}", times=None)
            await stage.do("faults", method="chat.delete", kind="reset_before")


NO_PLACE = ("channel_not_found", "is_archived")
WHY = {
    "channel_not_found": "/invite @Bongsu",
    "is_archived": "Unarchive it",
    "not_in_channel": "/invite @Bongsu",
    "restricted_action": "posting permissions",
}


@pytest.mark.parametrize("code", NO_PLACE)
async def test_a_channel_without_a_place_sends_new_cards_to_the_default_one_and_admins_a_word(
    payments: Stage, code: str
) -> None:
    await spoil(payments, code)
    await payments.take(firing("pod-a", service="payments"))
    await payments.take(firing("pod-b", service="payments", cluster="other"))
    await payments.settle()
    cards = [text for text in await payments.texts() if "INC-" in text]
    assert len(cards) == 2
    [notice] = await notices(payments)
    assert "#payments" in notice["text"]
    assert WHY[code] in notice["text"]
    assert payments.counted("bongsu_slack_no_place_total", error=code) == 2


@pytest.mark.parametrize("code", ["not_in_channel", "restricted_action"])
async def test_a_channel_that_may_not_be_written_to_does_the_same(build: Build, code: str) -> None:
    stage = await build(policy=PAYMENTS)
    await stage.do("channel", name="payments")
    await stage.breaks(POST, f"error:{code}")
    await stage.take(firing("pod-a", service="payments"))
    await stage.settle()
    [notice] = await notices(stage)
    assert WHY[code] in notice["text"]
    assert len([text for text in await stage.texts() if "INC-1" in text]) == 1


async def test_not_in_channel_as_slack_says_it_without_the_scope_for_public_channels(build: Build) -> None:
    stage = await build(policy=PAYMENTS, scopes=("chat:write", "channels:history", "channels:read"))
    await stage.do("channel", name="payments", bot_member=False)
    await stage.take(firing("pod-a", service="payments"))
    await stage.settle()
    assert await stage.roots("#payments") == []
    assert len([text for text in await stage.texts() if "INC-1" in text]) == 1


async def test_admins_are_told_once_an_hour_and_that_it_works_again(payments: Stage) -> None:
    await spoil(payments, "is_archived")
    for number in range(3):
        await payments.take(firing(f"pod-{number}", service="payments", cluster=f"c{number}"))
        await payments.settle()
    [notice] = await notices(payments)
    assert notice["edited"] is None or notice["text"].startswith("⚠")
    await payments.run(3600)
    await payments.take(firing("pod-x", service="payments", cluster="x"))
    await payments.settle()
    assert len(await notices(payments)) == 2
    await payments.do("channel", name="payments", archived=False)
    await payments.take(firing("pod-y", service="payments", cluster="y"))
    await payments.settle()
    assert len(await payments.roots("#payments")) == 1
    assert ["takes messages again" in one["text"] for one in await notices(payments)] == [True, True]


async def test_a_channel_that_no_route_leads_to_any_more_is_forgotten_after_a_day(payments: Stage) -> None:
    await spoil(payments, "is_archived")
    await payments.take(firing("pod-a", service="payments"))
    await payments.settle()
    [finding] = await check_showing(payments.hands[0].transactions, payments.policy)
    assert "they go to #incidents" in finding.what
    await payments.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    payments.clock.advance(86_400 + 60)
    assert await check_showing(payments.hands[0].transactions, payments.policy) == []


async def test_admins_have_a_channel_of_their_own_if_they_say_so(build: Build) -> None:
    stage = await build(policy=Policy(routes=PAYMENTS.routes, admin_channel="#general"))
    await stage.take(firing("pod-a", service="payments"))
    await stage.settle()
    assert len(await notices(stage, "#general")) == 1
    assert await notices(stage) == []


async def test_a_card_whose_channel_is_archived_moves_and_its_thread_with_it(payments: Stage) -> None:
    await a_card(payments, service="payments")
    await spoil(payments, "is_archived")
    await acknowledge(payments)
    await payments.settle()
    [card] = [one for one in await payments.roots() if "INC-1" in one["text"]]
    assert "is acknowledged" in card["text"]
    [entry] = [one for one in await payments.messages() if one["thread_ts"]]
    assert entry["thread_ts"] == card["ts"]


async def test_where_the_default_channel_is_unusable_all_is_kept_and_one_call_a_minute_tries(stage: Stage) -> None:
    await stage.do("channel", name="incidents", archived=True)
    await stage.take(*(firing(f"pod-{number}", cluster=f"c{number}") for number in range(5)))
    await stage.run(600)
    tries = [call["at"] for call in await stage.calls(POST)]
    assert 8 <= len(tries) <= 11
    assert min(later - earlier for earlier, later in pairwise(tries)) >= 60
    [finding] = await check_showing(stage.hands[0].transactions, stage.policy)
    assert finding.level is Level.ERROR
    assert "default channel #incidents (is_archived)" in finding.what
    await stage.do("channel", name="incidents", archived=False)
    await stage.settle()
    assert len(await stage.roots()) == 5
    assert await check_showing(stage.hands[0].transactions, stage.policy) == []


async def test_either_of_two_unusable_channels_may_be_mended(payments: Stage) -> None:
    for name in ("incidents", "payments"):
        await payments.do("channel", name=name, archived=True)
    await payments.take(firing("pod-a", service="payments"))
    await payments.run(300)
    await payments.do("channel", name="payments", archived=False)
    await payments.run(120)
    assert len(await payments.roots("#payments")) == 1


# --- unshowable ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_too_long"])
@pytest.mark.parametrize("method", [POST, UPDATE])
async def test_what_slack_cannot_show_goes_as_plain_text_until_it_says_something_else(
    stage: Stage, code: str, method: str
) -> None:
    if method == UPDATE:
        await a_card(stage)
    await stage.breaks(method, f"error:{code}")
    await (acknowledge(stage) if method == UPDATE else stage.take(firing("pod-a")))
    await stage.settle()
    [card] = await stage.roots()
    assert card["blocks"] == []
    assert len(await stage.calls(method)) == 2
    await stage.change(update(outbox).values(desired_rev=outbox.c.desired_rev + 1, due_at=stage.clock.now))
    await stage.settle()
    assert (await stage.roots())[0]["blocks"] == []
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    await stage.settle()
    assert (await stage.roots())[0]["blocks"] != []
    assert stage.counted("bongsu_slack_plain_text_total", kind="card") == 1


async def test_what_slack_will_not_even_take_as_text_is_tried_ever_more_rarely(stage: Stage) -> None:
    await stage.breaks(POST, "error:invalid_blocks")
    await stage.breaks(POST, "error:no_text", times=None)
    await stage.take(firing("pod-a"))
    await stage.run(3600)
    assert len(await stage.calls(POST)) < 25
    await stage.heals()
    await stage.settle()
    assert len(await stage.roots()) == 1


# --- slow down ----------------------------------------------------------------------------------------------------


def early(calls: Sequence[Json], wait: float) -> list[Json]:
    """Calls made before Slack's Retry-After was over."""
    told = [call["at"] for call in calls if call["http_status"] == 429]
    return [call for call in calls for at in told if at < call["at"] < at + wait]


@pytest.mark.parametrize(("publishers", "wait"), [(1, 1), (1, 300), (3, 30)])
async def test_retry_after_is_kept_to_the_second_by_all_and_nothing_is_dropped(
    build: Build, publishers: int, wait: int
) -> None:
    stage = await build(publishers=publishers)
    await stage.take(*(firing(f"pod-{number}", cluster=f"c{number}") for number in range(6)))
    await stage.breaks(POST, "ratelimited", retry_after=wait)
    await stage.settle()
    posts = await stage.calls(POST)
    assert early(posts, wait) == []
    assert min(call["at"] for call in posts if call["http_status"] == 200) - posts[0]["at"] < wait + 1.2
    assert len(await stage.roots()) == 6
    await stage.breaks(UPDATE, "ratelimited", retry_after=wait)
    for number in range(1, 7):
        await acknowledge(stage, number)
    await stage.settle()
    updates = await stage.calls(UPDATE)
    refused = next(call["at"] for call in updates if call["http_status"] == 429)
    assert [call for call in updates if refused < call["at"] < refused + wait] == []
    assert all("is acknowledged" in text for text in await stage.texts())


# --- no answer, or none that says anything ------------------------------------------------------------------------

BEFORE = ("http_500", "html", "reset_before", "timeout")
AFTER = ("reset_after", "http_500_after", "html_after", "timeout_after")


@pytest.mark.parametrize("kind", [*BEFORE, *AFTER, *(f"error:{code}" for code in LIVE_REFUSALS)])
@pytest.mark.parametrize("method", [POST, UPDATE])
async def test_whatever_slack_answers_it_ends_as_one_true_card(stage: Stage, kind: str, method: str) -> None:
    if method == UPDATE:
        await a_card(stage)
    await stage.breaks(method, kind, times=2)
    await (acknowledge(stage) if method == UPDATE else stage.take(firing("pod-a")))
    await stage.settle()
    [card] = await stage.roots()
    assert card["blocks"] != []
    assert ("is acknowledged" in card["text"]) == (method == UPDATE)
    assert ANSWERS_WITHIN < 1


async def test_a_thread_entry_whose_reply_was_lost_is_found_in_its_thread(stage: Stage) -> None:
    await a_card(stage)
    await stage.breaks(POST, "reset_after")
    await acknowledge(stage)
    await stage.settle()
    assert len([one for one in await stage.messages() if one["thread_ts"]]) == 1
    assert len(await stage.calls("conversations.replies")) == 1


# --- locked out ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["account_inactive", "missing_scope", "token_revoked", "invalid_auth"])
async def test_while_slack_refuses_our_token_all_is_kept(stage: Stage, code: str) -> None:
    card = await a_card(stage)
    await stage.breaks("*", f"error:{code}", times=None)
    await acknowledge(stage)
    await stage.take(resolved("pod-a"))
    await stage.take(firing("pod-b", cluster="other"))
    await stage.run(120)
    assert await stage.roots() == [card]
    await stage.heals()
    await stage.settle()
    texts = await stage.texts()
    assert len(texts) == 2
    assert "is resolved" in texts[0]
