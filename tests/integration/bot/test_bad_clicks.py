"""What people press that makes no sense any more: each is answered, to that person alone, and changes nothing."""

import json
import time
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from bot.blocks.clicks import ActionId, Do
from bot.blocks.merge_modal import INTO_FIELD
from db import tables
from incidents import actions
from incidents.model import Actor, Status
from tests.integration.bot.test_merging import form, option_of, press, said, search, two
from tests.integration.bot.workspace import ALICE, BOB, Json, Workspace

DELETED = (
    "This card is of an incident that this database does not know: it was deleted as old data, or the database was "
    "restored from a backup. `/incident list` shows what is open."
)


async def forget(workspace: Workspace, incident_id: int) -> None:
    """As retention does it."""
    async with workspace.engines.write.begin() as connection:
        for table in (tables.incident_events, tables.incident_episodes, tables.incident_series, tables.outbox):
            await connection.execute(sa.delete(table).where(table.c.incident_id == incident_id))
        await connection.execute(sa.delete(tables.incidents).where(tables.incidents.c.id == incident_id))


@pytest.mark.parametrize("action_id", [ActionId.ACKNOWLEDGE, ActionId.RESOLVE])
async def test_a_button_of_a_deleted_incident_says_that_it_was_deleted(
    workspace: Workspace, action_id: ActionId
) -> None:
    incident_id = await workspace.has_incident()
    ts = await workspace.post_card(incident_id)
    await forget(workspace, incident_id)
    await workspace.click(ts, action_id)
    assert await said(workspace) == DELETED


@pytest.mark.parametrize("do", [Do.SNOOZE, Do.MORE])
async def test_no_form_opens_for_a_deleted_incident(workspace: Workspace, do: Do) -> None:
    incident_id = await workspace.has_incident()
    ts = await workspace.post_card(incident_id)
    await forget(workspace, incident_id)
    await workspace.choose(ts, do)
    assert await said(workspace) == DELETED
    assert (await workspace.see("views", user=ALICE))["views"] == []


async def test_a_form_of_an_incident_that_is_deleted_meanwhile_says_so_under_its_field(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    ts = await workspace.post_card(incident_id)
    await workspace.choose(ts, Do.NOTE)
    await workspace.modal()
    await forget(workspace, incident_id)
    told = await workspace.submit({"note": "x"})
    assert told["body"] == {"response_action": "errors", "errors": {"note": DELETED}}


async def test_under_the_field_of_a_merge_people_are_named_in_plain_words(workspace: Workspace) -> None:
    first, second = await two(workspace)
    await press(workspace, second, ActionId.MERGE)
    value = option_of(first, await search(workspace, INTO_FIELD, "checkout"))
    await workspace.doors.real.write(lambda uow: actions.resolve(second, by=Actor.slack(BOB), uow=uow))
    told = await workspace.submit({INTO_FIELD: value})
    [problem] = told["body"]["errors"].values()
    assert problem.startswith("Already resolved by ")
    assert "<@" not in problem
    assert (await workspace.incident(first)).status is Status.ACTIVE


async def test_under_the_field_of_a_split_people_are_named_in_plain_words(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident(key="a")
    await press(workspace, incident_id, ActionId.SPLIT)
    view = await form(workspace)
    await workspace.doors.real.write(lambda uow: actions.resolve(incident_id, by=Actor.slack(BOB), uow=uow))
    [key] = [one["value"] for one in view["blocks"][-1]["element"]["options"]][:1]
    told = await workspace.submit({"incident_split_series": [key]})
    [problem] = told["body"]["errors"].values()
    assert problem.startswith("Already resolved by ")
    assert "<@" not in problem


async def test_declaring_from_the_form_of_another_incident_closes_both(workspace: Workspace) -> None:
    ts = await workspace.post_card(await workspace.has_incident())
    await workspace.choose(ts, Do.MORE)
    more = await workspace.form("incident_more")
    await workspace.do("click", user=ALICE, view_id=more["id"], action_id=ActionId.DECLARE)
    await workspace.form("incident_declare")
    told = await workspace.submit({"title": "Checkout is slow"})
    assert told["body"] == {"response_action": "clear"}, json.dumps(told)
    assert (await workspace.see("views", user=ALICE))["views"] == []


async def test_a_shortcut_that_is_no_more_says_so_in_a_view(workspace: Workspace) -> None:
    told = await workspace.do("shortcut", user=ALICE, callback_id="declare_v0")
    assert told["status"] == 200
    assert "older version" in json.dumps(await workspace.modal())


async def test_a_form_of_an_older_version_without_fields_is_replaced_by_what_to_do(workspace: Workspace) -> None:
    told = await submitted(workspace, {"callback_id": "incident_v0", "blocks": []})
    assert told["response_action"] == "update"
    assert "older version" in json.dumps(told["view"])


async def test_a_severity_that_a_form_offered_once_is_chosen_again(workspace: Workspace) -> None:
    values = {"title": {"title": {"value": "x"}}, "severity": {"severity": {"selected_option": {"value": "sev1"}}}}
    told = await submitted(workspace, {"callback_id": "incident_declare", "state": {"values": values}})
    assert told["errors"] == {"severity": "Severity: choose how grave it is."}


async def submitted(workspace: Workspace, view: Json) -> Json:
    """A form as another version made it, submitted; the answer."""
    view = {"id": "V1", "type": "modal", "private_metadata": "{}", "blocks": [], **view}
    user = {"id": ALICE, "team_id": "T0SANDBOX"}
    payload = {"type": "view_submission", "user": user, "team": {"id": "T0SANDBOX"}, "view": view}
    body = urlencode({"payload": json.dumps(payload)}).encode()
    status, answer = await workspace.send(body, str(int(time.time())))
    assert status == 200
    told: Json = json.loads(answer)
    return told
