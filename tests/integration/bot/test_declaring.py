"""Declaring an incident from Slack: by the command, a shortcut, or a button."""

from typing import Any

import pytest

from incidents.errors import IncidentNotFound
from incidents.model import EventKind, Incident, Severity
from tests.integration.bot.workspace import ALICE, Json, Workspace
from tests.integration.sandbox.stage import eventually

ONE_LINE = {"title": "Checkout is slow"}


async def type_declare(workspace: Workspace, text: str = "") -> Json:
    told = await workspace.do(
        "command", command="/incident", text=f"declare {text}".strip(), user=ALICE, channel="#general"
    )
    assert told["status"] == 200
    assert not told["body"]
    return await opened(workspace)


async def opened(workspace: Workspace) -> Json:
    async def is_open() -> Any:
        return (await workspace.see("views", user=ALICE))["views"]

    await eventually(is_open)
    return await workspace.modal()


async def first(workspace: Workspace) -> Incident:
    return await workspace.doors.real.read(lambda uow: uow.incidents.by_number(1))


def title_in(view: Json) -> str:
    [block] = [block for block in view["blocks"] if block["block_id"] == "title"]
    return str(block["element"].get("initial_value", ""))


async def test_the_command_opens_the_form_with_what_was_typed(workspace: Workspace) -> None:
    view = await type_declare(workspace, "Checkout &amp; pay are slow")
    assert view["callback_id"] == "incident_declare"
    assert title_in(view) == "Checkout & pay are slow"


async def test_what_was_filled_in_becomes_an_incident_and_who_asked_is_told(workspace: Workspace) -> None:
    await type_declare(workspace)
    filled = {"service": "checkout", "severity": "critical", "channel": "C0GENERAL", "note": "since lunch"}
    told = await workspace.submit(ONE_LINE | filled)
    assert not told["body"]
    incident = await first(workspace)
    assert (incident.title, incident.severity, incident.place.service) == (
        "Checkout is slow", Severity.CRITICAL, "checkout"
    )  # fmt: skip
    assert [event.kind for event in await workspace.events(incident.id)] == [EventKind.DECLARED, EventKind.NOTED]

    async def is_told() -> bool:
        return any("INC-1 is declared: Checkout is slow." in one for one in await workspace.told())

    await eventually(is_told)
    assert workspace.woken


async def test_the_global_shortcut_opens_the_form(workspace: Workspace) -> None:
    assert (await workspace.do("shortcut", callback_id="declare_incident", user=ALICE))["status"] == 200
    await opened(workspace)
    await workspace.submit(ONE_LINE)
    assert (await first(workspace)).severity is Severity.ERROR


async def test_a_message_gives_its_first_line_and_is_linked_back_to(workspace: Workspace) -> None:
    text = "Checkout is &lt;slow&gt; <!here>\nAny idea?"
    posted = await workspace.client.chat_postMessage(channel="#general", text=text)
    shortcut = {"callback_id": "declare_from_message", "user": ALICE, "channel": "#general", "ts": posted["ts"]}
    await workspace.do("shortcut", **shortcut)
    view = await opened(workspace)
    assert title_in(view).startswith("Checkout is <slow>")
    await workspace.submit({})
    [event] = await workspace.events((await first(workspace)).id)
    assert event.data["link"].endswith(f"/archives/{posted['channel']}/p{posted['ts'].replace('.', '')}")


async def test_a_reply_in_a_thread_is_linked_by_its_thread(workspace: Workspace) -> None:
    root = await workspace.client.chat_postMessage(channel="#general", text="hm")
    reply = await workspace.client.chat_postMessage(channel="#general", text="slow", thread_ts=root["ts"])
    shortcut = {"callback_id": "declare_from_message", "user": ALICE, "channel": "#general", "ts": reply["ts"]}
    await workspace.do("shortcut", **shortcut)
    await opened(workspace)
    await workspace.submit(ONE_LINE)
    [event] = await workspace.events((await first(workspace)).id)
    assert event.data["link"].endswith(f"?thread_ts={root['ts']}&cid={root['channel']}")


@pytest.mark.parametrize(("values", "field"), [({"title": "   "}, "title"), ({"title": "x", "service": " "}, "")])
async def test_an_emptied_title_is_told_below_its_field(workspace: Workspace, values: Json, field: str) -> None:
    await type_declare(workspace)
    told = await workspace.submit(values)
    errors = (told["body"] or {}).get("errors", {})
    assert list(errors) == ([field] if field else [])
    if field:
        assert "write in a few words what is wrong" in errors[field]


async def test_while_the_database_is_away_the_form_stays_with_what_was_typed(workspace: Workspace) -> None:
    await type_declare(workspace)
    workspace.doors.shut()
    told = await workspace.submit(ONE_LINE)
    assert "can't reach its database" in told["body"]["errors"]["title"]


async def test_a_form_that_slack_does_not_open_is_told(workspace: Workspace) -> None:
    await workspace.do("faults", method="views.open", kind="error:expired_trigger_id", times=1)
    await workspace.do("command", command="/incident", text="declare", user=ALICE, channel="#general")

    async def is_told() -> bool:
        return any("did not open the form" in one for one in await workspace.told())

    await eventually(is_told)


@pytest.mark.parametrize(
    ("channel", "says"),
    [
        (
            {"private": True, "bot_member": False},
            "Channel: Bongsu is no member of that private channel: write `/invite",
        ),
        ({"archived": True}, "Channel: it is archived: choose another."),
    ],
)
async def test_a_channel_that_takes_no_card_is_told_below_its_field(
    workspace: Workspace, channel: Json, says: str
) -> None:
    made = await workspace.do("channel", name="secret", **channel)
    await type_declare(workspace)
    told = await workspace.submit(ONE_LINE | {"channel": made["channel"]["id"]})
    assert told["body"]["errors"]["channel"].startswith(says)
    with pytest.raises(IncidentNotFound):
        await first(workspace)


async def test_a_channel_of_which_slack_tells_nothing_is_tried(workspace: Workspace) -> None:
    await type_declare(workspace)
    await workspace.do("faults", method="conversations.info", kind="error:internal_error")
    told = await workspace.submit(ONE_LINE | {"channel": "C0GENERAL"})
    assert not told["body"]
    assert (await first(workspace)).title == "Checkout is slow"
