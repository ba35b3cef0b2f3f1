"""What people write below a card, edit, delete and pin; and the shortcut by which they add a message to an incident."""

import asyncio
import itertools
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestServer

from bot.blocks.card import card
from bot.blocks.clicks import choice_value
from bot.listeners import add_to_incident, threads
from bot.signature import sign
from db import tables, thread_tables
from incidents.actions.unmerge import unmerge
from incidents.model import Actor, Event, EventKind
from incidents.policy import Policy
from jobs.forgetting import forget_old
from tests.integration.bot.workspace import ALICE, BOB, SECRET, Json, Workspace
from tests.integration.sandbox.stage import eventually

CHANNEL = "C0INCIDENTS"
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _with_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a loaded machine: what is left undone for want of time is not looked at here."""
    monkeypatch.setattr(add_to_incident, "_LOOK_SECONDS", 60.0)
    monkeypatch.setattr(add_to_incident, "_CHECK_SECONDS", 60.0)
    monkeypatch.setattr(threads, "_FETCH_SECONDS", 60.0)


@pytest.fixture
def slack(workspace_anywhere: Workspace) -> Workspace:
    return workspace_anywhere


async def a_card(slack: Workspace, **given: Any) -> tuple[int, str]:
    """(an incident's id, its card's ts)"""
    incident_id = await slack.has_incident(**given)
    return incident_id, await slack.show_card(incident_id)


async def reply(slack: Workspace, thread: str, text: str = "rolled back", *, user: str = ALICE, **given: Any) -> str:
    told = await slack.do("say", user=user, channel="#incidents", text=text, thread_ts=thread, **given)
    if told["status"] == 503:  # on a loaded machine: Slack sends it again at once
        await eventually(lambda: is_heard(slack, told["event_id"]), within=30)
    return str(told["ts"])


async def is_heard(slack: Workspace, event_id: str) -> bool:
    async with slack.engines.read.connect() as connection:
        return event_id in (await connection.execute(sa.select(thread_tables.slack_events.c.event_id))).scalars().all()


async def notes(slack: Workspace, incident_id: int) -> list[Event]:
    """What the timeline tells of messages."""
    kinds = {EventKind.NOTED, EventKind.NOTE_EDITED, EventKind.NOTE_DELETED, EventKind.TIMELINE_ENTRY}
    return [event for event in await slack.events(incident_id) if event.kind in kinds]


async def kinds(slack: Workspace, incident_id: int) -> list[str]:
    return [event.kind.value for event in await notes(slack, incident_id)]


async def shown(slack: Workspace, incident_id: int) -> str:
    """The card as it is now."""
    view = await slack.doors.real.read(lambda uow: uow.views.incident(incident_id))
    return json.dumps(card(view, reopen_window=Policy().reopen_window).blocks, ensure_ascii=False)


async def thread_entries(slack: Workspace) -> list[str]:
    async with slack.engines.read.connect() as connection:
        found = await connection.execute(sa.select(tables.outbox.c.subject).where(tables.outbox.c.kind == "thread"))
        return list(found.scalars())


def a_reply(thread: str, ts: str, text: str = "hi", *, user: str = ALICE, **given: Any) -> Json:
    """The event, as Slack shapes it."""
    told = {"type": "message", "channel": CHANNEL, "user": user, "text": text, "ts": ts, "thread_ts": thread}
    return {**told, "parent_user_id": "U0BONGSU", "event_ts": ts, "channel_type": "channel", **given}


def an_edit(thread: str, ts: str, text: str, *, at: str, **given: Any) -> Json:
    message = a_reply(thread, ts, text, **given) | {"edited": {"user": ALICE, "ts": at}}
    told = {"type": "message", "subtype": "message_changed", "channel": CHANNEL, "ts": at, "event_ts": at}
    return told | {"hidden": True, "message": message}


def a_deletion(thread: str, ts: str, *, at: str) -> Json:
    told = {"type": "message", "subtype": "message_deleted", "channel": CHANNEL, "ts": at, "event_ts": at}
    return told | {"hidden": True, "deleted_ts": ts, "previous_message": a_reply(thread, ts)}


async def tell(slack: Workspace, event: Json, *, event_id: str = "", bot: TestServer | None = None, **more: Any) -> int:
    """A signed event straight to a bot, which has not seen its body before; the status."""
    number = next(_numbers)
    payload = {"type": "event_callback", "team_id": "T0SANDBOX", "event_id": event_id or f"Ev{number}", "event": event}
    body, at = json.dumps(payload | {"event_context": str(number)} | more).encode(), str(int(time.time()))
    signed = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": sign(at, body, secret=SECRET)}
    headers = {**signed, "Content-Type": "application/json"}
    url = (bot or slack.bot).make_url("/slack/events")
    async with slack.http.post(url, data=BytesIO(body), headers=headers) as response:
        return response.status


@contextmanager
def statements(slack: Workspace) -> Iterator[list[str]]:
    """All that is said to the database meanwhile."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    engines = {slack.engines.write.sync_engine, slack.engines.read.sync_engine}
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", note)
    yield said
    for engine in engines:
        sa.event.remove(engine, "before_cursor_execute", note)


# ---- replies ----------------------------------------------------------------------------------------------------


async def test_a_reply_is_a_note_with_who_and_where_and_is_not_told_again(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    ts = await reply(slack, thread, "rolled back &amp; <@U0BOB> watches", user=BOB)
    [note] = await notes(slack, incident_id)
    assert (note.kind, note.actor) == (EventKind.NOTED, BOB)
    assert note.data["text"] == "rolled back & @Bob Park watches"
    assert (note.data["channel"], note.data["ts"]) == (CHANNEL, ts)
    assert note.data["link"].endswith(f"/archives/{CHANNEL}/p{ts.replace('.', '')}?thread_ts={thread}&cid={CHANNEL}")
    assert "rolled back &amp; @Bob Park watches" in await shown(slack, incident_id)
    assert await thread_entries(slack) == []
    assert slack.counted(kind="event", name="message", outcome="done") == 1


async def test_the_card_is_shown_anew_in_its_turn(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    await reply(slack, thread)
    async with slack.engines.read.connect() as connection:
        [row] = (await connection.execute(sa.select(tables.outbox))).mappings()
    assert (row["incident_id"], row["desired_rev"], row["sent_rev"], row["priority"]) == (incident_id, 2, 1, 3)
    assert row["due_at"] is not None


async def test_a_resolved_incidents_thread_takes_notes(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    await slack.click(thread, "incident_resolve")
    await reply(slack, thread, "it was the cache")
    [note] = await notes(slack, incident_id)
    assert note.data["text"] == "it was the cache"


async def test_what_is_said_below_a_merged_one_is_on_the_other_too_as_long_as_it_is_merged(slack: Workspace) -> None:
    """Where people look; but it stands in one thread already, so in the other no entry tells it."""
    parent_id, _ = await a_card(slack, key="parent", title="Checkout")
    child_id, thread = await a_card(slack)
    await slack.command(f"merge {(await slack.incident(child_id)).number} {(await slack.incident(parent_id)).number}")
    before = await thread_entries(slack)
    ts = await reply(slack, thread, "it is the databse", user=BOB)
    await slack.do("edit", user=BOB, channel="#incidents", ts=ts, text="it is the database")
    for incident_id in (parent_id, child_id):
        assert await kinds(slack, incident_id) == ["noted", "note_edited"]
    assert f"<@{BOB}>: it is the database (edited)" in await shown(slack, parent_id)
    await slack.do("delete", channel="#incidents", ts=ts)
    assert "database" not in await shown(slack, parent_id)
    assert await thread_entries(slack) == before
    await slack.doors.real.write(lambda uow: unmerge(child_id, by=Actor.slack(BOB), uow=uow))
    await reply(slack, thread, "all mine", user=BOB)
    assert (await kinds(slack, child_id))[-1] == "noted"
    assert (await kinds(slack, parent_id))[-1] == "note_deleted"


async def test_an_edit_is_followed_and_the_first_words_stay_on_record(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    ts = await reply(slack, thread, "it is the databse")
    await slack.do("edit", user=ALICE, channel="#incidents", ts=ts, text="it is the database")
    noted, edited = await notes(slack, incident_id)
    assert (noted.data["text"], noted.data["edited"]) == ("it is the database", True)
    assert (edited.kind, edited.data["of"], edited.data["now"]) == (
        EventKind.NOTE_EDITED,
        noted.id,
        "it is the database",
    )
    assert noted.id is not None
    raw = await slack.doors.real.read(lambda uow: uow.timeline.get(noted.id or 0))
    assert raw.data["text"] == "it is the databse"
    assert "it is the database (edited)" in await shown(slack, incident_id)
    assert "it is the database (edited)" in await slack.command("show 1")


async def test_a_deleted_reply_gives_way_to_the_note_before_it(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    await reply(slack, thread, "first")
    ts = await reply(slack, thread, "secret")
    await slack.do("delete", channel="#incidents", ts=ts)
    assert await kinds(slack, incident_id) == ["noted", "noted", "note_deleted"]
    assert "first" in await shown(slack, incident_id)
    told = await slack.command("show 1")
    assert "secret" not in told
    assert f"<@{ALICE}> wrote something that is deleted by now" in told
    assert f"A message by <@{ALICE}> was deleted in Slack" in told


async def test_more_deleted_replies_than_are_looked_through_hide_no_older_note(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    await reply(slack, thread, "the oldest")
    for number in range(12):
        ts = await reply(slack, thread, f"no {number}")
        await slack.do("delete", channel="#incidents", ts=ts)
    assert "the oldest" in await shown(slack, incident_id)


async def test_an_edit_after_the_deletion_changes_nothing(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    ts = await reply(slack, thread, "gone")
    await slack.do("delete", channel="#incidents", ts=ts)
    assert await tell(slack, an_edit(thread, ts, "back", at="9999999999.000001")) == 200
    assert await kinds(slack, incident_id) == ["noted", "note_deleted"]
    assert "back" not in await shown(slack, incident_id)


async def test_what_comes_before_the_message_itself_stands(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    await tell(slack, an_edit(thread, "1700000000.000001", "newest", at="1700000000.000009"))
    await tell(slack, an_edit(thread, "1700000000.000001", "older", at="1700000000.000005"))
    await tell(slack, a_reply(thread, "1700000000.000001", "oldest"))
    await tell(slack, a_deletion(thread, "1700000000.000002", at="1700000000.000003"))
    await tell(slack, a_reply(thread, "1700000000.000002", "never to be seen"))
    assert [event.data["text"] for event in await notes(slack, incident_id)] == ["newest"]


async def test_a_link_that_unfolds_is_no_edit(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    ts = await reply(slack, thread, "see <https://example.com>")
    unfolded = an_edit(thread, ts, "see <https://example.com>", at="9999999999.000001")
    del unfolded["message"]["edited"]
    await tell(slack, unfolded)
    await tell(slack, an_edit(thread, ts, "see <https://example.com>", at="9999999999.000002"))
    assert await kinds(slack, incident_id) == ["noted"]


async def test_forty_thousand_characters_are_kept_in_part_and_the_rest_is_linked(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    ts = await reply(slack, thread, "<@U0BOB> & & &amp; 가나 " * 1700 + "x" * 2600)
    [note] = await notes(slack, incident_id)
    assert 2490 < len(note.data["text"]) <= 2500
    assert note.data["clipped"] is True
    told = await shown(slack, incident_id)
    assert f"p{ts.replace('.', '')}" in told
    assert "|the rest is in Slack>" in told
    assert "<@U0BOB>" not in told


async def test_an_edit_of_forty_thousand_characters_is_taken_in_full(slack: Workspace) -> None:
    """As Slack sends it: before and after, as text and as blocks, with every character escaped."""
    incident_id, thread = await a_card(slack)
    words = "🔥" * 40_000
    event = an_edit(thread, "1700000000.000001", words, at="1700000000.000002", blocks=[{"text": words}])
    assert await tell(slack, event | {"previous_message": event["message"]}) == 200
    [note] = await notes(slack, incident_id)
    assert note.data["text"] == "🔥" * 2499 + "…"


async def test_files_are_counted_and_linked(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    told = await slack.do("say", user=ALICE, channel="#incidents", thread_ts=thread, files=2)
    assert told["status"] == 200
    assert await kinds(slack, incident_id) == ["noted"]
    assert "|2 files>" in await shown(slack, incident_id)


async def test_a_reply_that_also_went_to_the_channel_counts_once(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    ts = await reply(slack, thread, "for all", broadcast=True)
    await tell(slack, a_reply(thread, ts, "for all"))
    assert await kinds(slack, incident_id) == ["noted"]


async def test_a_card_that_was_posted_anew_has_two_threads(slack: Workspace) -> None:
    incident_id, old = await a_card(slack)

    async def lose(uow: Any) -> None:
        await uow.outbox.touch_cards([incident_id], priority=0)
        job = await uow.publishing.claim(holder="test")
        await uow.publishing.post_anew(job)
        job = await uow.publishing.claim(holder="test")
        assert job.ts is None
        await uow.publishing.sent(job, channel_id=CHANNEL, ts="1700000000.000042", rev=job.rev)

    await slack.doors.real.write(lose)
    await reply(slack, old, "below the old one")
    await tell(slack, a_reply("1700000000.000042", "1700000000.000043", "below the new one"))
    told = [event.data["text"] for event in await notes(slack, incident_id)]
    assert told == ["below the old one", "below the new one"]


async def test_what_apps_say_and_what_stands_elsewhere_is_no_note(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    other = str((await slack.do("say", user=BOB, channel="#incidents", text="lunch?"))["ts"])
    await reply(slack, other, "yes")
    await slack.client.chat_postMessage(channel="#incidents", text="from us", thread_ts=thread)
    app = {"user": "U0DEPLOY", "bot_id": "B0DEPLOY"}
    for event in (
        a_reply(thread, "1700000000.000001", **app),
        a_reply(thread, "1700000000.000002", user="U0BONGSU", bot_id="B0BONGSU"),
        a_reply(thread, "1700000000.000003", subtype="bot_message"),
        a_reply(thread, "1700000000.000004", subtype="channel_join"),
        a_reply("1600000000.000001", "1700000000.000005"),
        {"type": "message", "message": {"thread_ts": thread}, "channel": CHANNEL, "hidden": True},
        {"type": "message", "channel": {"id": CHANNEL}, "user": [ALICE], "ts": 1, "thread_ts": None},
        {"type": "message", "subtype": "message_changed", "channel": CHANNEL, "message": None},
        {"type": "message", "subtype": "message_deleted", "channel": CHANNEL, "deleted_ts": "17.1"},
        {"type": "reaction_added", "reaction": "pushpin", "item": "x", "user": ALICE},
    ):
        assert await tell(slack, event) == 200
    assert await notes(slack, incident_id) == []


# ---- once -------------------------------------------------------------------------------------------------------


async def test_the_same_event_three_times_has_one_effect(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    other = await slack.another_bot()
    event = a_reply(thread, "1700000000.000001", "once")
    for bot in (slack.bot, other, slack.bot):
        assert await tell(slack, event, event_id="Ev1", bot=bot) == 200
    assert await kinds(slack, incident_id) == ["noted"]
    assert slack.counted(kind="event", name="message", outcome="duplicate") == 2


async def test_a_pin_that_is_sent_again_is_not_put_back(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    ts = await reply(slack, thread)
    told = {"user": ALICE, "reaction": "pushpin", "item": {"type": "message", "channel": CHANNEL, "ts": ts}}
    for kind, at in (("reaction_added", 1), ("reaction_removed", 2), ("reaction_added", 1)):
        await tell(slack, {**told, "type": kind, "event_ts": f"1700000000.00000{at}"}, event_id=f"Ev{at}")
    assert await kinds(slack, incident_id) == ["noted", "timeline_entry", "note_deleted"]


async def test_two_processes_at_once_follow_an_event_once(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    other = await slack.another_bot()
    event = a_reply(thread, "1700000000.000001", "once")
    bots = [slack.bot, other] * 5
    statuses = await asyncio.gather(*(tell(slack, event, event_id="Ev1", bot=bot) for bot in bots))
    assert statuses == [200] * 10
    assert await kinds(slack, incident_id) == ["noted"]


async def test_two_processes_at_once_that_hear_of_edit_and_message_agree(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    other = await slack.another_bot()
    events = [
        a_reply(thread, "1700000000.000001", "old"),
        an_edit(thread, "1700000000.000001", "new", at="1700000001.0"),
    ]
    await asyncio.gather(*(tell(slack, one, bot=bot) for one in events for bot in (slack.bot, other)))
    first = (await notes(slack, incident_id))[0]
    assert (first.kind, first.data["text"]) == (EventKind.NOTED, "new")


async def test_while_the_database_is_away_slack_is_to_send_it_again(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    event = a_reply(thread, "1700000000.000001", "later")
    slack.doors.shut()
    assert await tell(slack, event, event_id="Ev1") == 503
    slack.doors.trouble = None
    assert await tell(slack, event, event_id="Ev1") == 200
    assert await kinds(slack, incident_id) == ["noted"]


async def test_a_reply_to_what_may_be_a_card_in_a_moment_is_asked_for_again(slack: Workspace) -> None:
    incident_id = await slack.has_incident()
    thread = await slack.post_card(incident_id)
    assert await tell(slack, a_reply(thread, "1700000000.000001"), event_id="Ev1") == 503
    old = f"{time.time() - 61:.6f}"
    assert await tell(slack, a_reply(old, "1700000000.000002")) == 200


async def test_four_hundred_messages_about_other_things_cost_no_statement(slack: Workspace) -> None:
    """But for those below a message of ours that is no card: one look each."""
    incident_id, thread = await a_card(slack)
    talk = {"type": "message", "channel": CHANNEL, "user": ALICE, "text": "hello"}
    foreign = [
        *({**talk, "ts": f"17.{number}"} for number in range(160)),
        *(a_reply("16.1", f"17.{number}", parent_user_id=BOB) for number in range(120)),
        *(a_reply(thread, f"17.{number}", bot_id="B0CI") for number in range(80)),
        *(
            {
                "type": "reaction_added",
                "user": ALICE,
                "reaction": "eyes",
                "item": {"type": "message"},
                "event_ts": "1.1",
            }
            for _ in range(40)
        ),
    ]
    with statements(slack) as said:
        for start in range(0, len(foreign), 100):
            answered = await asyncio.gather(*(tell(slack, event) for event in foreign[start : start + 100]))
            assert set(answered) == {200}
        assert said == []
        assert await tell(slack, a_reply("16.1", "17.1")) == 200
        assert said
        assert not [one for one in said if one.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))]
    assert await notes(slack, incident_id) == []


async def test_events_are_forgotten_after_a_day(slack: Workspace) -> None:
    _, thread = await a_card(slack)
    await reply(slack, thread)
    await forget_old(slack.doors.real)
    assert await rows(slack, thread_tables.slack_events) == 1
    async with slack.engines.write.begin() as connection:
        heard_at = (await connection.execute(sa.select(thread_tables.slack_events.c.received_at))).scalar_one()
        ago = heard_at - timedelta(days=2)
        await connection.execute(sa.update(thread_tables.slack_events).values(received_at=ago))
    await forget_old(slack.doors.real)
    assert await rows(slack, thread_tables.slack_events) == 0


async def rows(slack: Workspace, table: sa.Table) -> int:
    async with slack.engines.read.connect() as connection:
        return int((await connection.execute(sa.select(sa.func.count()).select_from(table))).scalar_one())


# ---- 📌 ---------------------------------------------------------------------------------------------------------


async def pin(slack: Workspace, ts: str, *, user: str = ALICE, name: str = "pushpin", remove: bool = False) -> None:
    told = await slack.do("react", user=user, channel="#incidents", ts=ts, name=name, remove=remove)
    assert told["status"] == 200, told


async def test_a_pinned_reply_is_on_the_timeline_once_however_many_pin_it(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    ts = await reply(slack, thread, "root cause: the cache", user=BOB)
    await pin(slack, ts, name="eyes")
    await pin(slack, ts, user=ALICE)
    await pin(slack, ts, user=BOB)
    _, entry = await notes(slack, incident_id)
    assert (entry.kind, entry.actor) == (EventKind.TIMELINE_ENTRY, ALICE)
    assert (entry.data["text"], entry.data["author"]) == ("root cause: the cache", BOB)
    assert ts.replace(".", "") in entry.data["link"]
    assert await thread_entries(slack) == []


async def test_it_goes_with_its_last_pin_and_comes_back_with_the_next(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    ts = await reply(slack, thread, "the cause", user=BOB)
    await pin(slack, ts, user=ALICE)
    await pin(slack, ts, user=BOB)
    await pin(slack, ts, user=ALICE, remove=True)
    assert await kinds(slack, incident_id) == ["noted", "timeline_entry"]
    await pin(slack, ts, user=BOB, remove=True)
    _, entry, gone = await notes(slack, incident_id)
    assert (gone.kind, gone.actor, gone.data["of"]) == (EventKind.NOTE_DELETED, BOB, entry.id)
    assert (entry.data.get("gone"), entry.data.get("text")) == (True, None)
    await pin(slack, ts, user=ALICE)
    _, entry, _, again = await notes(slack, incident_id)
    assert (entry.data["text"], again.kind, again.data["again"]) == ("the cause", EventKind.TIMELINE_ENTRY, True)


async def test_what_another_app_says_in_the_thread_can_be_pinned(slack: Workspace) -> None:
    """Slack tells the words of no message with a reaction: they are looked up."""
    incident_id, thread = await a_card(slack)
    told = await slack.do("say", user="USLACKBOT", channel="#incidents", text="deployed 1.2.3", thread_ts=thread)
    assert await notes(slack, incident_id) == []
    await pin(slack, told["ts"])
    [entry] = await notes(slack, incident_id)
    assert (entry.data["text"], entry.data["author"]) == ("deployed 1.2.3", "USLACKBOT")


async def test_pins_elsewhere_and_on_what_is_told_already_do_nothing(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    ours = await slack.client.chat_postMessage(channel="#incidents", text="acknowledged", thread_ts=thread)
    lunch = str((await slack.do("say", user=BOB, channel="#incidents", text="lunch?"))["ts"])
    general = str((await slack.do("say", user=BOB, channel="#general", text="hello"))["ts"])
    await pin(slack, thread)
    await pin(slack, str(ours["ts"]))
    await pin(slack, lunch)
    await slack.do("react", user=ALICE, channel="#general", ts=general, name="pushpin")
    assert await notes(slack, incident_id) == []
    calls = (await slack.see("calls", method="conversations.replies"))["calls"]
    assert [call["args"]["ts"] for call in calls] == [lunch]


async def test_a_pin_that_is_overtaken_by_its_removal_does_nothing(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    ts = await reply(slack, thread, "hm")
    told = {"user": ALICE, "reaction": "pushpin", "item": {"type": "message", "channel": CHANNEL, "ts": ts}}
    await tell(slack, {**told, "type": "reaction_removed", "event_ts": "1700000000.000002"})
    await tell(slack, {**told, "type": "reaction_added", "event_ts": "1700000000.000001"})
    assert await kinds(slack, incident_id) == ["noted"]


async def test_edits_and_the_deletion_of_a_pinned_message_are_told_once(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    ts = await reply(slack, thread, "the cuase")
    await pin(slack, ts)
    await slack.do("edit", user=ALICE, channel="#incidents", ts=ts, text="the cause")
    note, entry, _ = await notes(slack, incident_id)
    assert (note.data["text"], entry.data["text"]) == ("the cause", "the cause")
    await slack.do("delete", channel="#incidents", ts=ts)
    assert await kinds(slack, incident_id) == ["noted", "timeline_entry", "note_edited", "note_deleted"]
    await pin(slack, await reply(slack, thread), remove=False)
    assert all(one.data["gone"] for one in (await notes(slack, incident_id))[:2])


# ---- the shortcut -----------------------------------------------------------------------------------------------


async def the_form(slack: Workspace) -> Json:
    """It opens after the shortcut was acknowledged."""

    async def look() -> Json | None:
        views = (await slack.see("views", user=ALICE))["views"]
        return views[-1] if views else None

    found: Json = await eventually(look, within=30)
    return found


async def is_told(slack: Workspace) -> str:
    [told] = await eventually(slack.told, within=30)
    return str(told)


async def use_shortcut(slack: Workspace, ts: str, *, channel: str = "#incidents", user: str = ALICE) -> None:
    told = await slack.do("shortcut", user=user, callback_id="add_to_incident", channel=channel, ts=ts)
    assert told["status"] == 200, told


async def offered(slack: Workspace, words: str = "") -> list[str]:
    """What the form's search finds."""
    view = (await slack.see("views", user=ALICE))["views"][-1]
    asked = {"view_id": view["id"], "user": ALICE, "action_id": "incident", "value": words}
    answer = await slack.do("suggest", **asked)
    return [option["text"]["text"] for option in answer["body"]["options"]]


async def choice(slack: Workspace, incident_id: int) -> str:
    return choice_value(await slack.incident(incident_id))


def element(view: Json) -> Json:
    [found] = [block["element"] for block in view["blocks"] if block["type"] == "input"]
    return dict(found)


async def test_a_message_from_elsewhere_is_added_and_told_in_the_thread(slack: Workspace) -> None:
    incident_id, _ = await a_card(slack)
    said = await slack.do("say", user=BOB, channel="#general", text="I pushed <https://ci.example.com/9|build 9>")
    await use_shortcut(slack, said["ts"], channel="#general")
    view = await the_form(slack)
    assert (view["callback_id"], view["title"]["text"]) == ("add_to_incident", "Add to incident")
    assert await offered(slack) == ["INC-1 · CRITICAL · Checkout 5xx above 5 %"]
    assert "initial_option" not in element(view)
    await slack.submit({"incident": await choice(slack, incident_id)})
    [entry] = await notes(slack, incident_id)
    assert (entry.kind, entry.actor, entry.data["author"]) == (EventKind.TIMELINE_ENTRY, ALICE, BOB)
    assert entry.data["text"] == "I pushed build 9 (https://ci.example.com/9)"
    assert await thread_entries(slack) == [f"event:{entry.id}"]
    assert slack.counted(kind="shortcut", name="add_to_incident", outcome="done") == 1
    assert slack.counted(kind="modal", name="add_to_incident", outcome="done") == 1


async def test_below_a_card_its_incident_is_chosen_already_also_when_it_is_resolved(slack: Workspace) -> None:
    await slack.has_incident(key="other", title="Another")
    incident_id, thread = await a_card(slack)
    await slack.click(thread, "incident_resolve")
    ts = await reply(slack, thread, "the cause")
    await use_shortcut(slack, ts)
    view = await the_form(slack)
    assert element(view)["initial_option"]["value"] == await choice(slack, incident_id)
    assert [told.partition(" ")[0] for told in await offered(slack)] == ["INC-2", "INC-1"]
    assert [told.partition(" ")[0] for told in await offered(slack, "another")] == ["INC-1"]
    assert await offered(slack, "nothing like it") == []
    await slack.submit({})
    assert (await kinds(slack, incident_id))[-1] == "timeline_entry"
    assert len(await thread_entries(slack)) == 1  # that it was closed


async def test_a_message_that_is_there_already_is_refused_below_the_field(slack: Workspace) -> None:
    incident_id, thread = await a_card(slack)
    ts = await reply(slack, thread, "the cause")
    await pin(slack, ts)
    await use_shortcut(slack, ts)
    await the_form(slack)
    answer = await slack.submit({})
    assert "on its timeline already" in answer["body"]["errors"]["incident"]
    assert await kinds(slack, incident_id) == ["noted", "timeline_entry"]


async def test_without_an_open_incident_the_person_is_told(slack: Workspace) -> None:
    said = await slack.do("say", user=BOB, channel="#general", text="x")
    await use_shortcut(slack, said["ts"], channel="#general")
    assert await is_told(slack) == "No incident is open, so there is none to add this message to."


async def test_a_message_that_was_deleted_meanwhile_is_not_added(slack: Workspace) -> None:
    incident_id, _ = await a_card(slack)
    said = await slack.do("say", user=BOB, channel="#general", text="oops")
    await use_shortcut(slack, said["ts"], channel="#general")
    await the_form(slack)
    await offered(slack)
    await slack.do("delete", channel="#general", ts=said["ts"])
    answer = await slack.submit({"incident": await choice(slack, incident_id)})
    assert "deleted meanwhile" in answer["body"]["errors"]["incident"]
    assert await notes(slack, incident_id) == []


async def test_a_message_of_a_private_channel_says_who_will_read_it_and_is_taken_as_it_was_seen(
    slack: Workspace,
) -> None:
    incident_id, _ = await a_card(slack)
    await slack.do("channel", name="secret", private=True, bot_member=False)
    said = await slack.do("say", user=BOB, channel="#secret", text="it is the vendor")
    await use_shortcut(slack, said["ts"], channel="#secret")
    assert "whoever sees the incident will read it" in json.dumps(await the_form(slack))
    await offered(slack)
    await slack.submit({"incident": await choice(slack, incident_id)})
    [entry] = await notes(slack, incident_id)
    assert entry.data["text"] == "it is the vendor"


async def test_an_expired_trigger_is_told(slack: Workspace) -> None:
    await a_card(slack)
    said = await slack.do("say", user=BOB, channel="#general", text="x")
    await slack.do("faults", method="views.open", kind="error:expired_trigger_id")
    await use_shortcut(slack, said["ts"], channel="#general")
    assert "nothing was done" in await is_told(slack)
