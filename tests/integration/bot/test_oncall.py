"""Who is on call: asked by command, taken over by command and by a form, given back by a button, shown in a Home."""

import json
import time
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incidents.policy import Policy
from incidents.roles import Role, Roles
from incidents.schedules import Layer, Override, Rotation, Schedule
from tests.integration.bot.workspace import ALICE, BOB, Json, Workspace

CAROL = "U0CAROL"
HOUR = 3600


def schedule(name: str, *people: str) -> Schedule:
    return Schedule(name, ZoneInfo("Asia/Seoul"), (Layer("all", Rotation(people)),))


@pytest.fixture
def policy() -> Policy:
    """Bob has payments for ever; Alice and Carol take turns for search. Carol may only look."""
    schedules = {"payments": schedule("payments", BOB), "search": schedule("search", ALICE, CAROL)}
    return Policy(roles=Roles(Role.RESPONDER, {CAROL: Role.VIEWER}, {}), schedules=schedules)


async def overrides(workspace: Workspace) -> list[Override]:
    return await workspace.doors.real.read(lambda uow: uow.overrides.standing())


async def ephemerals(workspace: Workspace, user: str = ALICE) -> list[Json]:
    told: list[Json] = (await workspace.see("ephemerals", user=user))["ephemerals"]
    return told


async def press(workspace: Workspace, action_id: str, *, user: str = ALICE) -> Json:
    """A button of the last answer that this person sees."""
    ts = (await ephemerals(workspace, user))[-1]["ts"]
    return await workspace.click(ts, action_id, user=user)


async def opens_form(workspace: Workspace, *, user: str = ALICE) -> Json:
    await workspace.command("oncall", user=user)
    await press(workspace, "oncall_take", user=user)
    return await workspace.form("oncall_take", user=user)


def errors(answer: Json) -> dict[str, str]:
    told: dict[str, str] = answer["body"]["errors"]
    return told


async def test_it_says_who_has_it_until_when_and_who_is_next(workspace: Workspace) -> None:
    told = await workspace.command("oncall", user=CAROL)
    assert f"*payments*: <@{BOB}>, until further notice" in told
    assert "*search*: <@U0" in told
    assert "until <!date^" in told
    assert ", then <@U0" in told
    assert "*payments*" not in await workspace.command("oncall search")
    assert "oncall_end" not in told


async def test_who_takes_it_has_it_and_may_end_it(workspace_anywhere: Workspace) -> None:
    workspace = workspace_anywhere
    told = await workspace.command("oncall Payments me 4h")
    assert f"<@{ALICE}> is on call for *payments* from <!date^" in told
    assert f"*payments*: <@{ALICE}> until <!date^" in told
    assert f"then <@{BOB}>" in told
    [override] = await overrides(workspace)
    assert (override.person, override.by, override.end - override.start) == (ALICE, ALICE, timedelta(hours=4))
    await press(workspace, "oncall_end")
    await workspace.is_told(f"*payments*: <@{BOB}>, until further notice")
    assert await overrides(workspace) == []


async def test_it_is_given_to_another_until_a_time_where_one_is(workspace: Workspace) -> None:
    told = await workspace.command(f"oncall payments <@{BOB}|bob> until 18:00")
    assert f"<@{BOB}> is on call for *payments*" in told
    [override] = await overrides(workspace)
    assert f"{override.end.astimezone(ZoneInfo('Asia/Seoul')):%H:%M}" == "18:00"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("oncall paymets me 4h", "There is no schedule “paymets”. Did you mean `payments`?"),
        ("oncall zzz", "There is no schedule “zzz”. There are `payments`, `search`."),
        ("oncall me 4h", "Which schedule? There are `payments`, `search`."),
        ("oncall payments me 32d", "That is more than 31 days. Choose an earlier end."),
        ("oncall payments me 2025-01-01 09:00", "That time has passed. Choose a later end."),
        ("oncall payments me 0h", "That time has passed. Choose a later end."),
        ("oncall payments me", "Until when?"),
    ],
)
async def test_what_can_not_be_meant_is_refused(workspace: Workspace, text: str, told: str) -> None:
    assert told in await workspace.command(text)
    assert await overrides(workspace) == []


async def test_who_has_left_takes_nothing_over(workspace: Workspace) -> None:
    await workspace.do("people", user=BOB, deleted=True)
    assert "has left the workspace: choose somebody else." in await workspace.command(f"oncall payments <@{BOB}> 4h")
    assert await overrides(workspace) == []


async def test_a_viewer_may_look_and_not_take_over(workspace: Workspace) -> None:
    refused = "Only responders may change who is on call."
    assert refused in await workspace.command("oncall payments me 4h", user=CAROL)
    await workspace.command("oncall", user=CAROL)
    await press(workspace, "oncall_take", user=CAROL)
    await workspace.is_told(refused, user=CAROL)
    assert await overrides(workspace) == []


async def test_the_form_takes_over_and_the_answer_shows_it(workspace_anywhere: Workspace) -> None:
    workspace = workspace_anywhere
    form = await opens_form(workspace)
    elements = {block["block_id"]: block["element"] for block in form["blocks"]}
    assert elements["person"]["initial_user"] == ALICE
    assert [one["value"] for one in elements["schedule"]["options"]] == ["payments", "search"]
    start, end = int(time.time()) + HOUR, int(time.time()) + 3 * HOUR
    answer = await workspace.submit({"schedule": "payments", "person": BOB, "start": start, "end": end})
    assert answer["body"] == ""
    await workspace.is_told(f"<@{BOB}> is on call for *payments* from <!date^{start}^")
    [override] = await overrides(workspace)
    assert (override.person, override.by) == (BOB, ALICE)
    assert (override.start.timestamp(), override.end.timestamp()) == (start, end)
    assert "oncall_end" in json.dumps((await ephemerals(workspace))[-1])


@pytest.mark.parametrize(
    ("values", "field", "told"),
    [
        ({"end": 2 * HOUR, "start": 3 * HOUR}, "end", "That ends before it begins."),
        ({"end": -HOUR}, "end", "That time has passed."),
        ({"end": 2 * HOUR, "start": -2 * HOUR}, "start", "That begins in the past."),
        ({"end": 32 * 24 * HOUR}, "end", "That is more than 31 days."),
    ],
)
async def test_the_form_says_under_the_field_what_is_wrong(
    workspace: Workspace, values: dict[str, int], field: str, told: str
) -> None:
    await opens_form(workspace)
    now = int(time.time())
    given: dict[str, Any] = {name: now + ahead for name, ahead in values.items()}
    answer = await workspace.submit({"schedule": "payments", **given})
    assert list(errors(answer)) == [field]
    assert told in errors(answer)[field]
    assert await overrides(workspace) == []


async def test_ending_twice_changes_nothing_and_says_so(workspace: Workspace) -> None:
    """Two answers show the same."""
    await workspace.command("oncall payments me 4h")
    await workspace.command("oncall payments")
    first, second = [one["ts"] for one in await ephemerals(workspace)]
    await workspace.click(first, "oncall_end")
    await workspace.is_told(f"It is over that <@{ALICE}> has *payments*.")
    await workspace.click(second, "oncall_end")
    await workspace.is_told("That has ended already, so nothing was changed.")
    assert workspace.counted(kind="click", name="oncall_end", outcome="refused") == 1


async def test_a_home_says_who_is_on_call(workspace: Workspace) -> None:
    await workspace.command("oncall search me 4h")
    await workspace.open_home(ALICE)
    await workspace.home_comes_to_say(f"On call now: payments <@{BOB}>, search <@{ALICE}>")


class TestWithoutSchedules:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy()

    async def test_it_says_where_they_are_written(self, workspace: Workspace) -> None:
        told = "There are no schedules: they are written in `bongsu.yaml`, below `schedules`."
        for text in ("oncall", "oncall payments", "oncall me 4h"):
            assert told in await workspace.command(text)

    async def test_a_home_has_no_line_of_it(self, workspace: Workspace) -> None:
        await workspace.open_home(ALICE)
        assert "On call" not in await workspace.home_comes_to_say("All is quiet")
