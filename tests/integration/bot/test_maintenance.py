"""Maintenance: planned by command and by a form in two steps, shown in a Home, ended there, refused with reasons."""

import pytest

from bot.language import speaking, t
from incidents.maintenance.model import Repeat, Window
from incidents.policy import Policy
from incidents.roles import Role, Roles
from tests.integration.bot.workspace import ALICE, Json, Workspace, until

CAROL = "U0CAROL"


@pytest.fixture
def policy() -> Policy:
    """Carol may only look."""
    return Policy(roles=Roles(Role.RESPONDER, {CAROL: Role.VIEWER}, {}))


async def windows(workspace: Workspace) -> list[Window]:
    return await workspace.doors.real.read(lambda uow: uow.maintenance.standing())


async def said(workspace: Workspace) -> list[str]:
    """What everybody in the channel sees."""
    told = (await workspace.see("messages", channel="#incidents"))["messages"]
    return [one["text"] for one in told]


def errors(answer: Json) -> dict[str, str]:
    told: dict[str, str] = answer["body"]["errors"]
    return told


async def test_a_command_plans_it_and_everybody_sees_it(workspace_anywhere: Workspace) -> None:
    workspace = workspace_anywhere
    await workspace.has_incident()
    await workspace.do(
        "command", command="/incident", text="maintenance checkout 2h at tomorrow 22:00 move", user=ALICE,
        channel="#incidents",
    )  # fmt: skip
    [window] = await windows(workspace)
    assert (window.name, window.reason, window.by, window.channel) == ("checkout", "move", ALICE, "C0INCIDENTS")
    assert window.zone.key == "Asia/Seoul"
    [told] = await said(workspace)
    assert "Maintenance of *checkout* from <!date^" in told
    assert "In the last 30 days it would have matched 1 incident with" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("payments 0m", "That lasts less than a minute."),
        ("payments 31d", "That is more than 30 days."),
        ("payments until 2025-01-01 09:00", "That time has passed."),
        ("payments 2h at 2025-01-01 09:00", "That begins in the past."),
        ("2h", "so it would match everything. Name a service"),
        ("severity=bad 2h", "Severity: “bad” is none: write one of critical"),
        ("end payments", "There is no maintenance, and none is planned."),
        ("list", "There is no maintenance, and none is planned."),
        ("payments", "For how long?"),
    ],
)
async def test_what_can_not_be_meant_is_refused(workspace: Workspace, text: str, told: str) -> None:
    assert told in await workspace.command(f"maintenance {text}")
    assert await windows(workspace) == []


async def test_a_viewer_may_look_and_not_plan(workspace: Workspace) -> None:
    refused = "Only responders may plan maintenance and end it."
    with speaking("ko"):  # as Carol does, once that is known
        told = (refused, t(refused))
    for line in ("maintenance payments 2h", "maintenance"):
        answer = await workspace.command(line, user=CAROL)
        assert any(one in answer for one in told)
    assert "*payments*" in await workspace.command("maintenance preview payments", user=CAROL)
    assert await windows(workspace) == []


async def test_the_form_says_what_it_would_have_matched_before_it_plans(workspace_anywhere: Workspace) -> None:
    workspace = workspace_anywhere
    await workspace.has_incident()
    await workspace.do("command", command="/incident", text="maintenance", user=ALICE, channel="#incidents")
    await workspace.form("incident_maintenance")
    wrong = await workspace.submit({"length": "soon", "repeats": "none"})
    assert errors(wrong)["length"].startswith("For how long: write")
    assert "match everything" in errors(await workspace.submit({"length": "2h", "repeats": "none"}))["service"]
    asked = {"service": "Checkout", "length": "2h", "repeats": "weekly", "reason": "upgrade"}
    await workspace.submit(asked)
    form = await workspace.form("incident_maintenance_confirm")
    assert "it would have matched 1 incident" in str(form["blocks"])
    assert await windows(workspace) == []
    await workspace.submit({})
    [window] = await windows(workspace)
    assert (window.name, window.repeats, window.reason) == ("checkout", Repeat.WEEKLY, "upgrade")
    notices = await workspace.doors.real.read(lambda uow: uow.publishing.depth())
    assert notices[0] >= 1


async def test_a_home_shows_it_and_ends_it(workspace: Workspace) -> None:
    await workspace.do("command", command="/incident", text="maintenance checkout 2h", user=ALICE, channel="#incidents")
    [window] = await windows(workspace)
    await workspace.open_home()
    await workspace.home_comes_to_say("Maintenance", "*checkout* until")
    await workspace.click_home("home_maintenance_end", f"window-{window.id}")
    assert await windows(workspace) == []

    async def is_gone() -> bool:
        return "*checkout*" not in await workspace.home()

    await until(is_gone)
