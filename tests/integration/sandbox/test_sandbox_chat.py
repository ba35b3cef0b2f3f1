from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.integration.sandbox.stage import Json, Stage, actions, button, plain


async def refused(call: Any) -> Json:
    """What Slack answered to a call that it refused."""
    with pytest.raises(SlackApiError) as error:
        await call
    answer: Json = error.value.response.data
    return answer


async def error_of(call: Any) -> str:
    return str((await refused(call))["error"])


async def test_a_posted_message_is_there_as_it_was_sent(stage: Stage) -> None:
    ts = await stage.post(text="5 &lt; 6 <@U0ALICE>", blocks=[actions(button())])
    (message,) = await stage.messages("incidents")
    assert message["ts"] == ts
    assert message["channel"] == "C0INCIDENTS"
    assert message["user"] == "U0BONGSU"
    assert message["text"] == "5 &lt; 6 <@U0ALICE>"
    assert message["blocks"][0]["elements"] == [button()]
    assert (message["thread_ts"], message["edited"], message["deleted"]) == (None, None, False)


async def test_blocks_and_elements_without_ids_are_given_some(stage: Stage) -> None:
    await stage.post(blocks=[actions({"type": "button", "text": plain("x")})])
    (message,) = await stage.messages()
    assert message["blocks"][0]["block_id"]
    assert message["blocks"][0]["elements"][0]["action_id"]


async def test_timestamps_are_unique_and_rise_through_a_reset(stage: Stage) -> None:
    first = [await stage.post() for _ in range(20)]
    await stage.do("reset")
    second = [await stage.post() for _ in range(20)]
    stamps = first + second
    assert stamps == sorted(set(stamps))
    assert all(len(ts.split(".")[1]) == 6 for ts in stamps)


@pytest.mark.parametrize("encoding", ["json", "form", "query", "get"])
async def test_arguments_come_as_json_form_or_query(stage: Stage, encoding: str) -> None:
    blocks = '[{"type":"divider"}]'
    given = {"channel": "C0GENERAL", "text": "x", "blocks": blocks}
    url, auth = f"{stage.url}/api/chat.postMessage", {"Authorization": "Bearer xoxb-1"}
    if encoding == "json":
        request = stage.http.post(url, json=given, headers=auth)
    elif encoding == "form":
        request = stage.http.post(url, data={**given, "token": "xoxb-1"})
    elif encoding == "query":
        request = stage.http.post(url, params=given, headers=auth)
    else:
        request = stage.http.get(url, params={**given, "token": "xoxb-1"})
    async with request as response:
        assert (await response.json())["ok"] is True
    (message,) = await stage.messages("C0GENERAL")
    assert message["blocks"][0]["type"] == "divider"


async def test_no_token_or_a_wrong_one_is_refused(stage: Stage) -> None:
    url = f"{stage.url}/api/auth.test"
    for headers, error in [({}, "not_authed"), ({"Authorization": "Bearer abc"}, "invalid_auth")]:
        async with stage.http.post(url, headers=headers) as response:
            assert (await response.json())["error"] == error


async def test_a_token_inside_a_json_body_does_not_count(stage: Stage) -> None:
    async with stage.http.post(f"{stage.url}/api/auth.test", json={"token": "xoxb-1"}) as response:
        assert (await response.json())["error"] == "not_authed"


async def test_with_a_token_given_only_that_one_works(build: Any) -> None:
    stage = await build(bot_token="xoxb-other")
    assert await error_of(stage.client.auth_test()) == "invalid_auth"
    stage.client.token = "xoxb-other"
    assert (await stage.client.auth_test())["user_id"] == "U0BONGSU"


async def test_auth_test_says_who_and_with_which_scopes(stage: Stage) -> None:
    answer = await stage.client.auth_test()
    assert (answer["team_id"], answer["bot_id"]) == ("T0SANDBOX", "B0BONGSU")
    assert "chat:write" in answer.headers["x-oauth-scopes"]


async def test_a_revoked_token_is_refused_until_it_works_again(stage: Stage) -> None:
    await stage.do("token", valid=False)
    assert await error_of(stage.client.auth_test()) == "invalid_auth"
    await stage.do("token", valid=True)
    assert (await stage.client.auth_test())["ok"]


async def test_an_unknown_method_is_named(stage: Stage) -> None:
    assert await error_of(stage.client.api_call("chat.shout")) == "unknown_method"


async def test_a_missing_scope_says_which(build: Any) -> None:
    stage = await build(scopes=["chat:write"])
    answer = await refused(stage.client.users_info(user="U0BOB"))
    assert (answer["error"], answer["needed"], answer["provided"]) == (
        "missing_scope",
        "users:read",
        "chat:write",
    )


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "#nowhere"}, "channel_not_found"),
        ({"blocks": "[{"}, "invalid_blocks_format"),
        ({"blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        ({"attachments": [{"text": "x"}] * 101}, "too_many_attachments"),
        ({"attachments": [{"blocks": [{"type": "nonsense"}]}]}, "invalid_attachments"),
        ({"thread_ts": "1.000000"}, "thread_not_found"),
        ({"metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        ({"metadata": {"event_type": "x", "event_payload": []}}, "invalid_metadata_format"),
        ({"metadata": {"event_type": "x", "event_payload": {"a": "x" * 20_000}}}, "metadata_too_large"),
    ],
)
async def test_a_message_that_slack_refuses_is_refused_and_not_stored(stage: Stage, message: Json, error: str) -> None:
    given = {"channel": "#incidents", "text": "hi", **message}
    assert await error_of(stage.client.api_call("chat.postMessage", json=given)) == error
    assert await stage.messages() == []


async def test_a_refused_block_is_pointed_at(stage: Stage) -> None:
    blocks = [{"type": "section", "text": plain("x" * 3001)}]
    answer = await refused(stage.client.chat_postMessage(channel="#incidents", text="x", blocks=blocks))
    told = "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert answer["response_metadata"]["messages"] == [told]


async def test_an_archived_channel_takes_no_message(stage: Stage) -> None:
    await stage.do("channel", name="old", archived=True)
    assert await error_of(stage.client.chat_postMessage(channel="#old", text="x")) == "is_archived"


async def test_posting_without_membership_needs_chat_write_public(build: Any) -> None:
    stage = await build(scopes=["chat:write"])
    await stage.do("channel", name="general", bot_member=False)
    assert await error_of(stage.client.chat_postMessage(channel="C0GENERAL", text="x")) == "not_in_channel"
    allowed = await build(scopes=["chat:write", "chat:write.public"])
    await allowed.do("channel", name="general", bot_member=False)
    assert (await allowed.client.chat_postMessage(channel="C0GENERAL", text="x"))["ok"]


async def test_a_private_channel_without_the_bot_looks_absent(stage: Stage) -> None:
    await stage.do("channel", name="secret", private=True, bot_member=False)
    assert await error_of(stage.client.chat_postMessage(channel="#secret", text="x")) == "channel_not_found"


async def test_a_person_is_written_to_directly(stage: Stage) -> None:
    answer = await stage.client.chat_postMessage(channel="U0BOB", text="psst")
    opened = await stage.client.conversations_open(users="U0BOB")
    assert answer["channel"] == opened["channel"]["id"]


async def test_an_update_replaces_the_message_in_place(stage: Stage) -> None:
    ts = await stage.post(blocks=[actions(button())], metadata={"event_type": "e", "event_payload": {"a": 1}})
    await stage.client.chat_update(channel="C0INCIDENTS", ts=ts, text="new", blocks=[{"type": "divider"}])
    (message,) = await stage.messages()
    assert (message["ts"], message["text"]) == (ts, "new")
    assert [block["type"] for block in message["blocks"]] == ["divider"]
    assert message["edited"]["user"] == "U0BONGSU"
    assert message["metadata"]["event_payload"] == {"a": 1}


async def test_an_update_by_text_alone_removes_blocks_and_keeps_attachments(stage: Stage) -> None:
    ts = await stage.post(blocks=[{"type": "divider"}], attachments=[{"color": "#f00", "fallback": "x"}])
    await stage.client.chat_update(channel="C0INCIDENTS", ts=ts, text="new")
    (message,) = await stage.messages()
    assert message["blocks"] == []
    assert [one["color"] for one in message["attachments"]] == ["#f00"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"text": "x" * 4001}, "msg_too_long"),
        ({"ts": "1.000000"}, "message_not_found"),
        ({"channel": "#incidents"}, "channel_not_found"),
        ({"blocks": [{"type": "header", "text": plain("")}]}, "invalid_blocks"),
        ({"text": ""}, "no_text"),
    ],
)
async def test_an_update_that_slack_refuses_changes_nothing(stage: Stage, change: Json, error: str) -> None:
    ts = await stage.post(text="old")
    given = {"channel": "C0INCIDENTS", "ts": ts, "text": "new", **change}
    assert await error_of(stage.client.api_call("chat.update", json=given)) == error
    assert [m["text"] for m in await stage.messages()] == ["old"]


async def test_the_bot_changes_and_deletes_its_own_messages_only(stage: Stage) -> None:
    said = await stage.do("say", user="bob", channel="#incidents", text="mine")
    where = {"channel": said["channel"], "ts": said["ts"]}
    assert await error_of(stage.client.chat_update(**where, text="x")) == "cant_update_message"
    assert await error_of(stage.client.chat_delete(**where)) == "cant_delete_message"


@pytest.mark.parametrize("who", ["bot", "person"])
async def test_a_deleted_message_is_gone_for_the_bot_and_marked_for_checks(stage: Stage, who: str) -> None:
    ts = await stage.post()
    if who == "bot":
        await stage.client.chat_delete(channel="C0INCIDENTS", ts=ts)
    else:
        await stage.do("delete", channel="#incidents", ts=ts)
    update = stage.client.chat_update(channel="C0INCIDENTS", ts=ts, text="x")
    assert await error_of(update) == "message_not_found"
    assert [m["deleted"] for m in await stage.messages()] == [True]


async def test_an_ephemeral_message_is_seen_by_one_person_in_the_channel(stage: Stage) -> None:
    await stage.client.chat_postEphemeral(channel="#incidents", user="U0BOB", text="psst")
    assert [m["text"] for m in await stage.ephemerals("U0BOB")] == ["psst"]
    assert await stage.ephemerals("U0ALICE") == []
    assert await stage.messages() == []
    created = await stage.client.conversations_create(name="empty")
    call = stage.client.chat_postEphemeral(channel=created["channel"]["id"], user="U0BOB", text="x")
    assert await error_of(call) == "user_not_in_channel"


async def test_a_permalink_leads_into_the_sandbox(stage: Stage) -> None:
    ts = await stage.post()
    answer = await stage.client.chat_getPermalink(channel="C0INCIDENTS", message_ts=ts)
    assert answer["permalink"] == f"{stage.url}/archives/C0INCIDENTS/p{ts.replace('.', '')}"


async def test_a_second_post_within_a_second_is_rate_limited_when_asked(stage: Stage) -> None:
    await stage.do("limits", post_per_second=True)
    await stage.post()
    with pytest.raises(SlackApiError) as error:
        await stage.post()
    assert error.value.response.status_code == 429
    assert error.value.response.headers["Retry-After"] == "1"
    assert (await stage.client.chat_postMessage(channel="#general", text="x"))["ok"]
    stage.clock.advance(1.0)
    assert await stage.post()
    assert len(await stage.messages()) == 2
