"""The channels that bongsu.yaml names: joined where that can be, spoken of where it can't, and found by their ids."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bongsu.showing import check_showing
from bot.channel_watch import ChannelWatch
from bot.channels import Channels
from bot.check import Level, check_slack
from bot.groups import Groups
from bot.publisher.slack import Slack
from incidents.actions import acknowledge
from incidents.escalation.model import EscalationPolicy, Step
from incidents.policy import Policies, Policy, Route, StormPolicy
from sandbox.settings import DEFAULT_SCOPES
from tests.building import ALICE, firing
from tests.integration.publisher.conftest import Build
from tests.integration.publisher.stage import Hand, Json, Stage

PAYMENTS = Policy(routes=(Route("#payments", {"service": frozenset({"payments"})}),))
JOIN = "conversations.join"


class Watched:
    """A stage whose publisher knows what its watch has found out."""

    def __init__(self, stage: Stage, policy: Policy = PAYMENTS) -> None:
        self.stage, self.policies = stage, Policies(policy)
        hand, self.woken = stage.hands[0], list[int]()
        self.channels = Channels(hand.client, sleep=self._sleep)
        self.slept: list[float] = []
        slack = Slack(hand.client, stage.metrics, channels=self.channels, clock=stage.clock.monotonic)
        self.hand = Hand(hand.name, hand.transactions, replace(hand.courier, slack=slack), hand.client)
        stage.hands[0] = self.hand  # type: ignore[index]
        self.watch = ChannelWatch(
            hand.transactions,
            self.channels,
            Groups(hand.client, clock=stage.clock.monotonic),
            self.policies,
            changed=lambda: self.woken.append(1),
            clock=stage.clock.monotonic,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def looks_again(self, seconds: float = 300) -> None:
        self.stage.clock.advance(seconds)
        await self.watch.tick()

    async def member(self, channel: str = "payments") -> bool:
        found = (await self.hand.client.conversations_list(types="public_channel,private_channel", limit=1000)).data
        assert isinstance(found, dict)
        return any(one["is_member"] for one in found["channels"] if one["name"] == channel)


async def notices(stage: Stage) -> list[str]:
    found = await stage.roots()
    return [one["text"] for one in found if one["blocks"] and one["blocks"][0]["block_id"] == "channel"]


async def make(stage: Stage, name: str = "payments", **given: Any) -> Json:
    return (await stage.do("channel", name=name, **given))["channel"]


async def test_a_public_channel_is_joined(stage: Stage) -> None:
    await make(stage, bot_member=False)
    watched = Watched(stage)
    await watched.watch.tick()
    assert await watched.member()
    assert await notices(stage) == []
    await watched.looks_again(3600)
    assert len(await stage.calls(JOIN)) == 1, "joined once and for all"


@pytest.mark.parametrize("given", [{"private": True, "bot_member": False}, None], ids=["private", "missing"])
async def test_a_private_or_missing_one_says_what_to_do_and_that_it_is_mended(
    stage: Stage, given: dict[str, bool] | None, caplog: pytest.LogCaptureFixture
) -> None:
    if given is not None:
        await make(stage, **given)
    watched = Watched(stage)
    await watched.watch.tick()
    await stage.settle()
    [told] = await notices(stage)
    assert "`/invite @Bongsu` in #payments" in told
    assert "write `/invite @Bongsu` in #payments" in caplog.text
    [finding] = await check_showing(watched.hand.transactions, PAYMENTS)
    assert (finding.level, "#payments" in finding.what) == (Level.WARNING, True)
    await make(stage, bot_member=True)
    await watched.looks_again()
    await stage.settle()
    [told] = await notices(stage)
    assert "✅ #payments takes messages again" in told
    assert await check_showing(watched.hand.transactions, PAYMENTS) == []


async def test_what_stays_wrong_is_told_once(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    watched = Watched(stage)
    for _ in range(5):
        await watched.looks_again()
    await stage.settle()
    assert len(await notices(stage)) == 1
    assert caplog.text.count("#payments does not exist") == 1


async def test_a_group_that_slack_does_not_know_is_told_with_its_place_until_it_is_mended(stage: Stage) -> None:
    steps = (Step(timedelta(minutes=5), ("@ghosts", "@oncall")),)
    page = EscalationPolicy("page", steps, line=7)
    watched = Watched(stage, Policy(escalations={"page": page}))
    await stage.breaks("usergroups.list", "http_500")
    await watched.watch.tick()
    assert await stage.roots() == [], "what Slack does not tell is not missing"
    for _ in range(3):
        await watched.looks_again()
    await stage.settle()
    [told] = [one["text"] for one in await stage.roots()]
    assert told == (
        "⚠ Slack has no user group @ghosts: it calls nobody. "
        "Create it, or correct `bongsu.yaml`: escalation page (line 7)."
    )
    watched.policies.current = Policy()
    await watched.looks_again()
    await stage.settle()
    [told] = [one["text"] for one in await stage.roots()]
    assert told.startswith("✅")


async def test_an_archived_one_says_so(stage: Stage) -> None:
    await make(stage, archived=True)
    watched = Watched(stage)
    await watched.watch.tick()
    await stage.settle()
    [told] = await notices(stage)
    assert "is archived" in told


async def test_the_admins_own_channel_can_not_be_told_there(stage: Stage) -> None:
    watched = Watched(stage, Policy(default_channel="#gone", admin_channel="#gone"))
    await watched.watch.tick()
    assert await stage.outbox("notice") == []
    [finding] = await check_showing(watched.hand.transactions, watched.policies.current)
    assert finding.level is Level.ERROR


async def test_a_renamed_channel_is_posted_to_by_its_id_also_after_a_restart(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await make(stage)
    watched = Watched(stage)
    await watched.watch.tick()
    await make(stage, rename="pay-team")
    stage = watched.stage
    await take(stage, "a")
    assert len([one for one in await stage.texts("#pay-team") if "INC-1" in one]) == 1
    again = Watched(stage)
    await again.watch.tick()
    assert "#payments is called #pay-team now" in caplog.text
    await take(stage, "b")
    assert len([one for one in await stage.texts("#pay-team") if "INC-2" in one]) == 1
    assert await notices(stage) == []


async def take(stage: Stage, cluster: str) -> None:
    await replace(stage, policy=PAYMENTS).take(firing(cluster, service="payments", cluster=cluster))
    await stage.settle()


async def test_another_configuration_is_looked_at_at_once(stage: Stage) -> None:
    await make(stage, bot_member=False)
    watched = Watched(stage, Policy())
    await watched.watch.tick()
    assert not await watched.member()
    watched.policies.current = PAYMENTS
    await watched.watch.tick()
    assert await watched.member()


async def test_slack_away_is_waited_for(stage: Stage) -> None:
    await make(stage, bot_member=False)
    watched = Watched(stage)
    await stage.breaks("conversations.list", "http_500")
    await watched.watch.tick()
    assert not await watched.member()
    await watched.looks_again(30)
    assert await watched.member()


async def test_a_rate_limit_is_waited_for_and_paging_goes_on(stage: Stage) -> None:
    await make(stage, bot_member=False)
    watched = Watched(stage)
    await stage.breaks("conversations.list", "ratelimited", retry_after=7)
    await watched.watch.tick()
    assert watched.slept == [7.0]
    assert await watched.member()


async def test_all_pages_are_looked_through_a_thousand_at_a_time(stage: Stage) -> None:
    watched = Watched(stage)
    await watched.watch.tick()
    [call] = await stage.calls("conversations.list")
    assert str(call["args"]["limit"]) == "1000"


async def test_without_the_scope_to_join_the_log_says_which(build: Build, caplog: pytest.LogCaptureFixture) -> None:
    stage = await build(scopes=[one for one in DEFAULT_SCOPES if one not in {"channels:join", "channels:manage"}])
    await make(stage, bot_member=False)
    watched = Watched(stage)
    await watched.watch.tick()
    await stage.settle()
    assert "add the scope channels:join" in caplog.text
    assert await notices(stage) == [], "it can be posted to all the same"


async def test_a_handle_that_nobody_has_is_told(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    routes = (Route("#incidents", mention=("@oncall", "@nobody", "<@U0ALICE>")),)
    watched = Watched(stage, Policy(routes=routes))
    await watched.watch.tick()
    assert "no user group has the handle @nobody" in caplog.text
    assert "@oncall" not in caplog.text


async def test_doctor_tells_of_each_channel_and_joins_none(stage: Stage) -> None:
    await make(stage, "open", bot_member=False)
    await make(stage, "secret", private=True, bot_member=False)
    await make(stage, "old", archived=True)
    channels = ("#open", "#secret", "#old", "#nowhere", "C0GENERAL", "C0NOWHERE")
    found = await check_slack(
        stage.hands[0].client, channel="#incidents", routed=channels, mentioned=("@oncall", "@nobody")
    )
    told = {finding.what: (finding.level, finding.how) for finding in found}
    assert told["channel #incidents exists and can be read"][0] is Level.OK
    assert told["channel C0GENERAL exists and can be read"][0] is Level.OK
    level, how = told["Bongsu is no member of channel #open: it can post, but not find a message again"]
    assert (level, "joins a public channel by itself" in how) == (Level.WARNING, True)
    for missing in ("#secret", "#nowhere", "C0NOWHERE"):
        level, how = told[f"there is no channel {missing}, or it is private and Bongsu is no member"]
        assert (level, f"/invite @Bongsu in {missing}" in how) == (Level.ERROR, True)
    assert told["channel #old is archived"][0] is Level.ERROR
    assert told["no user group has the handle @nobody: it mentions nobody"][0] is Level.WARNING
    assert await stage.calls(JOIN) == []


# --- mentions -----------------------------------------------------------------------------------------------------

LOUD = Policy(
    routes=(Route("#incidents", mention=("@oncall", "<@U0BOB>"), also=("#general",)),), storm=StormPolicy(above=3)
)


async def below(stage: Stage, channel: str = "#incidents") -> list[str]:
    return [one["text"] for one in await stage.messages(channel) if one["thread_ts"]]


async def test_the_first_post_of_the_thread_mentions_once(build: Build) -> None:
    stage = await build(policy=LOUD)
    await stage.take(firing("a", severity="critical"))
    await stage.settle()
    told = "<!subteam^S0ONCALL> <@U0BOB> CRITICAL INC-1 has opened: Checkout 5xx above 5 %."
    assert await below(stage) == [told]
    assert await below(stage, "#general") == []
    assert len(await stage.roots("#general")) == 1
    await stage.take(firing("b", severity="critical"))
    await stage.settle()
    assert await below(stage) == [told]


async def test_a_handle_is_only_named_where_slack_does_not_tell_its_group(build: Build) -> None:
    stage = await build(policy=LOUD)
    await stage.breaks("usergroups.list", "error:missing_scope", times=None)
    await stage.take(firing("a"))
    await stage.settle()
    [told] = await below(stage)
    assert told.startswith("@oncall <@U0BOB> WARNING INC-1")


async def test_what_somebody_has_before_it_is_said_mentions_nobody(build: Build) -> None:
    stage = await build(policy=LOUD)
    await stage.take(firing("a"))
    await stage.write(lambda uow: acknowledge(1, by=ALICE, uow=uow))
    await stage.settle()
    assert [one for one in await below(stage) if "has opened" in one] == []
