"""A rule that can't see: it closes nothing, and opens an incident only where it has none."""

import pytest

from db import tables
from incidents import actions
from incidents.model import AlertKind, Place, Resolution, Status
from incidents.policy import Policy
from tests.building import ALICE, a_delivery, because, cannot_see, firing, resolved, sees
from tests.integration.db.stage import Stage, the

UNSEEN = [Resolution.NO_DATA, Resolution.SOURCE_ERROR, Resolution.SERIES_MISSING]


async def test_without_data_every_open_incident_of_the_rule_is_marked_and_none_opens(stage: Stage) -> None:
    await stage.take(firing("pod-a", service="a"), firing("pod-b", service="b"))
    done = await stage.take(cannot_see())
    assert (the(done), done.incidents) == ("blinded", ("INC-1",))
    for number in (1, 2):
        incident = await stage.incident(number)
        assert (incident.blind_since is not None, incident.firing) == (True, 1)
        assert (await stage.events(number))[-1].data == {"reason": "no_data"}
    assert len(await stage.all(tables.incidents)) == 2
    blind = [row for row in await stage.all(tables.incident_series) if row["is_blind"]]
    assert [(row["fingerprint"], row["incident_id"]) for row in blind] == [("blind", 1)]


async def test_an_incident_of_another_rule_sees(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    await stage.take(cannot_see(rule_uid="another"))
    assert (await stage.incident(1)).blind_since is None
    own = await stage.incident(2)
    assert (own.kind, own.firing, own.place) == (AlertKind.NO_DATA, 1, Place(service="checkout"))


@pytest.mark.parametrize("reason", UNSEEN)
async def test_while_it_is_blind_an_end_that_only_says_so_closes_nothing(stage: Stage, reason: Resolution) -> None:
    await stage.take(firing())
    await stage.take(cannot_see())
    assert the(await stage.take(because(reason, resolved()))) == "blind"
    incident = await stage.incident()
    assert (incident.status, incident.firing, incident.doubts) == (Status.ACTIVE, 0, {reason: 1})
    assert the(await stage.take(sees())) == "sees_again"
    incident = await stage.incident()
    assert (incident.status, incident.resolution, incident.blind_since) == (Status.RESOLVED, reason, None)
    assert await stage.kinds() == ["opened", "blinded", "series_resolved", "sees_again", "resolved"]


async def test_a_recovery_is_a_recovery_also_while_it_is_blind(stage: Stage) -> None:
    await stage.take(firing())
    await stage.take(cannot_see())
    assert the(await stage.take(resolved())) == "recovered"
    assert (await stage.incident()).blind_since is None


async def test_it_fires_on_when_it_sees_again(stage: Stage) -> None:
    await stage.take(firing())
    await stage.take(cannot_see())
    await stage.take(sees())
    incident = await stage.incident()
    assert (incident.status, incident.blind_since, incident.firing) == (Status.ACTIVE, None, 1)


async def test_while_another_series_of_the_rule_is_blind_it_stays_blind(stage: Stage) -> None:
    await stage.take(firing("pod-a", service="a"), firing("pod-b", service="b"))
    await stage.take(cannot_see("one"), cannot_see("two", kind=AlertKind.ERROR))
    await stage.take(sees("one"))
    assert (await stage.incident(2)).blind_since is not None
    await stage.take(sees("two", kind=AlertKind.ERROR))
    assert [(await stage.incident(number)).blind_since for number in (1, 2)] == [None, None]


async def test_alone_it_opens_one_that_recovers_by_itself(stage: Stage) -> None:
    assert the(await stage.take(cannot_see(service="checkout"))) == "opened"
    assert the(await stage.take(cannot_see())) == "resent"
    assert the(await stage.take(sees())) == "recovered"
    assert [row["kind"] for row in await stage.all(tables.incidents)] == ["no_data"]


async def test_a_broken_data_source_is_one_incident_for_all_its_rules(stage: Stage) -> None:
    error = AlertKind.ERROR
    await stage.take(cannot_see("a", kind=error, rule_uid="r1"), cannot_see("b", kind=error, rule_uid="r2"))
    await stage.take(cannot_see("c", kind=error, rule_uid="r3", service="search"))
    await stage.take(cannot_see("d", kind=error, rule_uid="r4", datasource_uid="ds-2"))
    await stage.take(cannot_see("e", kind=error, rule_uid="r5", cluster="other"))
    found = await stage.all(tables.incidents)
    assert [(row["kind"], row["firing"], row["service"]) for row in found] == [
        ("error", 3, ""), ("error", 1, ""), ("error", 1, ""),
    ]  # fmt: skip


async def test_where_the_data_source_is_not_told_it_is_one_for_each_rule(stage: Stage) -> None:
    told = [cannot_see(rule, kind=AlertKind.ERROR, rule_uid=rule, datasource_uid="") for rule in ("r1", "r2")]
    await stage.take(*told)
    assert len(await stage.all(tables.incidents)) == 2


async def test_an_incident_of_its_own_blinds_what_opens_later_when_it_is_told_again(stage: Stage) -> None:
    await stage.take(cannot_see())
    await stage.take(firing())
    assert (await stage.incident(2)).blind_since is None
    await stage.take(cannot_see())
    assert (await stage.incident(2)).blind_since is not None
    await stage.take(sees())
    assert (await stage.incident(2)).blind_since is None
    assert not (await stage.incident(1)).is_open


async def test_a_rule_that_fires_without_data_marks_only_its_incident(stage: Stage) -> None:
    await stage.take(firing("pod-a", service="a"), firing("pod-b", service="b"))
    await stage.take(because(Resolution.NO_DATA, firing("pod-a", service="a")))
    assert (await stage.incident(1)).blind_since is not None
    assert (await stage.incident(2)).blind_since is None
    await stage.take(firing("pod-a", service="a"))
    assert (await stage.incident(1)).blind_since is None
    assert await stage.kinds() == ["opened", "blinded", "sees_again"]


async def test_a_rule_that_opens_without_data_is_blind_until_its_end(stage: Stage) -> None:
    await stage.take(because(Resolution.SOURCE_ERROR, firing()))
    incident = await stage.incident()
    assert (incident.kind, incident.blind_since is not None, incident.firing) == (AlertKind.DATA, True, 1)
    assert the(await stage.take(resolved())) == "recovered"
    assert (await stage.incident()).blind_since is None


async def test_what_was_blind_in_an_incident_that_people_closed_opens_one_of_its_own(stage: Stage) -> None:
    await stage.take(firing())
    await stage.take(cannot_see())
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    assert the(await stage.take(cannot_see())) == "opened"
    assert (await stage.incident(2)).kind is AlertKind.NO_DATA
    assert (await stage.incident(1)).firing == 1


@pytest.mark.parametrize("together", [False, True], ids=["alone", "together"])
async def test_after_its_incident_closed_it_opens_one_of_its_own(stage: Stage, together: bool) -> None:
    """Also in the batch that closes it."""
    await stage.take(firing())
    alerts = [because(Resolution.NO_DATA, resolved()), cannot_see()]
    if together:
        await stage.take_batch(*(a_delivery(alert) for alert in alerts))
    else:
        await stage.take(alerts[0])
        await stage.take(alerts[1])
    assert [(row["kind"], row["status"]) for row in await stage.all(tables.incidents)] == [
        ("data", "resolved"), ("no_data", "active"),
    ]  # fmt: skip


async def test_an_incident_that_opens_in_the_same_batch_is_blinded(stage: Stage) -> None:
    await stage.take_batch(a_delivery(firing()), a_delivery(cannot_see()))
    [row] = await stage.all(tables.incidents)
    assert row["blind_since"] is not None


async def test_one_that_flapping_holds_open_in_the_same_batch_is_blinded(stage: Stage) -> None:
    for since in (0, 2):
        await stage.take(firing(since=since))
        await stage.take(resolved(since=since, until=since + 1))
    await stage.take_batch(a_delivery(firing(since=4)), a_delivery(resolved(since=4)), a_delivery(cannot_see()))
    [row] = await stage.all(tables.incidents)
    assert (row["status"], row["flapping"], row["blind_since"] is not None) == ("active", True, True)


async def test_one_that_opens_after_it_in_the_same_batch_is_not(stage: Stage) -> None:
    await stage.take_batch(a_delivery(cannot_see()), a_delivery(firing()))
    kinds = {row["kind"]: row["blind_since"] for row in await stage.all(tables.incidents)}
    assert kinds == {"no_data": None, "data": None}


async def test_flapping_and_blind_waits_for_both(stage: Stage) -> None:
    for since in (0, 2, 4):
        await stage.take(firing(since=since))
        if since < 4:
            await stage.take(resolved(since=since, until=since + 1))
    await stage.take(cannot_see())
    await stage.take(because(Resolution.NO_DATA, resolved(since=4)))
    await stage.wait(minutes=20)
    await stage.look()
    assert (await stage.incident()).is_open
    await stage.take(sees())
    assert (await stage.incident()).is_open
    await stage.wait(minutes=16)
    await stage.look()
    assert (await stage.incident()).resolution is Resolution.NO_DATA


async def test_labels_of_a_policy_do_not_matter_to_the_rule(stage: Stage) -> None:
    await stage.take(firing(service="checkout"), policy=Policy())
    await stage.take(cannot_see(service="elsewhere", namespace="other"))
    assert (await stage.incident()).blind_since is not None
