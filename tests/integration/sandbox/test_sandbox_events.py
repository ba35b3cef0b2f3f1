from typing import Any

import pytest
from aiohttp import web

from tests.integration.sandbox.stage import Bot, Stage, eventually


async def received(bot: Bot, number: int) -> None:
    async def enough() -> bool:
        return len(bot.received) >= number

    await eventually(enough)


async def test_an_event_reaches_the_bot_as_slack_shapes_it(stage: Stage) -> None:
    result = await stage.do("event", type="reaction_added", user="U0ALICE", reaction="eyes")
    told = stage.bot.last.json
    assert result["status"] == 200
    assert (told["type"], told["team_id"], told["event_id"]) == (
        "event_callback",
        "T0SANDBOX",
        result["event_id"],
    )
    assert told["event"]["reaction"] == "eyes"
    assert told["event"]["event_ts"]
    assert "X-Slack-Signature" in stage.bot.last.headers
    assert "X-Slack-Retry-Num" not in stage.bot.last.headers


async def test_opening_the_home_tab_names_its_person_and_place(stage: Stage) -> None:
    await stage.do("event", type="app_home_opened", user="alice")
    event = stage.bot.last.json["event"]
    assert (event["type"], event["tab"]) == ("app_home_opened", "home")
    assert event["channel"].startswith("D")


async def test_the_url_is_verified_by_a_challenge(stage: Stage) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=(await request.json())["challenge"])

    stage.bot.answer = answer
    result = await stage.do("event", type="url_verification")
    assert result["body"] == result["challenge"]


async def test_a_failed_event_is_sent_again_three_times(stage: Stage) -> None:
    stage.bot.answers(status=500)
    result = await stage.do("event", type="app_mention", user="U0ALICE", channel="#incidents", text="hi")
    assert result["status"] == 500
    await received(stage.bot, 4)
    retries = [(r.headers.get("X-Slack-Retry-Num"), r.headers.get("X-Slack-Retry-Reason")) for r in stage.bot.received]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert len({r.json["event_id"] for r in stage.bot.received}) == 1
    assert stage.bot.last.json["event"]["channel"] == "C0INCIDENTS"


async def test_an_event_is_not_sent_again_once_it_was_taken(stage: Stage) -> None:
    async def second_time(request: web.Request) -> web.StreamResponse:
        return web.Response(status=200 if "X-Slack-Retry-Num" in request.headers else 503)

    stage.bot.answer = second_time
    await stage.do("event", type="app_mention", user="U0ALICE")
    await received(stage.bot, 2)
    # Whatever is sent afterwards comes after every retry that could have followed.
    stage.bot.answers(status=500)
    await stage.do("event", type="team_join")
    await received(stage.bot, 6)
    assert [r.json["event"]["type"] for r in stage.bot.received] == ["app_mention"] * 2 + ["team_join"] * 4


async def test_a_slow_bot_is_asked_again_with_the_reason(stage: Stage) -> None:
    async def slow_at_first(request: web.Request) -> web.StreamResponse:
        if "X-Slack-Retry-Num" not in request.headers:
            await eventually(_retried)
        return web.Response()

    async def _retried() -> bool:
        return len(stage.bot.received) > 1

    stage.bot.answer = slow_at_first
    assert (await stage.do("event", type="app_mention", user="U0ALICE"))["status"] == 0
    await received(stage.bot, 2)
    assert stage.bot.last.headers["X-Slack-Retry-Reason"] == "http_timeout"


async def test_a_bot_can_say_that_it_wants_no_retry(stage: Stage) -> None:
    async def no_more(request: web.Request) -> web.StreamResponse:
        return web.Response(status=500, headers={"X-Slack-No-Retry": "1"})

    stage.bot.answer = no_more
    await stage.do("event", type="app_mention", user="U0ALICE")
    stage.bot.answers(status=500)
    await stage.do("event", type="team_join")
    await received(stage.bot, 5)
    assert [r.json["event"]["type"] for r in stage.bot.received] == ["app_mention"] + ["team_join"] * 4


async def test_the_same_event_can_be_sent_twice(stage: Stage) -> None:
    for _ in range(2):
        await stage.do("event", type="app_mention", user="U0ALICE", event_id="Ev1")
    assert [r.json["event_id"] for r in stage.bot.received] == ["Ev1", "Ev1"]
    assert "event_id" not in stage.bot.last.json["event"]


@pytest.mark.parametrize("body", [{}, {"type": ""}, {"type": "app_home_opened"}])
async def test_an_event_that_cannot_be_is_refused(stage: Stage, body: dict[str, Any]) -> None:
    assert (await stage.attempt("event", **body))[0] == 422


# ---- what people say --------------------------------------------------------------------------------------------


async def test_a_message_in_a_channel_reaches_the_bot_as_slack_shapes_it(stage: Stage) -> None:
    said = await stage.do("say", user="bob", channel="#incidents", text="hello")
    event = stage.bot.last.json["event"]
    assert (said["status"], said["event_id"]) == (200, stage.bot.last.json["event_id"])
    assert (event["type"], event["user"], event["text"]) == ("message", "U0BOB", "hello")
    assert (event["channel"], event["channel_type"]) == ("C0INCIDENTS", "channel")
    assert event["ts"] == event["event_ts"] == said["ts"]
    assert not {"subtype", "thread_ts", "parent_user_id"} & set(event)


async def test_a_reply_names_its_thread_and_who_began_it(stage: Stage) -> None:
    card = await stage.post()
    said = await stage.do("say", user="bob", channel="#incidents", text="one", thread_ts=card)
    await stage.do("say", user="bob", channel="#incidents", text="two", thread_ts=said["ts"])
    told = [received.json["event"] for received in stage.bot.received]
    assert [(event["thread_ts"], event["parent_user_id"]) for event in told] == [(card, "U0BONGSU")] * 2
    assert (await stage.attempt("say", user="bob", channel="#incidents", text="x", thread_ts="1.1"))[0] == 404


async def test_a_reply_that_goes_to_the_channel_too_and_files_have_their_subtypes(stage: Stage) -> None:
    card = await stage.post(text="the card")
    await stage.do("say", user="bob", channel="#incidents", text="all", thread_ts=card, broadcast=True)
    event = stage.bot.last.json["event"]
    assert (event["subtype"], event["root"]["ts"], event["root"]["user"]) == ("thread_broadcast", card, "U0BONGSU")
    await stage.do("say", user="bob", channel="#incidents", thread_ts=card, files=2)
    event = stage.bot.last.json["event"]
    assert (event["subtype"], event["text"], len(event["files"])) == ("file_share", "", 2)


async def test_an_edit_tells_both_texts_and_only_ones_own_can_be_edited(stage: Stage) -> None:
    card = await stage.post()
    said = await stage.do("say", user="bob", channel="#incidents", text="old", thread_ts=card)
    where = {"channel": "#incidents", "ts": said["ts"]}
    assert (await stage.attempt("edit", user="alice", text="mine", **where))[0] == 409
    await stage.do("edit", user="bob", text="new", **where)
    event = stage.bot.last.json["event"]
    assert (event["subtype"], event["hidden"]) == ("message_changed", True)
    assert event["ts"] == event["event_ts"] != said["ts"]
    assert (event["message"]["text"], event["previous_message"]["text"]) == ("new", "old")
    assert event["message"]["edited"]["user"] == "U0BOB"
    assert (event["message"]["ts"], event["message"]["thread_ts"]) == (said["ts"], card)
    assert "user" not in event
    heard = len(stage.bot.received)
    await stage.do("edit", user="bob", text="new", **where)
    assert len(stage.bot.received) == heard


async def test_a_deletion_tells_what_was_there_and_a_thread_leaves_a_tombstone(stage: Stage) -> None:
    card = await stage.post()
    said = await stage.do("say", user="bob", channel="#incidents", text="oops", thread_ts=card)
    await stage.do("delete", channel="#incidents", ts=card)
    event = stage.bot.last.json["event"]
    assert (event["subtype"], event["message"]["subtype"]) == ("message_changed", "tombstone")
    await stage.do("delete", channel="#incidents", ts=said["ts"])
    event = stage.bot.last.json["event"]
    assert (event["subtype"], event["deleted_ts"], event["hidden"]) == ("message_deleted", said["ts"], True)
    assert (event["previous_message"]["text"], event["previous_message"]["thread_ts"]) == ("oops", card)


async def test_reactions_come_and_go_once_for_each_person(stage: Stage) -> None:
    card = await stage.post()
    where = {"channel": "#incidents", "ts": card}
    await stage.do("react", user="bob", name=":pushpin:", **where)
    event = stage.bot.last.json["event"]
    assert (event["type"], event["reaction"], event["user"]) == ("reaction_added", "pushpin", "U0BOB")
    assert (event["item"], event["item_user"]) == (
        {"type": "message", "channel": "C0INCIDENTS", "ts": card},
        "U0BONGSU",
    )
    assert (await stage.messages())[0]["reactions"] == {"pushpin": ["U0BOB"]}
    assert (await stage.attempt("react", user="bob", name="pushpin", **where))[0] == 409
    await stage.do("react", user="bob", name="pushpin", remove=True, **where)
    assert stage.bot.last.json["event"]["type"] == "reaction_removed"
    assert (await stage.messages())[0]["reactions"] == {}


async def test_the_bot_hears_nothing_where_it_is_no_member_or_may_not_read(build: Any) -> None:
    stage: Stage = await build(scopes=["chat:write", "channels:history"])
    await stage.do("channel", name="elsewhere", bot_member=False)
    await stage.do("channel", name="private", private=True)
    for channel in ("#elsewhere", "#private"):
        assert "status" not in await stage.do("say", user="bob", channel=channel, text="psst")
    said = await stage.do("say", user="bob", channel="#incidents", text="hi")
    await stage.do("react", user="bob", channel="#incidents", ts=said["ts"], name="eyes")
    assert [received.json["event"]["text"] for received in stage.bot.received] == ["hi"]


async def test_a_message_that_the_bot_did_not_take_is_sent_again(stage: Stage) -> None:
    stage.bot.answers(status=503)
    await stage.do("say", user="bob", channel="#incidents", text="hi")
    await received(stage.bot, 4)
    assert [r.headers.get("X-Slack-Retry-Num") for r in stage.bot.received] == [None, "1", "2", "3"]
    assert len({r.json["event_id"] for r in stage.bot.received}) == 1
