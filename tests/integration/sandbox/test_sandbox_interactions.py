import asyncio
import hashlib
import hmac
import json
from typing import Any

import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from tests.integration.sandbox.stage import SECRET, Bot, Json, Stage, actions, button, plain

CARD = actions(
    button("ack", "INC-1:3"),
    {
        "type": "overflow",
        "action_id": "more",
        "options": [{"text": plain(v), "value": v} for v in ("assign", "snooze")],
    },
    {"type": "users_select", "action_id": "who"},
    block_id="card",
)


def payload(bot: Bot) -> Json:
    found: Json = json.loads(bot.last.form["payload"])
    return found


async def click(stage: Stage, ts: str, action_id: str = "ack", **more: Any) -> Json:
    return await stage.do("click", user="U0ALICE", channel="#incidents", ts=ts, action_id=action_id, **more)


async def test_a_click_reaches_the_bot_as_slack_shapes_it(stage: Stage) -> None:
    ts = await stage.post(blocks=[CARD])
    result = await click(stage, ts)
    assert (result["status"], result["body"]) == (200, "")
    assert result["elapsed_ms"] >= 0
    told = payload(stage.bot)
    assert (told["type"], told["user"]["id"], told["team"]["id"]) == ("block_actions", "U0ALICE", "T0SANDBOX")
    assert told["channel"] == {"id": "C0INCIDENTS", "name": "incidents"}
    assert told["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": "C0INCIDENTS",
        "is_ephemeral": False,
    }
    assert told["message"]["ts"] == ts
    assert told["state"]["values"] == {"card": {"who": {"type": "users_select", "selected_user": None}}}
    (action,) = told["actions"]
    assert (action["type"], action["action_id"], action["block_id"]) == ("button", "ack", "card")
    assert (action["value"], action["text"]) == ("INC-1:3", plain("Press"))
    assert {"trigger_id", "response_url", "api_app_id"} <= set(told)


async def test_everything_sent_is_signed_as_slack_signs(stage: Stage) -> None:
    await click(stage, await stage.post(blocks=[CARD]))
    received = stage.bot.last
    verifier = SignatureVerifier(SECRET)
    assert verifier.is_valid_request(received.raw, received.headers)
    base = f"v0:{received.headers['X-Slack-Request-Timestamp']}:".encode() + received.raw
    digest = hmac.new(SECRET.encode(), base, hashlib.sha256).hexdigest()
    assert received.headers["X-Slack-Signature"] == f"v0={digest}"


async def never(request: web.Request) -> web.StreamResponse:
    """Holds the request until the sandbox has given up on it."""
    async with asyncio.timeout(1):
        await asyncio.Event().wait()
    return web.Response()


async def test_a_choice_is_sent_and_remembered(stage: Stage) -> None:
    ts = await stage.post(blocks=[CARD])
    await click(stage, ts, "more", value="snooze")
    assert payload(stage.bot)["actions"][0]["selected_option"] == {"text": plain("snooze"), "value": "snooze"}
    await click(stage, ts, "who", value="U0BOB")
    told = payload(stage.bot)
    assert told["actions"][0]["selected_user"] == "U0BOB"
    assert told["state"]["values"]["card"]["who"]["selected_user"] == "U0BOB"


@pytest.mark.parametrize(
    ("act", "status"),
    [
        ({"action_id": "nothing"}, 404),
        ({"action_id": "ack", "block_id": "other"}, 404),
        ({"action_id": "ack", "ts": "1.000000"}, 404),
        ({"action_id": "ack", "user": "U0NOBODY"}, 404),
        ({"action_id": "ack", "channel": "#nowhere"}, 404),
        ({"action_id": "more", "value": "explode"}, 409),
        ({"action_id": "more"}, 409),
        ({"action_id": "who", "value": "U0NOBODY"}, 409),
        ({"action_id": ""}, 422),
        ({"action_id": "ack", "ts": None}, 422),
    ],
)
async def test_what_cannot_be_clicked_is_refused_and_not_sent(stage: Stage, act: Json, status: int) -> None:
    ts = await stage.post(blocks=[CARD])
    given = {"user": "U0ALICE", "channel": "#incidents", "ts": ts, **act}
    got, answer = await stage.attempt("click", **given)
    assert (got, bool(answer["error"])) == (status, True)
    assert stage.bot.received == []


async def test_a_deleted_message_cannot_be_clicked(stage: Stage) -> None:
    ts = await stage.post(blocks=[CARD])
    await stage.client.chat_delete(channel="C0INCIDENTS", ts=ts)
    given = {"user": "U0ALICE", "channel": "#incidents", "ts": ts, "action_id": "ack"}
    assert (await stage.attempt("click", **given))[0] == 409


async def test_a_stale_click_carries_what_an_older_rendering_showed(stage: Stage) -> None:
    ts = await stage.post(blocks=[CARD])
    await stage.client.chat_update(channel="C0INCIDENTS", ts=ts, text="done", blocks=[{"type": "divider"}])
    given = {"user": "U0ALICE", "channel": "#incidents", "ts": ts, "action_id": "ack"}
    assert (await stage.attempt("click", **given))[0] == 404
    assert (await stage.attempt("click", **given, raw_value="INC-1:2"))[0] == 200
    assert payload(stage.bot)["actions"][0]["value"] == "INC-1:2"
    assert (await stage.attempt("click", **given | {"action_id": "never"}, raw_value="x"))[0] == 404


async def test_a_button_in_an_attachment_can_be_clicked(stage: Stage) -> None:
    ts = await stage.post(attachments=[{"color": "#f00", "fallback": "x", "blocks": [CARD]}])
    await click(stage, ts)
    container = payload(stage.bot)["container"]
    assert (container["type"], container["attachment_id"]) == ("message_attachment", 1)


async def test_a_bot_that_does_not_acknowledge_in_time_has_failed(stage: Stage) -> None:
    ts = await stage.post(blocks=[CARD])
    stage.bot.answer = never
    result = await click(stage, ts)
    assert result["status"] == 0
    assert "did not acknowledge within 0.25 s" in result["body"]
    assert result["elapsed_ms"] >= 250


async def test_a_bot_that_is_away_or_answers_badly_is_told_as_it_is(stage: Stage, build: Any) -> None:
    ts = await stage.post(blocks=[CARD])
    stage.bot.answers(status=500, text="oops")
    assert await click(stage, ts) | {"elapsed_ms": 0} == {"status": 500, "elapsed_ms": 0, "body": "oops"}
    away = await build(app_url="http://127.0.0.1:1")
    ts = await away.post(blocks=[CARD])
    result = await click(away, ts)
    assert result["status"] == 0
    assert "could not reach the bot" in result["body"]


async def test_a_redirect_is_not_followed(stage: Stage) -> None:
    async def elsewhere(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("http://example.com/")

    stage.bot.answer = elsewhere
    assert (await click(stage, await stage.post(blocks=[CARD])))["status"] == 302


# Commands


async def test_a_command_reaches_the_bot_as_slack_shapes_it(stage: Stage) -> None:
    await stage.do("command", user="bob", channel="incidents", command="/incident", text="ack INC-1")
    form = stage.bot.last.form
    assert (form["command"], form["text"]) == ("/incident", "ack INC-1")
    assert (form["user_id"], form["user_name"]) == ("U0BOB", "bob")
    assert (form["channel_id"], form["channel_name"]) == ("C0INCIDENTS", "incidents")
    assert {"team_id", "trigger_id", "response_url", "api_app_id"} <= set(form)
    assert stage.bot.last.headers["Content-Type"] == "application/x-www-form-urlencoded"


async def test_names_in_a_command_are_escaped(stage: Stage) -> None:
    text = "assign @bob #general @oncall a@b.c <@U0ALICE> @nobody"
    await stage.do("command", user="bob", channel="incidents", command="/incident", text=text)
    assert stage.bot.last.form["text"] == (
        "assign <@U0BOB|bob> <#C0GENERAL|general> <!subteam^S0ONCALL|@oncall> a@b.c <@U0ALICE> @nobody"
    )


@pytest.mark.parametrize(
    ("response", "shown"),
    [
        ({"text": "for you"}, "for you"),
        ({"json": {"text": "for you"}}, "for you"),
        ({"json": {"response_type": "ephemeral", "text": "x", "blocks": [{"type": "divider"}]}}, "x"),
    ],
)
async def test_the_acknowledgement_of_a_command_is_shown_to_its_person(
    stage: Stage, response: Json, shown: str
) -> None:
    stage.bot.answers(**response)
    await stage.do("command", user="alice", channel="incidents", command="/incident", text="")
    assert [m["text"] for m in await stage.ephemerals()] == [shown]
    assert await stage.messages() == []


async def test_an_acknowledgement_in_channel_is_shown_to_all(stage: Stage) -> None:
    stage.bot.answers(json={"response_type": "in_channel", "text": "for all"})
    result = await stage.do("command", user="alice", channel="incidents", command="/incident", text="")
    assert result["body"] == {"response_type": "in_channel", "text": "for all"}
    assert [m["text"] for m in await stage.messages()] == ["for all"]


async def test_an_acknowledgement_with_bad_blocks_is_refused_visibly(stage: Stage) -> None:
    stage.bot.answers(json={"text": "x", "blocks": [{"type": "nonsense"}]})
    result = await stage.do("command", user="alice", channel="incidents", command="/incident", text="")
    assert "invalid_blocks" in result["ack_error"]
    assert "json-pointer:/blocks/0/type" in result["ack_error"]


async def test_a_failed_command_is_told_to_its_person(stage: Stage) -> None:
    stage.bot.answers(status=404)
    await stage.do("command", user="alice", channel="incidents", command="/incident", text="")
    (told,) = await stage.ephemerals()
    assert (told["user"], told["text"]) == ("USLACKBOT", '/incident failed with the error "dispatch_failed"')


# Shortcuts


async def test_a_shortcut_is_global_or_on_a_message(stage: Stage) -> None:
    await stage.do("shortcut", user="alice", callback_id="declare")
    told = payload(stage.bot)
    assert (told["type"], told["callback_id"]) == ("shortcut", "declare")
    assert "channel" not in told
    ts = await stage.post(text="look")
    await stage.do("shortcut", user="alice", callback_id="add", channel="#incidents", ts=ts)
    told = payload(stage.bot)
    assert (told["type"], told["message"]["text"], told["message_ts"]) == ("message_action", "look", ts)
    assert told["response_url"].startswith(f"{stage.url}/response/")


# response_url


async def respond(stage: Stage, url: str, **given: Any) -> tuple[int, str]:
    async with stage.http.post(url, json=given) as response:
        return response.status, await response.text()


async def clicked(stage: Stage) -> tuple[str, str]:
    """(ts of a message, response_url of a click on it)"""
    ts = await stage.post(text="old", blocks=[CARD])
    await click(stage, ts)
    return ts, payload(stage.bot)["response_url"]


async def test_a_response_answers_one_person_or_all(stage: Stage) -> None:
    _, url = await clicked(stage)
    assert await respond(stage, url, text="for you") == (200, "ok")
    assert await respond(stage, url, text="for all", response_type="in_channel") == (200, "ok")
    assert [m["text"] for m in await stage.ephemerals()] == ["for you"]
    assert [m["text"] for m in await stage.messages()] == ["old", "for all"]


async def test_a_response_replaces_or_deletes_the_message(stage: Stage) -> None:
    ts, url = await clicked(stage)
    await respond(stage, url, text="new", replace_original=True)
    (message,) = await stage.messages()
    assert (message["ts"], message["text"], message["blocks"]) == (ts, "new", [])
    await respond(stage, url, delete_original=True)
    assert [m["deleted"] for m in await stage.messages()] == [True]
    assert (await respond(stage, url, text="x", replace_original=True))[0] == 400


async def test_a_response_replaces_an_ephemeral_message_too(stage: Stage) -> None:
    answer = await stage.client.chat_postEphemeral(channel="#incidents", user="U0ALICE", text="?", blocks=[CARD])
    await click(stage, answer["message_ts"])
    told = payload(stage.bot)
    assert told["container"]["is_ephemeral"] is True
    await respond(stage, told["response_url"], text="!", replace_original=True)
    assert [m["text"] for m in await stage.ephemerals()] == ["!"]
    await respond(stage, told["response_url"], delete_original=True)
    assert await stage.ephemerals() == []


async def test_nobody_else_can_click_an_ephemeral_message(stage: Stage) -> None:
    answer = await stage.client.chat_postEphemeral(channel="#incidents", user="U0BOB", text="?", blocks=[CARD])
    given = {"user": "U0ALICE", "channel": "#incidents", "ts": answer["message_ts"], "action_id": "ack"}
    assert (await stage.attempt("click", **given))[0] == 404


async def test_a_response_url_works_five_times(stage: Stage) -> None:
    _, url = await clicked(stage)
    assert [(await respond(stage, url, text="x"))[0] for _ in range(6)] == [200] * 5 + [404]
    assert "used_url" in (await respond(stage, url, text="x"))[1]


async def test_a_response_url_works_for_thirty_minutes(stage: Stage) -> None:
    _, url = await clicked(stage)
    stage.clock.advance(1799)
    assert (await respond(stage, url, text="x"))[0] == 200
    stage.clock.advance(2)
    assert (await respond(stage, url, text="x"))[0] == 404


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
    ],
)
async def test_a_bad_response_is_refused(stage: Stage, given: Json, error: str) -> None:
    _, url = await clicked(stage)
    status, body = await respond(stage, url, **given)
    assert (status, json.loads(body)["error"]) == (400, error)


# Triggers


VIEW = {"type": "modal", "title": plain("Hi"), "blocks": [{"type": "divider"}]}


async def open_error(stage: Stage, trigger_id: str) -> str:
    with pytest.raises(SlackApiError) as error:
        await stage.client.views_open(trigger_id=trigger_id, view=VIEW)
    return str(error.value.response["error"])


async def test_a_trigger_lives_three_seconds(stage: Stage) -> None:
    trigger = await stage.trigger()
    stage.clock.advance(3.5)
    assert await open_error(stage, trigger) == "expired_trigger_id"


async def test_a_trigger_works_once(stage: Stage) -> None:
    trigger = await stage.trigger()
    await stage.client.views_open(trigger_id=trigger, view=VIEW)
    assert await open_error(stage, trigger) == "exchanged_trigger_id"


async def test_a_trigger_that_was_never_given_is_invalid(stage: Stage) -> None:
    assert await open_error(stage, "1.2.3") == "invalid_trigger_id"
