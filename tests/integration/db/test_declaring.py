"""Declaring an incident: stored once, shown once, and left alone by alerts and clocks."""

from typing import Any

import pytest

from db import tables
from incidents import actions
from incidents.clock import look_at_due
from incidents.errors import InvalidInput
from incidents.model import DECLARED, EventKind, Incident, Resolution, Severity, Status
from incidents.policy import Policy, Route
from tests.building import ALICE, BOB, firing
from tests.integration.db.stage import Stage

ROUTED = Policy(routes=(Route("#payments", {"service": frozenset({"pay"})}),))


async def declare(stage: Stage, *, policy: Policy = ROUTED, **given: Any) -> Incident:
    plain: dict[str, Any] = {"token": "V1", "title": "Checkout is slow", "severity": Severity.ERROR}
    wanted = actions.Declaration(**plain | given)
    return await stage.write(lambda uow: actions.declare(wanted, by=ALICE, uow=uow, policy=policy))


async def test_it_is_active_nobodys_and_told_by_who_declared_it(stage: Stage) -> None:
    incident = await declare(stage, service="pay", note="since lunch", link="https://x.slack.com/archives/C1/p1")
    assert incident == await stage.incident(1)
    assert (incident.status, incident.owner, incident.source) == (Status.ACTIVE, None, DECLARED)
    assert (incident.title, incident.place.service, incident.firing) == ("Checkout is slow", "pay", 0)
    first, second = await stage.events()
    assert (first.kind, first.actor, dict(first.data)) == (
        EventKind.DECLARED,
        "U0ALICE",
        {"link": "https://x.slack.com/archives/C1/p1"},
    )
    assert (second.kind, second.data["text"]) == (EventKind.NOTED, "since lunch")
    [episode] = await stage.episodes()
    assert (episode.responded_at, episode.opened_reason) == (None, "declared")


async def test_it_has_a_card_and_thread_entries_where_the_routes_say(stage: Stage) -> None:
    await declare(stage, service="pay", note="since lunch")
    rows = await stage.all(tables.outbox)
    assert [(row["kind"], row["channel"]) for row in rows] == [
        ("card", "#payments"),
        ("thread", "#payments"),
        ("thread", "#payments"),
    ]


async def test_the_same_form_declares_once_though_it_was_closed_meanwhile(stage: Stage) -> None:
    first = await declare(stage)
    await stage.write(lambda uow: actions.resolve(first.id, by=BOB, uow=uow))
    again = await declare(stage)
    assert (again.id, again.status) == (first.id, Status.RESOLVED)
    assert (await declare(stage, token="V2")).id != first.id


async def test_a_channel_that_was_chosen_is_its_channel(stage: Stage) -> None:
    await declare(stage, channel="C0OTHER")
    assert {row["channel"] for row in await stage.all(tables.outbox)} == {"C0OTHER"}


async def test_a_channel_that_the_routes_name_keeps_its_name(stage: Stage) -> None:
    await declare(stage)
    job = await stage.claim()
    assert job is not None
    await stage.write(lambda uow: uow.publishing.sent(job, channel_id="C0INCIDENTS", ts="1.1", rev=job.rev))
    await declare(stage, token="V2", channel="C0INCIDENTS")
    assert {row["channel"] for row in await stage.all(tables.outbox)} == {"#incidents"}


async def test_the_same_form_declares_once(stage: Stage) -> None:
    first, again = await declare(stage), await declare(stage)
    assert first.id == again.id
    assert len(await stage.all(tables.incidents)) == 1
    assert len(await stage.all(tables.outbox)) == 2
    assert (await declare(stage, token="V2")).number == 2


async def test_an_alert_of_the_same_place_opens_its_own(stage: Stage) -> None:
    await declare(stage, service="checkout")
    await stage.take(firing("pod-a", service="checkout"))
    assert (await stage.incident(2)).source == "grafana"
    assert (await stage.incident(1)).alert_count == 0


async def test_no_clock_closes_it_and_a_person_does(stage: Stage) -> None:
    incident = await declare(stage)
    await stage.write(lambda uow: actions.acknowledge(incident.id, by=BOB, uow=uow))
    await stage.wait(days=400)
    await stage.write(lambda uow: look_at_due(uow, Policy(), 50))
    assert (await stage.incident()).is_open
    assert (await stage.incident()).check_at is None
    await stage.write(lambda uow: actions.resolve(incident.id, by=BOB, uow=uow))
    assert (await stage.incident()).resolution is Resolution.MANUAL
    [episode] = await stage.episodes()
    assert episode.responded_by == str(BOB)


async def test_it_is_opened_again_by_hand(stage: Stage) -> None:
    incident = await declare(stage)
    await stage.write(lambda uow: actions.resolve(incident.id, by=BOB, uow=uow))
    await stage.write(lambda uow: actions.reopen(incident.id, by=BOB, uow=uow))
    assert (await stage.incident()).is_open


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": " \n "}, "title"),
        ({"title": "x" * 151}, "title"),
        ({"service": "x" * 101}, "service"),
        ({"note": "x" * 2501}, "note"),
    ],
)
async def test_what_does_not_fit_is_refused_and_nothing_is_stored(
    stage: Stage, given: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await declare(stage, **given)
    assert refused.value.field == field
    assert list(await stage.all(tables.incidents)) == []
