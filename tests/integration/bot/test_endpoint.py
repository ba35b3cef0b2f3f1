"""What /slack/events lets in, and that nothing that arrives there is answered by a 500."""

import asyncio
import json
import time
from urllib.parse import urlencode

import pytest

from bot.endpoint import LARGEST_BODY
from incidents.model import EventKind
from tests.integration.bot.workspace import Workspace, slash


def now(seconds: int = 0) -> str:
    return str(int(time.time()) + seconds)


async def test_a_signed_command_is_answered(workspace: Workspace) -> None:
    status, told = await workspace.send(slash("list"), now())
    assert (status, json.loads(told)["text"][:15]) == (200, "Nothing is open")


@pytest.mark.parametrize(
    "headers",
    [
        {"timestamp": "yesterday"},
        {"timestamp": "1.5"},
        {"timestamp": "9" * 40},
        {"timestamp": "-1"},
        {"timestamp": ""},
        {"signature": ""},
        {"signature": "v0=" + "0" * 64},
        {"signature": "v0=ünsigniert"},
        {"signature": "🔥"},
    ],
)
async def test_whatever_is_not_signed_by_slack_is_a_401(workspace: Workspace, headers: dict[str, str]) -> None:
    status, told = await workspace.send(slash("list"), now(), **headers)
    assert status == 401
    assert json.loads(told)["error"]


@pytest.mark.parametrize("seconds", [-301, 301])
async def test_an_old_request_is_a_401(workspace: Workspace, seconds: int) -> None:
    assert (await workspace.send(slash("list"), now(seconds)))[0] == 401


async def test_a_wrong_signature_does_nothing(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    assert (await workspace.send(slash("ack 1"), now(), signature="v0=" + "1" * 64))[0] == 401
    assert (await workspace.incident(incident_id)).acknowledged_by is None


@pytest.mark.parametrize(
    ("body", "type_"),
    [
        (b"text=\xff\xfe", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "text/plain; charset=utf-16"),
        (b"payload={", "application/x-www-form-urlencoded"),
        (b"payload=[]", "application/x-www-form-urlencoded"),
        (b"[1]", "application/json"),
        (b"{", "application/json"),
        (b"payload=" + b"[" * 100_000, "application/x-www-form-urlencoded"),
        (b"payload=" + b'{"user":"x"}', "application/x-www-form-urlencoded"),
        (b"payload=" + b'{"type":"block_actions","actions":7}', "application/x-www-form-urlencoded"),
        (b"payload=" + b'{"type":"view_submission","view":[]}', "application/x-www-form-urlencoded"),
        (b'{"type":"event_callback","event":[]}', "application/json"),
        (b"", "application/json"),
        (b"hello", "text/plain"),
    ],
)
async def test_a_signed_body_that_is_no_payload_is_a_4xx(workspace: Workspace, body: bytes, type_: str) -> None:
    status, _ = await workspace.send(body, now(), type_=type_)
    assert 400 <= status < 500


async def test_a_body_over_the_limit_is_a_413(workspace: Workspace) -> None:
    assert (await workspace.send(b"x" * (LARGEST_BODY + 1), now()))[0] == 413


async def test_the_url_verification_is_answered(workspace: Workspace) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c0ffee", "token": "t"}).encode()
    status, told = await workspace.send(body, now(), type_="application/json")
    assert (status, "c0ffee" in told) == (200, True)


async def test_an_event_that_nobody_subscribed_to_is_taken(workspace: Workspace) -> None:
    body = json.dumps({"type": "event_callback", "event_id": "Ev1", "event": {"type": "app_mention"}}).encode()
    assert (await workspace.send(body, now(), type_="application/json"))[0] == 200


async def test_a_replayed_command_has_one_effect_and_the_same_answer(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    timestamp, body = now(), slash("note 1 once")
    answers = await asyncio.gather(*(workspace.send(body, timestamp) for _ in range(4)))
    assert len(set(answers)) == 1
    assert await notes(workspace, incident_id) == 1


async def test_a_command_typed_twice_counts_twice(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.send(slash("note 1 again"), now(-1))
    await workspace.send(slash("note 1 again"), now())
    assert await notes(workspace, incident_id) == 2


async def test_a_form_delivered_four_times_under_new_timestamps_has_one_effect(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    payload = {
        "type": "view_submission",
        "trigger_id": "1.2.3",
        "user": {"id": "U0ALICE"},
        "view": {
            "type": "modal",
            "callback_id": "incident_note",
            "private_metadata": json.dumps(
                {"id": incident_id, "number": 1, "version": 1, "status": "active", "episode": 1, "firing": 2}
            ),
            "state": {"values": {"note": {"note": {"value": "once"}}}},
        },
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    assert [(await workspace.send(body, now(-seconds)))[0] for seconds in range(4)] == [200] * 4
    assert await notes(workspace, incident_id) == 1


async def test_a_click_delivered_four_times_has_one_effect(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    seen = {"id": incident_id, "number": 1, "version": 1, "status": "active", "episode": 1, "firing": 2}
    payload = {
        "type": "block_actions",
        "trigger_id": "1.2.3",
        "user": {"id": "U0ALICE"},
        "actions": [{"type": "button", "action_id": "incident_acknowledge", "value": json.dumps(seen)}],
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    answers = await asyncio.gather(*(workspace.send(body, now(-seconds)) for seconds in range(4)))
    assert [status for status, _ in answers] == [200] * 4
    kinds = [event.kind for event in await workspace.events(incident_id)]
    assert kinds.count(EventKind.ACKNOWLEDGED) == 1
    assert (await workspace.incident(incident_id)).acknowledged_by == "U0ALICE"


async def notes(workspace: Workspace, incident_id: int) -> int:
    return [event.kind for event in await workspace.events(incident_id)].count(EventKind.NOTED)
