"""A second person in Slack: asked by button, form and command, answered in the thread, once."""

import asyncio

import pytest

from bot.blocks.approval import approval_message
from incidents.approvals.model import Approval, ApprovalRule, Outcome, Wanted
from incidents.audit import keeping
from incidents.model import Event, EventKind, Incident
from incidents.policy import Policy
from incidents.ports import UnitOfWork
from tests.integration.bot.workspace import ALICE, BOB, Workspace

CAROL = "U0CAROL"


@pytest.fixture
def policy() -> Policy:
    """Whatever is closed takes two people."""
    return Policy(approvals=(ApprovalRule(frozenset(Wanted)),))


async def post_question(workspace: Workspace) -> str:
    """The ts of the message that asks, of the newest request, as the publisher renders it."""

    async def work(uow: UnitOfWork) -> tuple[Approval, Event, Incident]:
        [newest, *_] = await uow.approvals.page(is_open=None, incident_id=None, before=None, limit=1)
        incident = await uow.incidents.get(newest.incident_id)
        return newest, await uow.timeline.get(newest.event_id), incident

    message = approval_message(*await workspace.doors.real.read(work))
    told = await workspace.client.chat_postMessage(channel="#incidents", text=message.text, blocks=message.blocks)
    return str(told["ts"])


async def newest(workspace: Workspace) -> Approval:
    async def work(uow: UnitOfWork) -> Approval:
        return (await uow.approvals.page(is_open=None, incident_id=None, before=None, limit=1))[0]

    return await workspace.doors.real.read(work)


async def origins(workspace: Workspace) -> dict[str, tuple[str, str]]:
    """Who did what of the first incident, and from where, as the audit log tells it."""

    async def work(uow: UnitOfWork) -> dict[str, tuple[str, str]]:
        found = await uow.audit.found(keeping.Wanted(subject="INC-1"), before=None, limit=20)
        return {one.told.action: (one.told.actor, one.told.origin) for one in found}

    return await workspace.doors.real.read(work)


async def asks(workspace: Workspace) -> str:
    await workspace.do("people", user=CAROL, locale="en-US")
    await workspace.click(await workspace.post_card(1), "incident_resolve")
    return await post_question(workspace)


async def test_the_button_asks_and_another_approves(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    question = await asks(workspace)
    assert await workspace.is_told("A second person must confirm: INC-1 is asked in its thread until")
    assert (await workspace.incident(incident_id)).is_open
    await workspace.click(question, "approval_approve", user=ALICE)
    assert await workspace.is_told("You asked for it yourself: somebody else must approve it")
    await workspace.click(question, "approval_withdraw", user=BOB)
    assert await workspace.is_told("Only <@U0ALICE>, who asked, can withdraw it", user=BOB)
    await workspace.click(await workspace.post_card(1), "incident_resolve", user=BOB)
    assert await workspace.is_told("<@U0ALICE> wants to resolve INC-1 already", user=BOB)
    await asyncio.gather(*(workspace.click(question, "approval_approve", user=who) for who in (BOB, CAROL)))
    incident = await workspace.incident(incident_id)
    assert (incident.resolved_by, incident.is_open) == (ALICE, False)
    late = CAROL if incident.approved_by == BOB else BOB
    assert await workspace.is_told("was faster and has approved it", user=late)
    assert [event.kind for event in await workspace.events(incident_id)].count(EventKind.RESOLVED) == 1
    await workspace.click(question, "approval_decline", user=late)
    assert len([one for one in await workspace.told(late) if "was faster" in one]) == 2
    assert (await workspace.see("views", user=late))["views"] == []


async def test_the_audit_log_says_that_it_was_approved_in_slack(workspace: Workspace) -> None:
    await workspace.has_incident()
    await workspace.click(await asks(workspace), "approval_approve", user=CAROL)
    told = await origins(workspace)
    assert (told["incident.approval_asked"], told["incident.approved"]) == ((ALICE, "slack"), (CAROL, "slack"))
    assert told["incident.resolved"] == (ALICE, "approval")


async def test_declining_takes_a_form_with_a_reason(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    question = await asks(workspace)
    await workspace.click(question, "approval_decline", user=ALICE)
    assert await workspace.is_told("You asked for it yourself: withdraw it instead")
    for who in (BOB, CAROL):
        await workspace.click(question, "approval_decline", user=who)
        await workspace.form("approval_decline", user=who)
    assert (await workspace.submit({"reason": "not yet"}, user=BOB))["body"] == ""
    assert ((await newest(workspace)).outcome, (await newest(workspace)).reason) == (Outcome.DECLINED, "not yet")
    assert (await workspace.incident(incident_id)).is_open
    late = await workspace.submit({}, user=CAROL)
    assert "was faster and has declined it" in str(late["body"]["errors"])
    question = await asks(workspace)
    await workspace.click(question, "approval_withdraw", user=ALICE)
    assert (await newest(workspace)).outcome is Outcome.WITHDRAWN


async def test_the_form_of_noise_says_that_it_waits(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.choose(await workspace.post_card(incident_id), "noise")
    await workspace.form("incident_noise")
    answer = await workspace.submit({"reason": "flaky"})
    assert answer["body"]["response_action"] == "update"
    assert "A second person must confirm" in str(answer["body"]["view"])
    assert not (await workspace.incident(incident_id)).is_noise


async def test_by_command_too_and_from_the_home(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    assert "INC-1 is not waiting for a second person." in await workspace.command("approve 1", user=BOB)
    assert "A second person must confirm" in await workspace.command("resolve 1 rolled back")
    assert "You have asked already" in await workspace.command("noise 1")
    assert "You withdrew it: INC-1 stays as it is." in await workspace.command("withdraw 1")
    assert "A second person must confirm" in await workspace.command("noise 1")
    assert "You declined it: INC-1 stays as it is." in await workspace.command("decline 1 it is real", user=BOB)
    await workspace.open_home()
    await workspace.home_comes_to_say("INC-1")
    await workspace.click_home("incident_resolve", f"do-{incident_id}")
    assert "A second person must confirm" in str(await workspace.modal())
    await workspace.home_comes_to_say("Waiting for a second person until")
    assert "You approved it: INC-1 is resolved." in await workspace.command("approve 1", user=BOB)
    assert (await workspace.incident(incident_id)).approved_by == BOB
