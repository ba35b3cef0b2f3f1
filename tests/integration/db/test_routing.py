"""Where an incident's cards go, who is mentioned, and that neither changes any more once it has opened."""

from datetime import timedelta

from db import tables
from incidents import actions
from incidents.model import AlertStatus, EventKind, Severity
from incidents.outbox import OutboxKind
from incidents.pattern import Pattern
from incidents.policy import Limits, Policies, Policy, Route, StormPolicy
from tests.building import ALICE, a_delivery, an_alert, cannot_see, firing, resolved
from tests.integration.db.stage import Stage
from tests.integration.db.weather import Weather

BY_TEAM = Policy(
    routes=(
        Route(
            "#money", patterns={"labels.team": (Pattern("pay.*"),)}, also=("#leads",), mention=("@oncall", "<@U0BOB>")
        ),
        Route("#rules", {"rule": frozenset({"r9"})}),
        Route("#grave", {"severity": frozenset({"critical"})}),
    )
)


async def cards(stage: Stage) -> list[tuple[int, str]]:
    """By incident, in the order in which they were asked for."""
    rows = await stage.all(tables.outbox)
    return [(row["incident_id"], row["channel"]) for row in rows if row["kind"] == OutboxKind.CARD.value]


async def mentioning(stage: Stage) -> list[tuple[int, str]]:
    rows = await stage.all(tables.outbox)
    return [(row["incident_id"], row["channel"]) for row in rows if row["kind"] == OutboxKind.REMINDER.value]


async def test_a_label_that_is_no_part_of_the_key_chooses_the_route(stage: Stage) -> None:
    await stage.take(firing("a", team="Payments", cluster="a"), policy=BY_TEAM)
    await stage.take(firing("b", team="search", cluster="b"), policy=BY_TEAM)
    assert await cards(stage) == [(1, "#money"), (1, "#leads"), (2, "#incidents")]


async def test_each_incident_of_a_batch_has_its_own_route(stage: Stage) -> None:
    alerts = [
        firing(one, cluster=one, team=team) for one, team in (("a", "x"), ("b", "pay"), ("c", "y"), ("d", "pays"))
    ]
    grave = firing("e", cluster="e", severity="critical")
    ruled = an_alert(AlertStatus.FIRING, "f", rule_uid="r9", labels={"cluster": "f"})
    await stage.take_batch(a_delivery(*alerts), a_delivery(grave, ruled), policy=BY_TEAM)
    rows = await stage.all(tables.incidents)
    by_cluster = {row["id"]: row["cluster"] for row in rows}
    assert sorted((by_cluster[incident], channel) for incident, channel in await cards(stage)) == [
        ("a", "#incidents"), ("b", "#leads"), ("b", "#money"), ("c", "#incidents"), ("d", "#leads"), ("d", "#money"),
        ("e", "#grave"), ("f", "#rules"),
    ]  # fmt: skip
    assert sorted(by_cluster[incident] for incident, _ in await mentioning(stage)) == ["b", "d"]


async def test_the_alert_that_opens_it_decides_and_nothing_moves_it(stage: Stage) -> None:
    await stage.take(firing("a", team="search"), policy=BY_TEAM)
    await stage.take(firing("b", team="pay", severity="critical"), policy=BY_TEAM)
    assert (await stage.incident()).severity is Severity.CRITICAL
    await stage.take(resolved("a", team="search"), resolved("b", team="pay"), policy=BY_TEAM)
    await stage.take(firing("a", since=7, team="pay", severity="critical"), policy=BY_TEAM)
    assert (await stage.incident()).episode == 2
    assert await cards(stage) == [(1, "#incidents")]
    assert await mentioning(stage) == []


async def test_people_are_mentioned_once_as_it_opens_and_not_as_it_opens_again(stage: Stage) -> None:
    await stage.take(firing("a", team="pay"), policy=BY_TEAM)
    [event] = await stage.reminders()
    assert (event.kind, event.data["notify"]) == (EventKind.OPENED, ["@oncall", "<@U0BOB>"])
    assert await mentioning(stage) == [(1, "#money")]
    await stage.take(firing("b", team="pay"), policy=BY_TEAM)
    await stage.take(resolved("a", team="pay"), resolved("b", team="pay"), policy=BY_TEAM)
    await stage.take(firing("a", since=7, team="pay"), policy=BY_TEAM)
    assert (await stage.incident()).episode == 2
    assert await mentioning(stage) == [(1, "#money")]


async def test_nobody_is_mentioned_for_what_is_snoozed_as_it_opens(stage: Stage) -> None:
    await stage.take(firing("a", team="search"), policy=BY_TEAM)
    await stage.write(lambda uow: actions.snooze(1, until=uow.now + timedelta(hours=2), by=ALICE, uow=uow))
    await stage.take(resolved("a", team="search"), policy=BY_TEAM)
    await stage.wait(minutes=30)
    await stage.take(firing("a", since=40, team="pay"), policy=BY_TEAM)
    assert (await stage.incident(2)).is_snoozed
    assert await mentioning(stage) == []


async def test_what_a_limit_keeps_out_has_no_label_to_ask_for(stage: Stage) -> None:
    few = Policy(routes=BY_TEAM.routes, limits=Limits(incidents_per_rule=1))
    await stage.take(firing("a", cluster="a", team="pay"), policy=few)
    await stage.take(firing("b", cluster="b", team="pay"), policy=few)
    assert await cards(stage) == [(1, "#money"), (1, "#leads"), (2, "#incidents")]


async def test_what_says_that_a_rule_is_blind_is_routed_by_its_labels(stage: Stage) -> None:
    await stage.take(cannot_see(team="pay"), policy=BY_TEAM)
    assert await cards(stage) == [(1, "#money"), (1, "#leads")]


async def test_a_channel_has_the_storm_rate_of_its_own(stage: Stage) -> None:
    routes = (
        Route("#loud", {"labels.team": frozenset({"loud"})}),
        Route("#calm", {"labels.team": frozenset({"calm"})}),
    )
    policy = Policy(
        routes=routes, storm=StormPolicy(above=3), storms={"#loud": StormPolicy(above=5), "#calm": StormPolicy(above=0)}
    )
    weather = Weather(stage, policy.storm)
    weather.storms._policies = Policies(policy)
    for number in range(5):
        for team in ("loud", "calm", "x"):
            await stage.take(firing(f"{team}{number}", cluster=f"{team}{number}", team=team), policy=policy)
    await weather.look()
    assert {row["channel"] for row in await stage.all(tables.storms)} == {"#incidents"}
    await stage.take(firing("more", cluster="more", team="loud"), policy=policy)
    await weather.passes(1)
    await weather.look()
    assert {row["channel"] for row in await stage.all(tables.storms)} == {"#incidents", "#loud"}


async def test_in_a_storm_nobody_is_mentioned_one_by_one_and_nothing_waits_for_ever(stage: Stage) -> None:
    policy = Policy(
        routes=(Route("#money", mention=("@oncall",)),), storm=StormPolicy(above=3, calm=timedelta(minutes=2))
    )
    weather = Weather(stage, policy.storm)
    await weather.opens("a", "b", "c", "d", "e", policy=policy)
    await weather.opens("f", severity="critical", policy=policy)
    assert len(await mentioning(stage)) == 6
    await weather.look()
    posted = await weather.posts()
    kinds = [job.kind for job in posted]
    assert sorted(kinds) == [OutboxKind.CARD, OutboxKind.REMINDER, OutboxKind.ROLLUP], "the critical one has its own"
    await stage.take(resolved("a", cluster="a", service="pay"), policy=policy)
    await weather.calms()
    later = await weather.posts()
    assert [job.kind for job in later].count(OutboxKind.CARD) == 4, "the one that is over stays in the roll-up"
    assert [row for row in await stage.all(tables.outbox) if row["due_at"] is not None] == []
    assert [job.kind for job in later].count(OutboxKind.REMINDER) == 0, "the roll-up has mentioned them"
