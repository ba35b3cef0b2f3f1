"""On-call in Slack: the group that follows, the word about a handover, and who has left, on one clock."""

import asyncio
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.people import Directory
from bot.usergroups import GroupKeeper
from incidents.actions import take_over
from incidents.policy import Policies, Policy, Route
from incidents.schedules import Layer, Rotation, Schedule, on_call
from jobs.handovers import Handovers
from jobs.leavers import Leavers
from sandbox.settings import DEFAULT_SCOPES
from tests.building import BOB, firing
from tests.integration.publisher.conftest import Build
from tests.integration.publisher.stage import START, Stage

ALICE, CAROL, DAY = "U0ALICE", "U0CAROL", 86_400
NEXT = {"U0ALICE": "U0BOB", "U0BOB": "U0ALICE"}
DAILY = Layer("all", Rotation(("U0ALICE", "U0BOB"), every=1))
PAYMENTS = Schedule("payments", ZoneInfo("UTC"), (DAILY,), user_group="@oncall", handover_channel="#general", line=7)
FIRST = on_call(PAYMENTS, START) or ""
SECOND = NEXT[FIRST]
ROUTES = (Route("#incidents", {"service": frozenset({"pay"})}, mention=("schedule:payments",)), Route("#incidents"))
POLICY = Policy(schedules={"payments": PAYMENTS}, routes=ROUTES, admin_channel="#general")


class Team:
    """Of each process what looks after on-call."""

    def __init__(self, stage: Stage, policy: Policy = POLICY) -> None:
        self.stage, self.policies, self.outdated = stage, Policies(policy), 0
        told: dict[str, Any] = {"changed": lambda: None}
        places = [(hand.transactions, hand.client) for hand in stage.hands]
        self.groups = [GroupKeeper(t, c, self.policies, outdated=self._outdated, **told) for t, c in places]
        self.handovers = [Handovers(t, self.policies, **told) for t, _ in places]
        self.leavers = [Leavers(t, Directory(c), self.policies, **told) for t, c in places]

    def _outdated(self) -> None:
        self.outdated += 1

    async def look(self) -> None:
        """All of them at once, when a turn is free again; then Slack hears of it."""
        self.stage.clock.advance(61)
        jobs = [*self.groups, *self.handovers, *self.leavers]
        await asyncio.gather(*(job.tick() for job in jobs))
        await self.stage.settle()

    async def members(self) -> list[str]:
        told = await self.stage.hands[0].client.usergroups_users_list(usergroup="S0ONCALL")
        return list(told["users"])

    async def updates(self) -> int:
        return len(await self.stage.calls("usergroups.users.update"))


async def test_the_group_is_who_is_on_call_and_slack_is_told_only_of_changes(build: Build) -> None:
    team = Team(await build(publishers=3))
    for _ in range(3):
        await team.look()
    assert (await team.members(), await team.updates(), team.outdated) == ([FIRST], 1, 1)
    team.stage.clock.advance(DAY)
    await team.look()
    assert (await team.members(), await team.updates()) == ([SECOND], 2)
    await team.stage.do("people", group="@oncall", members=["alice", "bob"], silent=True)
    await team.look()
    assert (await team.members(), await team.updates()) == ([SECOND], 3)


async def test_of_two_schedules_that_name_one_group_both_are_in_it_and_nobody_leaves_it_empty(build: Build) -> None:
    always = Schedule("search", ZoneInfo("UTC"), (Layer("all", Rotation((CAROL,))),), user_group="S0ONCALL")
    team = Team(
        await build(),
        replace(POLICY, schedules={"payments": replace(PAYMENTS, user_group="S0ONCALL"), "search": always}),
    )
    await team.look()
    assert await team.members() == [FIRST, CAROL]
    nobody = replace(always, layers=())
    team.policies.current = replace(POLICY, schedules={"search": nobody})
    await team.look()
    assert await team.members() == [FIRST, CAROL]


@pytest.mark.parametrize(
    ("scopes", "group", "error"),
    [
        (["usergroups:write"], "@oncall", "missing_scope"),
        (["usergroups:read"], "@oncall", "missing_scope"),
        ([], "@nobody", "no_such_subteam"),
    ],
)
async def test_what_keeps_a_group_out_of_step_is_told_once(
    build: Build, scopes: list[str], group: str, error: str
) -> None:
    team = Team(await build(scopes=[one for one in DEFAULT_SCOPES if one not in scopes]))
    team.policies.current = replace(POLICY, schedules={"payments": replace(PAYMENTS, user_group=group)})
    for _ in range(3):
        await team.look()
    [told] = await team.stage.texts("#general")
    assert f"The Slack user group of on-call *payments* can't be kept in step (`{error}`)" in told
    team.policies.current = replace(POLICY, schedules={})
    await team.look()
    assert await team.stage.texts("#general") == ["✅ On-call *payments*: what was wrong is fixed."]


async def test_slack_that_does_not_answer_is_no_trouble(build: Build) -> None:
    team = Team(await build())
    await team.stage.breaks("usergroups.list", "http_500", times=2)
    await team.stage.breaks("usergroups.users.update", "error:ratelimited")
    for _ in range(4):
        await team.look()
    assert (await team.members(), await team.stage.texts("#general")) == ([FIRST], [])


async def test_a_handover_says_who_until_when_and_what_is_open_once(build: Build) -> None:
    team = Team(await build(publishers=3, policy=POLICY))
    await team.stage.take(firing("a", service="pay", severity="warning"))
    await team.stage.take(firing("b", service="pay", cluster="b", severity="critical"))
    await team.stage.take(firing("c", service="search"))
    for _ in range(2):
        await team.look()
    assert await team.stage.texts("#general") == []
    team.stage.clock.advance(DAY)
    for _ in range(3):
        await team.look()
    [told] = await team.stage.roots("#general")
    assert told["text"].startswith(f"🔁 <@{FIRST}> hands *payments* over to <@{SECOND}>, until <!date^")
    assert told["text"].endswith("2 incidents are open, gravest first:")
    shown = str(told["blocks"])
    assert shown.index("INC-2") < shown.index("INC-1")
    assert "INC-3" not in shown


async def test_who_takes_it_over_is_handed_over_to_and_gives_it_back(build: Build) -> None:
    team = Team(await build(publishers=2, policy=POLICY))
    await team.look()
    end = team.stage.clock.now.replace(hour=12)
    await team.stage.write(lambda uow: take_over(PAYMENTS, person=CAROL, start=None, end=end, by=BOB, uow=uow))
    await team.look()
    team.stage.clock.advance(3 * 3600)
    await team.look()
    told = await team.stage.texts("#general")
    assert [one.partition(", until")[0] for one in told] == [
        f"🔁 <@{FIRST}> hands *payments* over to <@{CAROL}>",
        f"🔁 <@{CAROL}> hands *payments* over to <@{FIRST}>",
    ]


async def test_who_left_is_told_with_the_line_once_a_day(build: Build) -> None:
    gone = replace(PAYMENTS, layers=(Layer("all", Rotation(("U0ALICE", "U0NOBODY"), every=1)),), user_group=None)
    team = Team(await build(publishers=2), replace(POLICY, schedules={"payments": gone}))
    await team.stage.do("people", user="alice", deleted=True, silent=True)
    for _ in range(2):
        await team.look()
    told = [one for one in await team.stage.texts("#general") if "is not in Slack any more" in one]
    assert len(told) == 2
    assert all("schedule payments (line 7)" in one for one in told)
    asked = len(await team.stage.calls("users.info"))
    await team.look()
    assert len(await team.stage.calls("users.info")) == asked == 2
    await team.stage.do("people", user="alice", deleted=False, silent=True)
    team.stage.clock.advance(DAY)
    await team.look()
    assert len([one for one in await team.stage.texts("#general") if "is not in Slack any more" in one]) == 1
