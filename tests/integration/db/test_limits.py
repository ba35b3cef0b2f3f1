"""What is built on alerts has limits: each alert is stored all the same, nothing is miscounted, and it is told."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from db import tables
from db.engine import Engines
from incidents import actions
from incidents.model import AlertKind, Incident, Place, Resolution, Severity, SourceAlert, Status
from incidents.policy import Limit, Limits, Policy
from tests.building import ALICE, a_delivery, cannot_see, firing, resolved, sees
from tests.effort import times
from tests.integration.db.anything import any_alert, nothing_is_miscounted
from tests.integration.db.stage import Stage, the
from tests.integration.db.test_batches import alone_and_together

AnotherProcess = Callable[[], Stage]


def limited(stage: Stage, **limits: int) -> Stage:
    return replace(stage, policy=Policy(limits=Limits(**limits)))


def somewhere(number: int, tell: Callable[..., SourceAlert] = firing, **given: float) -> SourceAlert:
    """A series in a place of its own."""
    return tell(f"pod-{number}", service=f"service-{number}", **given)


async def count(stage: Stage, table: sa.Table) -> int:
    [row] = await stage.rows(sa.select(sa.func.count().label("n")).select_from(table))
    return int(row["n"])


async def the_rest(stage: Stage) -> Incident:
    """The one incident that takes what others may not."""
    table = tables.incidents
    [row] = await stage.rows(sa.select(table.c.number).where(table.c.is_overflow))
    return await stage.incident(row["number"])


# Series


async def test_more_series_than_may_be_followed_are_stored_and_counted(stage: Stage) -> None:
    stage = limited(stage, series_per_incident=2)
    done = await stage.take(*(firing(f"pod-{n}") for n in range(5)))
    assert [reason.value for reason in done.reasons] == ["opened", "joined", "unfollowed", "unfollowed", "unfollowed"]
    assert done.limited == {(Limit.SERIES_PER_INCIDENT, "r1"): 3}
    incident = await stage.incident()
    assert (incident.series_count, incident.firing, incident.unfollowed, incident.alert_count) == (2, 2, 3, 5)
    assert {row["incident_id"] for row in await stage.all(tables.alerts)} == {incident.id}
    await nothing_is_miscounted(stage)


async def test_the_card_is_drawn_anew_when_an_alert_is_not_followed(stage: Stage) -> None:
    stage = limited(stage, series_per_incident=1)
    await stage.take(firing("pod-a"))
    await stage.take(firing("pod-b"))
    [card] = await stage.all(tables.outbox)
    assert card["desired_rev"] == 2


async def test_the_end_of_a_series_that_is_not_followed_is_stored(stage: Stage) -> None:
    stage = limited(stage, series_per_incident=1)
    await stage.take(firing("pod-a"), firing("pod-b"))
    assert the(await stage.take(resolved("pod-b"))) == "unknown_series"
    assert (await stage.incident()).is_open


async def test_a_graver_series_that_is_not_followed_raises_the_severity(stage: Stage) -> None:
    stage = limited(stage, series_per_incident=1)
    await stage.take(firing("pod-a"))
    await stage.take(firing("pod-b", severity="critical"))
    assert (await stage.incident()).severity is Severity.CRITICAL


async def test_it_recovers_with_those_that_are_followed_and_says_that_others_were_not(stage: Stage) -> None:
    stage = limited(stage, series_per_incident=2)
    await stage.take(*(firing(f"pod-{n}") for n in range(4)))
    await stage.take(resolved("pod-0"), resolved("pod-1"))
    incident = await stage.incident()
    assert (incident.status, incident.resolution) == (Status.RESOLVED, Resolution.RECOVERED)
    assert (await stage.events())[-1].data["unfollowed"] == 2


async def test_what_opens_it_again_is_followed_or_nobody_would_hear_of_its_end(stage: Stage) -> None:
    stage = limited(stage, series_per_incident=1)
    await stage.take(firing("pod-a"))
    await stage.take(resolved("pod-a"))
    assert the(await stage.take(firing("pod-b", since=3))) == "within_reopen_window"
    assert the(await stage.take(firing("pod-c", since=3))) == "unfollowed"
    assert the(await stage.take(resolved("pod-b", since=3, until=6))) == "recovered"
    await nothing_is_miscounted(stage)


async def test_a_full_incident_still_hears_that_its_rule_cannot_see(stage: Stage) -> None:
    stage = limited(stage, series_per_incident=1)
    await stage.take(firing("pod-a"))
    assert the(await stage.take(cannot_see())) == "blinded"
    assert (await stage.incident()).blind_since is not None


async def test_the_same_firing_of_what_is_not_followed_is_no_duplicate_that_opens_nothing(stage: Stage) -> None:
    """Its incident may have closed in between: an incident must not open for what is then left out."""
    stage = limited(stage, series_per_incident=1)
    policy = replace(stage.policy, reopen_window=stage.policy.reopen_window * 0)
    await stage.take(firing("pod-a"))
    await stage.take(firing("pod-b"), body="same", policy=policy)
    await stage.take(resolved("pod-a"))
    assert the(await stage.take(firing("pod-b"), body="same", policy=policy)) == "opened"
    await nothing_is_miscounted(stage)


# Timeline


async def test_a_full_timeline_says_so_once_and_still_tells_what_people_do(stage: Stage) -> None:
    stage = limited(stage, timeline=4)
    done = await stage.take(*(firing(f"pod-{n}") for n in range(8)))
    assert done.limited == {(Limit.TIMELINE, "r1"): 4}
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await stage.take(*(resolved(f"pod-{n}") for n in range(8)))
    told = ["opened", *["series_firing"] * 3, "timeline_full", "acknowledged", "resolved"]
    assert await stage.kinds() == told
    incident = await stage.incident()
    assert (incident.untold, incident.event_count, incident.resolution) == (12, len(told), Resolution.RECOVERED)
    await nothing_is_miscounted(stage)


async def test_what_is_not_told_is_seen_on_the_card_and_by_the_clock(stage: Stage) -> None:
    stage = limited(stage, timeline=1)
    await stage.take(firing("pod-a"))
    await stage.take(firing("pod-b"))
    before = await stage.incident()
    await stage.take(firing("pod-c"))
    after = await stage.incident()
    assert (after.firing, after.version) == (3, before.version + 1)
    [card] = await stage.all(tables.outbox)
    assert card["desired_rev"] == 3


async def test_what_is_not_told_may_still_be_a_worsening(stage: Stage) -> None:
    stage = limited(stage, timeline=1)
    await stage.take(firing("pod-0"))
    await stage.take(firing("pod-1"))
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await stage.take(*(firing(f"pod-{n}") for n in range(2, 6)))
    assert await stage.kinds() == ["opened", "timeline_full", "acknowledged", "worsened"]


async def test_a_series_that_leaves_an_incident_with_a_full_timeline_is_counted_out(stage: Stage) -> None:
    stage = limited(stage, timeline=2)
    await stage.take(firing("pod-a"))
    await stage.take(firing("pod-b"), firing("pod-c"))
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    await stage.take(firing("pod-a", since=9, service="renamed"))
    assert (await stage.incident(1)).firing == 2
    await nothing_is_miscounted(stage)


async def test_a_rule_that_goes_blind_over_and_over_does_not_grow_the_timeline(stage: Stage) -> None:
    stage = limited(stage, timeline=3)
    await stage.take(firing())
    for since in range(5):
        await stage.take(cannot_see(since=since))
        await stage.take(sees(since=since, until=since + 0.5))
    assert await stage.kinds() == ["opened", "blinded", "sees_again", "timeline_full"]
    assert (await stage.incident()).blind_since is None


# Incidents of a rule


async def test_beyond_so_many_a_rules_alerts_go_into_one_incident(stage: Stage) -> None:
    stage = limited(stage, incidents_per_rule=2)
    done = await stage.take(*(somewhere(n) for n in range(5)))
    assert done.incidents == ("INC-1", "INC-2", "INC-3")
    assert [reason.value for reason in done.reasons] == ["opened", "opened", "opened", "joined", "joined"]
    assert done.limited == {(Limit.INCIDENTS_PER_RULE, "r1"): 3}
    rest = await the_rest(stage)
    assert (rest.title, rest.place) == ("Checkout5xx … and more: this rule has 2 open incidents", Place())
    assert (rest.is_overflow, rest.firing, rest.rule_uid) == (True, 3, "r1")
    assert the(await stage.take(somewhere(5))) == "joined"
    await nothing_is_miscounted(stage)


async def test_another_rule_has_room_of_its_own(stage: Stage) -> None:
    stage = limited(stage, incidents_per_rule=1)
    await stage.take(somewhere(0), somewhere(1))
    assert the(await stage.take(replace(somewhere(2), rule_uid="r2"))) == "opened"
    assert not (await stage.incident(3)).is_overflow


async def test_the_rests_cluster_is_that_of_the_alert_that_opened_it(stage: Stage) -> None:
    stage = limited(stage, incidents_per_rule=1)
    await stage.take(*(firing(f"pod-{n}", service=f"s-{n}", cluster="prod-a") for n in range(2)))
    assert (await the_rest(stage)).place == Place(cluster="prod-a")


async def test_where_there_is_room_again_new_keys_have_incidents_of_their_own(stage: Stage) -> None:
    """What is in the incident of the rest stays there until it ends, and has its own when it fires anew."""
    stage = limited(stage, incidents_per_rule=2)
    await stage.take(*(somewhere(n) for n in range(4)))
    await stage.take(somewhere(0, resolved))
    assert the(await stage.take(somewhere(2))) == "resent"
    assert (await stage.take(somewhere(4, since=1))).incidents == ("INC-4",)
    assert not (await stage.incident(4)).is_overflow
    await stage.take(somewhere(1, resolved))
    await stage.take(somewhere(2, resolved))
    assert (await stage.take(somewhere(2, since=9))).incidents == ("INC-5",)
    assert (await the_rest(stage)).firing == 1
    await stage.take(somewhere(3, resolved))
    assert (await the_rest(stage)).resolution is Resolution.RECOVERED
    await nothing_is_miscounted(stage)


async def test_what_opens_again_is_not_limited_but_counts(stage: Stage) -> None:
    stage = limited(stage, incidents_per_rule=1)
    await stage.take(somewhere(0))
    await stage.take(somewhere(0, resolved))
    await stage.take(somewhere(1))
    assert the(await stage.take(somewhere(0, since=9))) == "within_reopen_window"
    assert (await stage.take(somewhere(2))).limited == {(Limit.INCIDENTS_PER_RULE, "r1"): 1}


@pytest.mark.parametrize("kind", [AlertKind.NO_DATA, AlertKind.TEST])
async def test_the_rest_is_apart_by_kind(stage: Stage, kind: AlertKind) -> None:
    stage = limited(stage, incidents_per_rule=1)
    await stage.take(*(replace(somewhere(n), kind=kind) for n in range(3)))
    rest = await the_rest(stage)
    assert (rest.kind, rest.is_overflow, rest.firing) == (kind, True, 2)
    await nothing_is_miscounted(stage)


# Incidents of all rules


async def test_beyond_so_many_in_all_a_sources_alerts_go_into_one_incident(stage: Stage) -> None:
    stage = limited(stage, open_incidents=2)
    done = await stage.take(*(replace(somewhere(n), rule_uid=f"r{n}") for n in range(4)))
    assert done.incidents == ("INC-1", "INC-2", "INC-3")
    assert done.limited == {(Limit.OPEN_INCIDENTS, "r2"): 1, (Limit.OPEN_INCIDENTS, "r3"): 1}
    rest = await the_rest(stage)
    assert (rest.title, rest.rule_uid, rest.firing) == ("… and more: 2 incidents are open", "", 2)
    await stage.take(*(replace(somewhere(n, resolved), rule_uid=f"r{n}") for n in range(4)))
    assert {(await stage.incident(n)).resolution for n in (1, 2, 3)} == {Resolution.RECOVERED}
    await nothing_is_miscounted(stage)


# Labels


async def test_a_huge_label_costs_nothing_beyond_its_raw_payload(stage: Stage) -> None:
    huge = "x" * 1_000_000
    labels = {"service": huge, "namespace": huge, "pod": huge, "team": huge}
    told = replace(firing(), labels=labels, annotations={"summary": huge}, raw={"labels": {"service": huge}})
    done = await stage.take(told)
    assert done.limited == {(Limit.LABELS, "r1"): 1}
    for table in (tables.alerts, tables.incidents, tables.incident_series, tables.incident_events, tables.outbox):
        for row in await stage.all(table):
            assert [name for name, v in row.items() if name != "raw_payload" and len(str(v)) > 66_000] == []
    [row] = await stage.all(tables.alerts)
    assert row["raw_payload"] == told.raw
    other = replace(told, fingerprint="pod-b", labels={**labels, "service": huge + "y"})
    assert the(await stage.take(other)) == "opened"


async def test_the_place_is_read_from_all_labels(stage: Stage) -> None:
    stage = limited(stage, labels=3)
    await stage.take(firing(namespace="pay", a="1", b="2", c="3"))
    [row] = await stage.all(tables.alerts)
    assert (await stage.incident()).place == Place("", "pay", "checkout", "")
    assert row["labels"] == {"namespace": "pay", "pod": "pod-a", "service": "checkout", "…": "4 more in raw_payload"}


# All at once

SMALL = [
    Limits(series_per_incident=2, timeline=4),
    Limits(incidents_per_rule=1),
    Limits(incidents_per_rule=2, series_per_incident=1),
    Limits(open_incidents=2),
    Limits(open_incidents=3, incidents_per_rule=1, series_per_incident=2, timeline=3),
]


def anywhere(dice: random.Random) -> SourceAlert:
    """Of one of two rules, in many places, with a label that may change under its fingerprint."""
    number, since = dice.randrange(6), dice.randrange(4)
    told = dice.choice([firing, firing, resolved])(
        f"pod-{number}", since=since, service=dice.choice([f"s-{number}", "s"])
    )
    return replace(told, rule_uid=dice.choice(["r1", "r2"]))


@pytest.mark.parametrize("alert", [anywhere, any_alert], ids=["anywhere", "blind, too"])
@pytest.mark.parametrize("limits", SMALL, ids=repr)
async def test_any_batch_at_the_limits_is_as_if_one_after_the_other(
    engines: Engines, limits: Limits, alert: Callable[[random.Random], SourceAlert]
) -> None:
    dice = random.Random(1)
    for _ in range(times(3)):
        alerts = [alert(dice) for _ in range(dice.randrange(3, 18))]
        policy = Policy(limits=limits)
        alone, together = await alone_and_together(engines, [a_delivery(one) for one in alerts], policy)
        assert together == alone, alerts
    await nothing_is_miscounted(Stage.on(engines))


@pytest.mark.parametrize("limits", SMALL, ids=repr)
async def test_many_batches_at_the_limits_miscount_nothing(stage: Stage, limits: Limits) -> None:
    dice, stage = random.Random(3), replace(stage, policy=Policy(limits=limits))
    for _ in range(times(8)):
        await stage.take_batch(*(a_delivery(*(anywhere(dice) for _ in range(3))) for _ in range(3)))
        if dice.random() < 0.2:
            await stage.wait(minutes=dice.choice([5, 16]))
            await stage.look()
    await nothing_is_miscounted(stage)


async def test_three_processes_in_a_flood_miscount_nothing(another_process: AnotherProcess) -> None:
    processes = [limited(another_process(), incidents_per_rule=5, series_per_incident=10) for _ in range(3)]

    async def flood(process: Stage, seed: int) -> None:
        for first in range(0, 120, 20):
            await process.take(*(somewhere(1000 * (seed % 2) + n) for n in range(first, first + 20)))

    await asyncio.gather(*(flood(process, seed) for seed, process in enumerate(processes)))
    assert await count(processes[0], tables.alerts) == 360
    assert await count(processes[0], tables.incidents) <= 5 * len(processes) + 1
    await nothing_is_miscounted(processes[0])


async def test_a_flood_of_new_labels_grows_the_alerts_and_nothing_else(stage: Stage) -> None:
    stage = limited(stage, incidents_per_rule=20, series_per_incident=50, timeline=30)
    for first in range(0, 3000, 250):
        await stage.take(*(somewhere(n) for n in range(first, first + 250)))
    assert await count(stage, tables.alerts) == 3000
    assert await count(stage, tables.incidents) == 21
    assert await count(stage, tables.incident_series) == 20 + 50
    assert await count(stage, tables.incident_events) == 20 + 31
    assert await count(stage, tables.outbox) == 21
    rest = await the_rest(stage)
    assert (rest.firing, rest.unfollowed, rest.alert_count) == (50, 2930, 2980)
    await nothing_is_miscounted(stage)
