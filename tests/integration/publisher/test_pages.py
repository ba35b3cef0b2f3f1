"""Pages as Slack gets them: whom they mention, where they stand, and what is not said when it is settled."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest

from incidents import actions
from incidents.escalation.model import EscalationPolicy, Step, Template, Webhook
from incidents.policy import Paging, Policy, StormPolicy
from incidents.ports import UnitOfWork
from incidents.storms import Above
from tests.building import ALICE, firing
from tests.integration.publisher.conftest import Build
from tests.integration.publisher.stage import Stage

MINUTE = timedelta(minutes=1)
STEPS = (
    Step(5 * MINUTE, ("@oncall",)),
    Step(10 * MINUTE, ("<@U0BOB>",), broadcast=True, channel="#general", direct=("U0CAROL",)),
)
POLICY = Policy(escalations={"default": EscalationPolicy("default", STEPS, acknowledge_timeout=60 * MINUTE)})


async def opened(build: Build, policy: Policy = POLICY, *, incidents: int = 1) -> Stage:
    stage = await build(policy=policy)
    for number in range(incidents):
        await stage.take(firing(f"pod-{number}", service=f"shop-{number}"))
    await stage.settle()
    return stage


async def later(stage: Stage, minutes: float) -> None:
    stage.clock.advance(minutes * 60)
    await stage.escalate()
    await stage.settle()


async def test_a_step_mentions_those_concerned_in_the_thread_and_the_card_says_what_comes_next(build: Build) -> None:
    stage = await opened(build)
    [card] = await stage.roots()
    assert "pages @oncall at" in str(card["blocks"])
    assert "(step 1/2)" in str(card["blocks"])
    await later(stage, 5)
    card, call = await stage.messages()
    assert call["thread_ts"] == card["ts"]
    assert call["text"].startswith("<!subteam^S0ONCALL> ")
    assert "INC-1 needs somebody" in call["text"]
    assert "(step 2/2)" in str(card["blocks"])
    assert "<@" not in str(card["blocks"])


async def test_a_step_may_go_to_the_channel_to_another_one_and_to_a_person(build: Build) -> None:
    stage = await opened(build)
    await later(stage, 5)
    await later(stage, 5)
    posts = [call["args"] for call in await stage.calls("chat.postMessage")]
    called = {str(post["channel"]): post for post in posts[2:]}
    assert called["C0INCIDENTS"]["reply_broadcast"] in {True, "true"}
    assert called["#general"]["text"].startswith("<@U0BOB> ")
    assert "|Go to the card>" in str(called["#general"]["blocks"]) or "thread_ts" not in called["#general"]
    assert not called["U0CAROL"]["text"].startswith("<@")


async def test_for_whom_slack_has_no_place_is_called_in_the_default_channel_and_nobody_else(build: Build) -> None:
    steps = (Step(MINUTE, ("@oncall",), direct=("U0GONE",)),)
    stage = await opened(build, Policy(escalations={"default": EscalationPolicy("default", steps)}))
    await later(stage, 1)
    called = [one["text"].partition(" WARNING")[0] for one in await stage.messages() if "needs somebody" in one["text"]]
    assert sorted(called) == ["<!subteam^S0ONCALL>", "<@U0GONE>"]


async def test_who_was_faster_than_slack_spares_the_others_the_call(build: Build) -> None:
    stage = await opened(build)
    stage.clock.advance(300)
    await stage.escalate()
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await stage.settle()
    assert [text for text in await stage.texts() if "needs somebody" in text] == []
    assert not any("needs somebody" in one["text"] for one in await stage.messages())


async def test_an_owner_is_asked_with_a_button_and_the_card_says_until_when(build: Build) -> None:
    stage = await opened(build)
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await stage.settle()
    [card, *_] = await stage.messages()
    assert "asks them at" in str(card["blocks"])
    await later(stage, 60)
    card, *_, asked = await stage.messages()
    assert asked["text"].startswith("⚠ WARNING INC-1: <@U0ALICE>, it was taken") or "<@U0ALICE>" in asked["text"]
    assert "incident_confirm" in str(asked["blocks"])
    assert "is asked whether they still have it" in str(card["blocks"])


async def test_several_at_once_are_one_message_that_names_them(build: Build) -> None:
    stage = await opened(build, incidents=3)
    await later(stage, 5)
    *cards, page = await stage.roots()
    assert len(cards) == 3
    assert page["text"] == "<!subteam^S0ONCALL> 3 incidents need somebody."
    assert all(f"INC-{number}" in str(page["blocks"]) for number in (1, 2, 3))
    await later(stage, 5)
    posts = [call["args"] for call in await stage.calls("chat.postMessage")]
    elsewhere = {str(post["channel"]): post for post in posts if post["channel"] in {"#general", "U0CAROL"}}
    assert len([post for post in posts if post["channel"] in elsewhere]) == 2
    assert elsewhere["#general"]["text"] == "<@U0BOB> 3 incidents need somebody."
    assert elsewhere["U0CAROL"]["text"] == "3 incidents need somebody."
    assert all(f"INC-{number}" in str(elsewhere["U0CAROL"]["blocks"]) for number in (1, 2, 3))


async def test_above_the_most_of_an_hour_they_are_merged_and_none_is_lost(build: Build) -> None:
    stage = await opened(build, replace(POLICY, paging=Paging(most_per_hour=1)), incidents=1)
    await later(stage, 5)
    for number in range(1, 4):
        await stage.take(firing(f"pod-{number}", service=f"shop-{number}"))
        stage.clock.advance(60)
    await stage.settle()
    for _ in range(8):
        await later(stage, 1)
    merged = [one for one in await stage.roots() if "need somebody" in one["text"] or "needs somebody" in one["text"]]
    assert all(any(f"INC-{number}" in str(one) for one in merged) for number in (2, 3, 4))
    times = [float(one["ts"]) for one in merged]
    assert all(after - before >= 300 for before, after in pairwise(times))


async def test_who_asks_for_help_is_heard_though_somebody_has_it_and_the_channel_is_full(build: Build) -> None:
    stage = await opened(build, replace(POLICY, paging=Paging(most_per_hour=1)), incidents=2)
    await stage.write(lambda uow: actions.acknowledge(2, by=ALICE, uow=uow))
    await later(stage, 5)
    await stage.write(lambda uow: actions.escalate(2, by=ALICE, uow=uow))
    await stage.settle(within=5)
    assert any("asks for help" in one["text"] and "INC-2" in one["text"] for one in await stage.messages())


async def _acknowledge(incident_id: int, uow: UnitOfWork) -> None:
    await actions.acknowledge(incident_id, by=ALICE, uow=uow)


async def in_a_storm(build: Build, policy: Policy = POLICY) -> Stage:
    """Eight incidents, which one roll-up shows."""
    policy = replace(policy, storm=StormPolicy(above=3))
    stage = await build(policy=policy)
    for number in range(8):
        await stage.take(firing(f"pod-{number}", service=f"shop-{number}"))
    rush = (await stage.read(lambda uow: uow.storms.watch(above=Above(3), rest=timedelta(0)))).rushes[0]
    storm, _ = await stage.write(lambda uow: uow.storms.begin(rush.channel, first=rush.first, last=rush.last))
    await stage.write(lambda uow: uow.storms.take_in(storm))
    await stage.write(lambda uow: uow.storms.park(storm))
    await stage.run(5)
    return stage


@pytest.mark.parametrize(("template", "calls"), [(Template.TWILIO, 1), (Template.PAGERDUTY, 8)])
async def test_a_storm_sends_one_text_message_and_a_page_for_each_incident(
    build: Build, template: Template, calls: int
) -> None:
    steps = (Step(5 * MINUTE, webhook="out"),)
    out = Webhook("out", "https://out.example.com/", template)
    policy = Policy(escalations={"default": EscalationPolicy("default", steps)}, webhooks={"out": out})
    stage = await in_a_storm(build, policy)
    stage.clock.advance(300)
    await stage.escalate()
    assert (await stage.read(lambda uow: uow.webhooks.depth()))[0] == calls


async def test_a_storm_calls_once_for_each_step(build: Build) -> None:
    stage = await in_a_storm(build)
    before = len(await stage.messages())
    stage.clock.advance(300)
    await stage.escalate()
    await stage.run(5)
    assert len(await stage.messages()) == before + 1
    *_, page = await stage.messages()
    assert page["text"].startswith("<!subteam^S0ONCALL> A storm is under way: 8 incidents in it have nobody.")
    stage.clock.advance(300)
    await stage.escalate()
    await stage.run(5)
    posts = [call["args"] for call in await stage.calls("chat.postMessage")]
    elsewhere = [post["text"] for post in posts if post["channel"] in {"#general", "U0CAROL"}]
    assert elsewhere == ["A storm is under way in #incidents: 8 incidents in it have nobody."] * 2
    await stage.write(lambda uow: actions.escalate(1, by=ALICE, uow=uow))
    assert [row["incident_id"] for row in await stage.outbox("reminder")] == [1], "who asks for help is heard at once"


async def test_a_storm_spares_those_whom_somebody_was_faster_than_and_what_is_given_back_calls_by_itself(
    build: Build,
) -> None:
    stage = await in_a_storm(build)
    before = len(await stage.messages())
    stage.clock.advance(300)
    await stage.escalate()
    for number in range(1, 9):
        await stage.write(partial(_acknowledge, number))
    await stage.run(5)
    calls = [one for one in (await stage.messages())[before:] if "have nobody" in one["text"]]
    assert calls == []
    await stage.write(lambda uow: actions.unacknowledge(1, by=ALICE, uow=uow))
    stage.clock.advance(300)
    await stage.escalate()
    [reminder] = await stage.outbox("reminder")
    assert reminder["incident_id"] == 1
