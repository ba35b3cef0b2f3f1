"""Why? and the details: what who asks is shown, and told where it can't be shown."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from bot.answers import OLDER_VERSION, UNAVAILABLE
from bot.blocks.clicks import ActionId
from bot.blocks.details import ON_A_PAGE
from db import tables
from incidents.ports import UnitOfWork
from tests.integration.bot.workspace import ALICE, BOB, Workspace, until

WHY, DETAILS, PAGE = ActionId.WHY.value, ActionId.DETAILS.value, ActionId.DETAILS_PAGE.value


async def post_buttons(workspace: Workspace, incident_id: int, **values: str) -> str:
    """The ts of a message with Why? and Details for this incident, or with these values."""
    incident = await workspace.incident(incident_id) if incident_id else None
    value = ""
    if incident is not None:
        told = {"id": incident.id, "number": incident.number, "version": incident.version}
        value = json.dumps(told | {"status": incident.status.value, "episode": incident.episode, "firing": 0})
    elements = [
        {
            "type": "button",
            "text": {"type": "plain_text", "text": name},
            "action_id": name,
            "value": values.get(name, value),
        }
        for name in (WHY, DETAILS)
    ]
    blocks = [{"type": "actions", "elements": elements}]
    return str((await workspace.client.chat_postMessage(channel="#incidents", text="x", blocks=blocks))["ts"])


async def until_shown(workspace: Workspace, fragment: str, *, user: str = ALICE) -> str:
    """A form is opened after the click was acknowledged."""
    while fragment not in (shown := await showing(workspace, user)):  # noqa: ASYNC110 - another process shows it
        await asyncio.sleep(0.02)
    return shown


async def showing(workspace: Workspace, user: str = ALICE) -> str:
    return json.dumps((await workspace.see("views", user=user))["views"], ensure_ascii=False)


async def until_told(workspace: Workspace, *, user: str = ALICE) -> str:
    while not (told := await workspace.told(user)):  # noqa: ASYNC110 - another process tells it
        await asyncio.sleep(0.02)
    return told[-1]


async def press(workspace: Workspace, action_id: str, *, block_id: str | None = None) -> None:
    view = await workspace.modal()
    which = {} if block_id is None else {"block_id": block_id}
    await workspace.do("click", user=ALICE, action_id=action_id, view_id=view["id"], **which)


async def forget(workspace: Workspace) -> None:
    """Retention has deleted every incident."""

    async def work(uow: UnitOfWork) -> None:
        gate: Any = uow.gate  # type: ignore[attr-defined]
        for table in (tables.incident_series, tables.incident_episodes, tables.incident_events, tables.incidents):
            await gate.execute(gate.delete(table))

    await workspace.doors.real.write(work)


async def test_why_is_shown_to_who_asks_and_changes_nothing(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    ts = await post_buttons(workspace, incident_id)
    await workspace.click(ts, WHY)
    shown = await until_shown(workspace, "Why INC-1?")
    assert "Why this incident and no other" in shown
    assert await showing(workspace, BOB) == "[]"
    assert await workspace.told() == []
    assert len(await workspace.events(incident_id)) == 0
    assert workspace.counted(kind="click", name=WHY, outcome="done") == 1


async def test_the_details_are_read_page_by_page(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident(firing=2 * ON_A_PAGE + 3)
    await workspace.click(await post_buttons(workspace, incident_id), DETAILS)
    await until_shown(workspace, "53 series, what fires first · page 1")
    await press(workspace, PAGE, block_id="on")
    await until_shown(workspace, "page 2")
    await press(workspace, PAGE, block_id="on")
    await until_shown(workspace, "page 3")
    await press(workspace, PAGE, block_id="back")
    await until_shown(workspace, "page 2")
    await press(workspace, PAGE, block_id="list")
    await until_shown(workspace, "No alert is kept")
    assert await workspace.told() == []


async def test_the_details_replace_a_form_that_is_open(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.click(await post_buttons(workspace, incident_id), WHY)
    await until_shown(workspace, "Why INC-1?")
    await press(workspace, DETAILS)
    shown = await until_shown(workspace, "INC-1: details")
    assert len(json.loads(shown)) == 1


async def test_a_deleted_incident_is_said_to_be_deleted(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident(firing=ON_A_PAGE + 1)
    ts = await post_buttons(workspace, incident_id)
    await workspace.click(ts, DETAILS)
    await until_shown(workspace, "page 1")
    await forget(workspace)
    await press(workspace, PAGE, block_id="on")
    await until_shown(workspace, "it was deleted as old data")
    await workspace.click(ts, WHY, user=BOB)
    assert "it was deleted as old data" in await until_told(workspace, user=BOB)
    assert workspace.counted(kind="click", name=WHY, outcome="not_found") == 1


async def test_an_expired_trigger_is_answered(workspace: Workspace) -> None:
    ts = await post_buttons(workspace, await workspace.has_incident())
    await workspace.do("faults", method="views.open", kind="error:expired_trigger_id", times=1)
    await workspace.click(ts, WHY)
    assert "Press again" in await until_told(workspace)
    assert await showing(workspace) == "[]"
    await workspace.click(ts, WHY)
    await until_shown(workspace, "Why INC-1?")


async def test_a_button_of_an_older_version_is_answered(workspace: Workspace) -> None:
    ts = await post_buttons(workspace, 0, **{WHY: "12", DETAILS: '{"id":"what"}'})
    await workspace.click(ts, WHY, user=ALICE)
    await workspace.click(ts, DETAILS, user=BOB)
    assert await until_told(workspace, user=ALICE) == OLDER_VERSION
    assert await until_told(workspace, user=BOB) == OLDER_VERSION


async def test_while_the_database_is_away_it_is_said(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident(firing=ON_A_PAGE + 1)
    ts = await post_buttons(workspace, incident_id)
    await workspace.click(ts, DETAILS)
    await until_shown(workspace, "page 1")
    workspace.doors.shut()
    await press(workspace, PAGE, block_id="on")
    await until_shown(workspace, UNAVAILABLE)
    await workspace.click(ts, WHY, user=BOB)
    assert await until_told(workspace, user=BOB) == UNAVAILABLE


async def test_a_database_that_hangs_does_not_outlast_the_trigger(workspace: Workspace) -> None:
    ts = await post_buttons(workspace, await workspace.has_incident())
    workspace.doors.trouble = _hang(asyncio.Event())
    await workspace.click(ts, WHY)
    assert await until_told(workspace) == "Bongsu's database did not answer in time. Press again in a moment."
    await until(partial(_is_counted, workspace))


async def _is_counted(workspace: Workspace) -> bool:
    return workspace.counted(kind="click", name=WHY, outcome="no_answer") == 1


def _hang(until: asyncio.Event) -> Callable[[], Any]:
    async def hang() -> None:
        await until.wait()

    return hang


async def test_what_incident_show_answers_leads_to_both(workspace: Workspace) -> None:
    await workspace.has_incident()
    answer = await workspace.command("show 1")
    assert WHY in answer
    assert DETAILS in answer
    [shown] = (await workspace.see("ephemerals", user=ALICE))["ephemerals"]
    await workspace.click(shown["ts"], WHY)
    await until_shown(workspace, "Why INC-1?")
