"""After a database was restored from a backup: ids are given out again, and cards that it has forgotten do nothing."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.blocks.approval import approval_message
from bot.blocks.clicks import ActionId, Do, Target, button_value
from bot.blocks.merge_modal import INTO_FIELD
from db import tables
from db.approval_tables import approvals
from db.escalation_tables import escalation_steps
from incidents.approvals.model import Approval, ApprovalRule, Wanted
from incidents.model import Incident, Status
from incidents.policy import Policy
from incidents.ports import UnitOfWork
from tests.integration.bot.test_bad_clicks import DELETED, forget
from tests.integration.bot.test_inspecting import until_shown
from tests.integration.bot.test_merging import option_of, press, said, search, two
from tests.integration.bot.test_storm_clicks import a_storm, post_rollup
from tests.integration.bot.workspace import ALICE, BOB, Json, Workspace

UNKNOWN = (
    "This card is of an incident that this database does not know (was it restored from a backup?), so nothing was "
    "done. `/incident list` shows what is open."
)
UNKNOWN_THING = "This message is about something that this database does not know (was it restored from a backup?)"
BUTTONS = (
    *(ActionId.ACKNOWLEDGE, ActionId.RESOLVE, ActionId.REOPEN, ActionId.REAL, ActionId.CONFIRM, ActionId.WAKE),
    *(ActionId.UNMERGE, ActionId.WHY, ActionId.DETAILS, ActionId.SNOOZE, ActionId.SEVERITY, ActionId.MERGE),
    ActionId.SPLIT,
)
OF_INCIDENTS = (tables.incidents, tables.incident_episodes, tables.incident_series)


@pytest.fixture
def policy() -> Policy:
    """Marking as noise takes two people."""
    return Policy(approvals=(ApprovalRule(frozenset({Wanted.NOISE})),))


@pytest.fixture
async def workspace(workspace_anywhere: Workspace) -> Workspace:
    """On either database: ids and times are kept in a way of its own by each."""
    return workspace_anywhere


async def born_again(workspace: Workspace, incident_id: int) -> Incident:
    """Another incident has its id, its number and its looks: it began a microsecond later."""
    async with workspace.engines.write.begin() as connection:
        kept = {table: await rows_of(incident_id, table, connection) for table in OF_INCIDENTS}
        await connection.execute(sa.delete(escalation_steps).where(escalation_steps.c.incident_id == incident_id))
    await forget(workspace, incident_id)
    [incident] = kept[tables.incidents]
    incident["created_at"] += timedelta(microseconds=1)
    async with workspace.engines.write.begin() as connection:
        for table, rows in kept.items():
            await connection.execute(sa.insert(table), rows)
    return await workspace.incident(incident_id)


async def rows_of(incident_id: int, table: sa.Table, connection: AsyncConnection) -> list[Json]:
    columns = [column for column in table.c if column.computed is None]
    of = table.c.id if table is tables.incidents else table.c.incident_id
    return [dict(row) for row in (await connection.execute(sa.select(*columns).where(of == incident_id))).mappings()]


@contextmanager
def left_alone(workspace: Workspace, another: Incident) -> Iterator[Callable[[], Awaitable[None]]]:
    async def check() -> None:
        assert await workspace.incident(another.id) == another
        assert await workspace.events(another.id) == []
        assert await workspace.told(BOB) == []

    woken = len(workspace.woken)
    yield check
    assert len(workspace.woken) == woken


@pytest.mark.parametrize("action_id", BUTTONS)
async def test_a_button_of_one_that_was_forgotten_does_nothing_to_another(
    workspace: Workspace, action_id: ActionId
) -> None:
    incident_id = await workspace.has_incident()
    target = Target.to(await workspace.incident(incident_id), firing=2)
    another = await born_again(workspace, incident_id)
    with left_alone(workspace, another) as check:
        element = {"type": "button", "text": {"type": "plain_text", "text": "x"}, "action_id": action_id}
        blocks = [{"type": "actions", "elements": [element | {"value": button_value(target)}]}]
        told = await workspace.client.chat_postMessage(channel="#incidents", text="x", blocks=blocks)
        await workspace.click(str(told["ts"]), action_id)
        assert await said(workspace) == UNKNOWN
        await check()
    assert (await workspace.see("views", user=ALICE))["views"] == []
    became = "refused" if action_id is ActionId.SPLIT else "not_found"
    assert workspace.counted(kind="click", name=action_id, outcome=became) == 1


@pytest.mark.parametrize("do", [Do.UNACKNOWLEDGE, Do.SNOOZE, Do.MORE])
async def test_so_does_its_menu(workspace: Workspace, do: Do) -> None:
    incident_id = await workspace.has_incident()
    if do is Do.UNACKNOWLEDGE:
        await workspace.click(await workspace.post_card(incident_id), ActionId.ACKNOWLEDGE)
    ts = await workspace.post_card(incident_id)
    another = await born_again(workspace, incident_id)
    await workspace.choose(ts, do)
    assert await said(workspace) == UNKNOWN
    assert await workspace.incident(incident_id) == another


async def test_a_form_of_one_that_was_forgotten_says_so_under_its_field(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.choose(await workspace.post_card(incident_id), Do.NOTE)
    await workspace.modal()
    another = await born_again(workspace, incident_id)
    with left_alone(workspace, another) as check:
        told = await workspace.submit({"note": "x"})
        assert told["body"] == {"response_action": "errors", "errors": {"note": UNKNOWN}}
        await check()


async def test_no_form_of_it_searches_or_merges(workspace: Workspace) -> None:
    first, second = await two(workspace)
    await press(workspace, second, ActionId.MERGE)
    into_first = option_of(first, await search(workspace, INTO_FIELD, "checkout"))
    another = await born_again(workspace, first)
    with left_alone(workspace, another) as check:
        told = await workspace.submit({INTO_FIELD: into_first})
        assert told["body"] == {"response_action": "errors", "errors": {INTO_FIELD: UNKNOWN}}
        await check()
    another = await born_again(workspace, second)
    with left_alone(workspace, another) as check:
        assert await search(workspace, INTO_FIELD, "5xx") == {"options": []}
        await check()


async def test_the_pages_of_its_details_are_not_turned(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await press(workspace, incident_id, ActionId.DETAILS)
    view = await workspace.form("incident_details")
    await born_again(workspace, incident_id)
    await workspace.do("click", user=ALICE, view_id=view["id"], action_id=ActionId.DETAILS_PAGE, block_id="list")
    await until_shown(workspace, "does not know (was it restored")


async def test_the_card_of_one_whose_id_nobody_has_says_that_nobody_knows_it(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    ts = await workspace.post_card(incident_id)
    await forget(workspace, incident_id)
    await workspace.click(ts, ActionId.ACKNOWLEDGE)
    assert await said(workspace) == DELETED


async def test_what_was_posted_before_there_were_marks_still_works(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    old = f'{{"id":{incident_id},"number":1,"version":1,"status":"active","episode":1,"firing":2}}'
    element = {"type": "button", "text": {"type": "plain_text", "text": "x"}, "action_id": ActionId.ACKNOWLEDGE}
    blocks = [{"type": "actions", "elements": [element | {"value": old}]}]
    told = await workspace.client.chat_postMessage(channel="#incidents", text="x", blocks=blocks)
    await workspace.click(str(told["ts"]), ActionId.ACKNOWLEDGE)
    assert (await workspace.incident(incident_id)).status is Status.ACKNOWLEDGED


async def test_a_card_works_through_all_that_happens_to_its_incident(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    for action_id, status in (
        (ActionId.ACKNOWLEDGE, Status.ACKNOWLEDGED),
        (ActionId.RESOLVE, Status.RESOLVED),
        (ActionId.REOPEN, Status.ACKNOWLEDGED),
    ):
        await workspace.click(await workspace.post_card(incident_id), action_id)
        assert (await workspace.incident(incident_id)).status is status


async def test_the_roll_up_of_a_storm_that_was_forgotten_takes_nothing(workspace: Workspace) -> None:
    ids = await a_storm(workspace, of=3)
    ts = await post_rollup(workspace)
    async with workspace.engines.write.begin() as connection:
        began_at = (await connection.execute(sa.select(tables.storms.c.began_at))).scalar_one()
        await connection.execute(sa.update(tables.storms).values(began_at=began_at + timedelta(microseconds=1)))
    await workspace.click(ts, "storm_acknowledge")
    assert UNKNOWN_THING in await said(workspace)
    assert {(await workspace.incident(id_)).status for id_ in ids} == {Status.ACTIVE}
    await workspace.click(ts, "storm_list", user=BOB)
    assert UNKNOWN_THING in await workspace.is_told(UNKNOWN_THING, user=BOB)


async def test_a_request_that_was_forgotten_decides_nothing(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.choose(await workspace.post_card(incident_id), Do.NOISE)
    await workspace.modal()
    await workspace.submit({"reason": "x"})

    async def asked(uow: UnitOfWork) -> tuple[Approval, Any, Incident]:
        [approval] = await uow.approvals.page(is_open=True, incident_id=None, before=None, limit=2)
        return approval, await uow.timeline.get(approval.event_id), await uow.incidents.get(incident_id)

    message = approval_message(*await workspace.doors.real.read(asked))
    ts = str((await workspace.client.chat_postMessage(channel="#incidents", text="x", blocks=message.blocks))["ts"])
    async with workspace.engines.write.begin() as connection:
        asked_at = (await connection.execute(sa.select(approvals.c.asked_at))).scalar_one()
        await connection.execute(sa.update(approvals).values(asked_at=asked_at + timedelta(microseconds=1)))
    for action_id, user in (("approval_approve", BOB), ("approval_decline", BOB), ("approval_withdraw", ALICE)):
        await workspace.click(ts, action_id, user=user)
        assert UNKNOWN_THING in await workspace.is_told(UNKNOWN_THING, user=user)
    assert len(await workspace.told(BOB)) == 2
    approval, _, incident = await workspace.doors.real.read(asked)
    assert (approval.is_open, incident.is_open) == (True, True)
