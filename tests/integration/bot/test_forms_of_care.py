"""Severity, the timeline, the summary and the person who takes it: by the forms that the card opens."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.model import Event, EventKind, Severity
from tests.integration.bot.workspace import ALICE, BOB, Json, Workspace

BONGSU = "U0BONGSU"


async def more(workspace: Workspace, incident_id: int, action_id: str, *, on_top: str) -> Json:
    """Through the form behind ⋯ to the one on top of it."""
    await workspace.choose(await workspace.post_card(incident_id), "more")
    view = await workspace.form("incident_more")
    await workspace.do("click", user=ALICE, action_id=action_id, view_id=view["id"])
    return await workspace.form(on_top)


async def newest(workspace: Workspace, incident_id: int) -> Event:
    return (await workspace.events(incident_id))[-1]


async def open_forms(workspace: Workspace) -> list[Json]:
    forms: list[Json] = (await workspace.see("views", user=ALICE))["views"]
    return forms


async def test_severity_is_set_with_a_reason_and_all_forms_close(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await more(workspace, incident_id, "incident_severity", on_top="incident_severity")
    await workspace.submit({"severity": "info", "reason": "only the test shop"})
    assert (await workspace.incident(incident_id)).severity is Severity.INFO
    told = await newest(workspace, incident_id)
    assert (told.kind, told.data["note"]) == (EventKind.SEVERITY_SET, "only the test shop")
    assert await open_forms(workspace) == []


async def test_what_happened_goes_on_the_timeline_with_its_time(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await more(workspace, incident_id, "incident_add_to_timeline", on_top="incident_timeline")
    at = int((datetime.now(UTC) - timedelta(hours=1)).timestamp())
    await workspace.submit({"happened": "deployed", "time": at})
    told = await newest(workspace, incident_id)
    assert told.kind is EventKind.TIMELINE_ENTRY
    assert datetime.fromisoformat(told.data["happened_at"]).timestamp() == at
    assert await open_forms(workspace) == []


async def test_what_is_yet_to_come_is_refused_under_the_time(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await more(workspace, incident_id, "incident_add_to_timeline", on_top="incident_timeline")
    tomorrow = int((datetime.now(UTC) + timedelta(days=1)).timestamp())
    answer = await workspace.submit({"happened": "deployed", "time": tomorrow})
    assert "yet to come" in answer["body"]["errors"]["time"]
    answer = await workspace.submit({"happened": " \n", "time": None})
    assert "it is empty" in answer["body"]["errors"]["happened"]
    assert await workspace.events(incident_id) == []


async def test_a_summary_stands_on_the_card(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.click(await workspace.post_card(incident_id), "incident_resolve")
    await workspace.choose(await workspace.post_card(incident_id), "summary")
    await workspace.form("incident_summary")
    await workspace.submit({"summary": "rolled back"})
    await workspace.command("note 1 thanks")
    ts = await workspace.post_card(incident_id)
    [card] = [one for one in (await workspace.see("messages", channel="#incidents"))["messages"] if one["ts"] == ts]
    assert "by <@U0ALICE>" in str(card["blocks"])
    assert '"rolled back"' in card["blocks"][0]["text"]["text"]


async def test_what_opens_again_meanwhile_is_not_summed_up(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.command("resolve 1")
    await workspace.choose(await workspace.post_card(incident_id), "summary")
    await workspace.form("incident_summary")
    await workspace.command("reopen 1", user=BOB)
    answer = await workspace.submit({"summary": "rolled back"})
    assert "Write a note instead" in answer["body"]["errors"]["summary"]


@pytest.mark.parametrize("person", [BONGSU, "USLACKBOT"])
async def test_bots_get_no_incident(workspace: Workspace, person: str) -> None:
    incident_id = await workspace.has_incident()
    await workspace.choose(await workspace.post_card(incident_id), "assign")
    await workspace.form("incident_assign")
    answer = await workspace.submit({"person": {"person": person}})
    assert "is a bot" in answer["body"]["errors"]["person"]
    assert "is a bot" in await workspace.command(f"assign 1 <@{person}|bot>")
    assert (await workspace.incident(incident_id)).assignee is None


async def test_who_can_not_be_asked_about_may_have_it(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.do("faults", method="users.info", kind="http_500", times=5)
    await workspace.command("assign 1 @bob")
    assert (await workspace.incident(incident_id)).assignee == BOB
