"""What a person's click does, and what they are told when it does nothing."""

import asyncio
import json

from incidents.model import EventKind, Status
from tests.integration.bot.workspace import ALICE, BOB, Workspace


async def test_acknowledge_gives_the_incident_to_who_pressed_and_says_nothing_more(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    ts = await workspace.post_card(incident_id)
    answer = await workspace.click(ts, "incident_acknowledge")
    incident = await workspace.incident(incident_id)
    assert (answer["status"], answer["body"]) == (200, "")
    assert (incident.status, incident.acknowledged_by) == (Status.ACKNOWLEDGED, ALICE)
    assert await workspace.told() == []
    assert workspace.woken == [1]
    assert workspace.counted(kind="click", name="incident_acknowledge", outcome="done") == 1


async def test_of_two_who_acknowledge_the_second_is_told_who_was_first(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    ts = await workspace.post_card(incident_id)
    await workspace.click(ts, "incident_acknowledge", user=BOB)
    await workspace.click(ts, "incident_acknowledge", user=ALICE)
    [told] = await workspace.told(ALICE)
    assert told.startswith(f"Already acknowledged by <@{BOB}> just now")
    assert await workspace.told(BOB) == []
    assert (await workspace.incident(incident_id)).acknowledged_by == BOB


async def test_twenty_clicks_at_once_acknowledge_once(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    ts = await workspace.post_card(incident_id)
    await asyncio.gather(*(workspace.click(ts, "incident_acknowledge") for _ in range(20)))
    kinds = [event.kind for event in await workspace.events(incident_id)]
    assert kinds.count(EventKind.ACKNOWLEDGED) == 1


async def test_resolve_and_reopen_go_the_whole_way(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.click(await workspace.post_card(incident_id), "incident_resolve")
    assert (await workspace.incident(incident_id)).status is Status.RESOLVED
    await workspace.click(await workspace.post_card(incident_id), "incident_reopen")
    incident = await workspace.incident(incident_id)
    assert (incident.status, incident.episode) == (Status.ACTIVE, 2)


async def test_a_click_on_a_card_of_an_earlier_episode_changes_nothing(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    old = await workspace.post_card(incident_id)
    await workspace.click(old, "incident_resolve")
    await workspace.click(await workspace.post_card(incident_id), "incident_reopen")
    await workspace.click(old, "incident_resolve", user=BOB)
    assert (await workspace.incident(incident_id)).status is Status.ACTIVE
    [told] = await workspace.told(BOB)
    assert "it was resolved and has opened again" in told
    assert "Look at the card" in told


async def test_unacknowledge_sits_in_the_menu(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.click(await workspace.post_card(incident_id), "incident_acknowledge")
    await workspace.choose(await workspace.post_card(incident_id), "unack")
    assert (await workspace.incident(incident_id)).status is Status.ACTIVE


async def test_a_button_of_an_older_version_is_answered(workspace: Workspace) -> None:
    old = {"type": "button", "text": {"type": "plain_text", "text": "Ack"}, "action_id": "ack_v0", "value": "12"}
    now = old | {"action_id": "incident_acknowledge", "value": '{"id": "what"}'}
    blocks = [{"type": "actions", "elements": [old, now]}]
    ts = str((await workspace.client.chat_postMessage(channel="#incidents", text="x", blocks=blocks))["ts"])
    await workspace.click(ts, "ack_v0")
    await workspace.click(ts, "incident_acknowledge")
    told = await workspace.told()
    assert len(told) == 2
    assert all("older version" in text for text in told)


async def test_while_the_database_is_away_the_person_is_told_that_nothing_changed(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    ts = await workspace.post_card(incident_id)
    workspace.doors.shut()
    answer = await workspace.click(ts, "incident_acknowledge")
    assert answer["status"] == 200
    [told] = await workspace.told()
    assert "can't reach its database, so nothing was changed" in told
    assert workspace.woken == []


async def test_a_database_that_hangs_is_answered_within_slacks_three_seconds(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    ts = await workspace.post_card(incident_id)
    workspace.doors.trouble = lambda: asyncio.sleep(10)
    answer = await workspace.click(ts, "incident_acknowledge")
    assert answer["status"] == 200
    assert answer["elapsed_ms"] < 2900
    [told] = await workspace.told()
    assert "not known whether that was done" in told


async def test_a_listener_that_breaks_tells_the_person(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    ts = await workspace.post_card(incident_id)

    async def bug() -> None:
        raise LookupError("a bug")

    workspace.doors.trouble = bug
    answer = await workspace.click(ts, "incident_acknowledge")
    assert answer["status"] == 200
    [told] = await workspace.told()
    assert "Something broke inside Bongsu" in told
    assert "went wrong" not in told
    assert "Something broke inside Bongsu" in json.dumps(
        await workspace.do("command", command="/incident", text="list", user=ALICE, channel="#incidents")
    )


async def test_a_form_that_slack_does_not_open_is_told(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    ts = await workspace.post_card(incident_id)
    await workspace.do("faults", method="views.open", kind="error:expired_trigger_id", times=1)
    await workspace.choose(ts, "note")
    assert (await workspace.see("views", user=ALICE))["views"] == []
    [told] = await workspace.told()
    assert "did not open the form" in told


async def test_pressing_again_is_not_advised_while_slack_refuses_the_token(workspace: Workspace) -> None:
    ts = await workspace.post_card(await workspace.has_incident())
    await workspace.do("token", valid=False)
    await workspace.choose(ts, "note")
    told = await workspace.is_told("Slack refuses Bongsu's token")
    assert "Press again" not in told
    await workspace.do("token", valid=True)


async def test_still_on_it_keeps_the_incident_and_a_second_click_says_that_nobody_asks(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    ts = await workspace.post_reminder(incident_id, of=ALICE)
    await workspace.click(ts, "incident_confirm")
    incident = await workspace.incident(incident_id)
    assert (incident.owner, incident.confirm_by) == (ALICE, None)
    assert [event.kind for event in await workspace.events(incident_id)][-1] is EventKind.CONFIRMED
    await workspace.click(ts, "incident_confirm", user=BOB)
    [told] = await workspace.told(BOB)
    assert told == "INC-1 is not waiting for anybody to confirm that they still have it."
    assert workspace.counted(kind="click", name="incident_confirm", outcome="refused") == 1
