from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.integration.sandbox.stage import Stage

METADATA = {"event_type": "bongsu", "event_payload": {"outbox_id": 7}}


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as error:
        await call
    return str(error.value.response["error"])


async def test_history_is_newest_first_without_what_stands_in_threads(stage: Stage) -> None:
    parent = await stage.post(text="parent")
    await stage.post(text="reply", thread_ts=parent)
    await stage.post(text="shouted", thread_ts=parent, reply_broadcast=True)
    await stage.post(text="later")
    answer = await stage.client.conversations_history(channel="C0INCIDENTS")
    assert [m["text"] for m in answer["messages"]] == ["later", "shouted", "parent"]
    assert answer["messages"][2]["reply_count"] == 2


async def test_replies_are_oldest_first_behind_their_parent(stage: Stage) -> None:
    parent = await stage.post(text="parent")
    reply = await stage.post(text="one", thread_ts=parent)
    await stage.post(text="two", thread_ts=reply)
    for ts in (parent, reply):
        answer = await stage.client.conversations_replies(channel="C0INCIDENTS", ts=ts)
        assert [m["text"] for m in answer["messages"]] == ["parent", "one", "two"]


async def test_replies_of_an_unknown_message_are_not_found(stage: Stage) -> None:
    call = stage.client.conversations_replies(channel="C0INCIDENTS", ts="1.000000")
    assert await error_of(call) == "thread_not_found"


async def test_a_deleted_parent_leaves_a_tombstone_as_long_as_it_has_replies(stage: Stage) -> None:
    parent = await stage.post()
    await stage.post(thread_ts=parent)
    lonely = await stage.post()
    for ts in (parent, lonely):
        await stage.client.chat_delete(channel="C0INCIDENTS", ts=ts)
    answer = await stage.client.conversations_history(channel="C0INCIDENTS")
    assert [m.get("subtype") for m in answer["messages"]] == ["tombstone"]
    assert await stage.post(thread_ts=parent)


@pytest.mark.parametrize("read", ["conversations_history", "conversations_replies"])
async def test_metadata_is_told_whole_only_when_asked(stage: Stage, read: str) -> None:
    ts = await stage.post(metadata=METADATA)
    where = {"channel": "C0INCIDENTS"} | ({"ts": ts} if read == "conversations_replies" else {})
    call = getattr(stage.client, read)
    assert (await call(**where))["messages"][0]["metadata"] == {"event_type": "bongsu"}
    answer = await call(**where, include_all_metadata=True)
    assert answer["messages"][0]["metadata"] == METADATA


async def test_oldest_and_latest_leave_their_own_out_unless_inclusive(stage: Stage) -> None:
    first, middle, last = [await stage.post(text=text) for text in "abc"]
    between = {"channel": "C0INCIDENTS", "oldest": first, "latest": last}
    answer = await stage.client.conversations_history(**between)
    assert [m["ts"] for m in answer["messages"]] == [middle]
    answer = await stage.client.conversations_history(**between, inclusive=True)
    assert [m["ts"] for m in answer["messages"]] == [last, middle, first]


async def test_history_comes_in_pages(stage: Stage) -> None:
    stamps = [await stage.post() for _ in range(5)]
    seen, cursor = [], None
    for _ in range(3):
        answer = await stage.client.conversations_history(channel="C0INCIDENTS", limit=2, cursor=cursor)
        seen += [m["ts"] for m in answer["messages"]]
        cursor = answer.get("response_metadata", {}).get("next_cursor")
        assert answer["has_more"] is bool(cursor)
    assert seen == stamps[::-1]
    call = stage.client.conversations_history(channel="C0INCIDENTS", cursor="nonsense")
    assert await error_of(call) == "invalid_cursor"


async def test_history_needs_membership(stage: Stage) -> None:
    await stage.do("channel", name="general", bot_member=False)
    assert await error_of(stage.client.conversations_history(channel="C0GENERAL")) == "not_in_channel"
    await stage.client.conversations_join(channel="C0GENERAL")
    assert (await stage.client.conversations_history(channel="C0GENERAL"))["messages"] == []


async def test_history_of_a_private_channel_needs_its_own_scope(build: Any) -> None:
    stage = await build(scopes=["channels:history"])
    answer = await stage.do("channel", name="secret", private=True)
    call = stage.client.conversations_history(channel=answer["channel"]["id"])
    assert await error_of(call) == "missing_scope"


async def test_channels_are_listed_made_and_joined(stage: Stage) -> None:
    created = await stage.client.conversations_create(name="inc-142")
    channel = created["channel"]["id"]
    await stage.client.conversations_invite(channel=channel, users=["U0ALICE", "U0BOB"])
    members = await stage.client.conversations_members(channel=channel)
    assert members["members"] == ["U0BONGSU", "U0ALICE", "U0BOB"]
    listed = await stage.client.conversations_list()
    assert [c["name"] for c in listed["channels"]] == ["incidents", "general", "inc-142"]
    info = await stage.client.conversations_info(channel=channel)
    assert info["channel"]["is_member"] is True
    assert await error_of(stage.client.conversations_create(name="inc-142")) == "name_taken"
    assert await error_of(stage.client.conversations_create(name="Inc 142")) == "invalid_name_specials"


async def test_people_and_groups_are_known(stage: Stage) -> None:
    user = await stage.client.users_info(user="U0ALICE")
    assert user["user"]["real_name"] == "Alice Kim"
    assert await error_of(stage.client.users_info(user="U0NOBODY")) == "user_not_found"
    found = await stage.client.users_lookupByEmail(email="bob@example.com")
    assert found["user"]["id"] == "U0BOB"
    listed = await stage.client.users_list()
    assert {"U0ALICE", "U0BOB", "U0CAROL"} <= {one["id"] for one in listed["members"]}
    groups = await stage.client.usergroups_list(include_users=True)
    assert [(g["id"], g["handle"], g["users"]) for g in groups["usergroups"]] == [
        ("S0ONCALL", "oncall", ["U0ALICE", "U0BOB"])
    ]
    members = await stage.client.usergroups_users_list(usergroup="S0ONCALL")
    assert members["users"] == ["U0ALICE", "U0BOB"]


async def test_reactions_pins_and_bookmarks_stay_once(stage: Stage) -> None:
    ts = await stage.post()
    mark = {"channel": "C0INCIDENTS", "timestamp": ts}
    await stage.client.reactions_add(**mark, name="eyes")
    assert await error_of(stage.client.reactions_add(**mark, name="eyes")) == "already_reacted"
    await stage.client.pins_add(**mark)
    assert await error_of(stage.client.pins_add(**mark)) == "already_pinned"
    await stage.client.bookmarks_add(channel_id="C0INCIDENTS", title="Runbook", type="link", link="https://example.com")
    state = await stage.see("state", user="U0ALICE")
    assert state["channels"][0]["bookmarks"][0]["title"] == "Runbook"
    assert (await stage.messages())[0]["reactions"] == {"eyes": ["U0BONGSU"]}


async def test_every_call_is_written_down_without_its_token(stage: Stage) -> None:
    await stage.post(text="hello")
    (call,) = (await stage.see("calls"))["calls"]
    assert (call["method"], call["http_status"], call["answer"]["ok"]) == ("chat.postMessage", 200, True)
    assert call["args"] == {"channel": "#incidents", "text": "hello"}
    assert call["at"] == pytest.approx(stage.clock.now(), abs=5)


async def test_the_page_state_has_threads_ephemerals_and_people(stage: Stage) -> None:
    parent = await stage.post(text="parent")
    await stage.post(text="reply", thread_ts=parent)
    await stage.client.chat_postEphemeral(channel="#incidents", user="U0ALICE", text="psst")
    state = await stage.see("state", user="U0ALICE")
    incidents = state["channels"][0]
    assert [(m["text"], m["ephemeral"]) for m in incidents["messages"]] == [("parent", False), ("psst", True)]
    assert [m["text"] for m in incidents["messages"][0]["replies"]] == ["reply"]
    assert state["commands"] == ["/incident"]
    assert (state["views"], state["home"]) == ([], None)
    others = (await stage.see("state", user="U0BOB"))["channels"][0]["messages"]
    assert [m["text"] for m in others] == ["parent"]
