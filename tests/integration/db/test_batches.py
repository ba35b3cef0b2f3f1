"""Deliveries that are committed together come to the same as one after the other, in every order."""

import random
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest

from db import tables
from db.engine import Engines
from incidents.model import Delivery, Resolution, SourceAlert
from incidents.policy import Policy
from tests.building import a_delivery, because, cannot_see, firing, resolved, sees
from tests.effort import times
from tests.integration.db.anything import any_alert, nothing_is_miscounted
from tests.integration.db.stage import DEFAULTS, Row, Stage

EPISODE = ("number", "severity", "inherited", "resolved_by", "resolution", "recovered_at", "opened_reason")
LIMITED = ("is_overflow", "series_count", "unfollowed", "event_count", "untold")
SERIES = ("name", "status", "starts_at", "ends_at", "value_fired", "value_peak", "value_now")

FIRES, ENDS, FIRES_AGAIN, ENDS_AGAIN = firing(since=0), resolved(since=0, until=2), firing(since=3), resolved(since=3)
BATCHES: dict[str, list[SourceAlert]] = {
    "fires, ends and fires again": [FIRES, ENDS, FIRES_AGAIN],
    "ends twice": [FIRES, ENDS, FIRES_AGAIN, resolved(since=3, until=9)],
    "the end overtakes its beginning": [ENDS, FIRES],
    "the end overtakes a later beginning": [FIRES, ENDS, resolved(since=3, until=9), FIRES_AGAIN],
    "fires twice": [FIRES, FIRES, FIRES_AGAIN],
    "three series": [firing("pod-a"), firing("pod-b"), resolved("pod-a"), firing("pod-c"), resolved("pod-b")],
    "blind, and its end": [FIRES, cannot_see(), because(Resolution.NO_DATA, ENDS), sees()],
    "blind after its incident closed": [FIRES, because(Resolution.NO_DATA, ENDS), cannot_see(), sees(), FIRES_AGAIN],
    "blind before it opens": [cannot_see(), FIRES, cannot_see(), sees(), ENDS],
    "two keys": [firing("pod-a"), firing("pod-b", service="b"), resolved("pod-a"), firing("pod-c", service="b")],
}


def name_of(row: Row) -> str:
    """Of an incident: apart from its key, those that have ended and the one that has not have different episodes."""
    return f"{row['incident_key'][:8]} {row['service']} {row['episode']}"


async def state(stage: Stage) -> dict[str, Any]:
    """All that the tenant holds, by service, but the database's own times, ids and numbers.

    Nor when it started, which an opening takes from all of its batch.
    """

    async def read(uow: Any) -> dict[str, Any]:
        gate = uow.gate
        ordered = gate.select(tables.incidents).order_by(tables.incidents.c.id)
        names = {row["id"]: name_of(row) for row in await gate.rows(ordered)}
        found: dict[str, Any] = {"incidents": {}}
        told = await gate.rows(gate.select(tables.incident_series))
        series = [(row["incident_id"], {name: row[name] for name in SERIES}) for row in told]
        for incident_id, name in names.items():
            view = await uow.views.incident(incident_id)
            found["incidents"][name] = {
                "status": view.incident.status,
                "resolution": view.incident.resolution,
                "count": view.incident.alert_count,
                "kind": view.incident.kind,
                "flapping": view.incident.flapping,
                "blind": view.incident.blind_since is not None,
                "doubts": view.incident.doubts,
                "firing": view.incident.firing,
                "limited": [getattr(view.incident, name) for name in LIMITED],
                "series": sorted(str(own) for of, own in series if of == incident_id),
                "events": [(e.kind, dict(e.data), e.episode) for e in await uow.timeline.of(incident_id, limit=999)],
            }
        ordered = gate.select(tables.alerts).order_by(tables.alerts.c.id)
        found["alerts"] = [(row["reason"], names.get(row["incident_id"])) for row in await gate.rows(ordered)]
        rows = await gate.rows(gate.select(tables.incident_episodes).order_by(tables.incident_episodes.c.id))
        found["episodes"] = sorted([names[row["incident_id"]], *map(str, (row[n] for n in EPISODE))] for row in rows)
        found["cards"] = len(await gate.rows(gate.select(tables.outbox)))
        return found

    return await stage.read(read)


async def alone_and_together(
    engines: Engines, deliveries: Sequence[Delivery], policy: Policy = DEFAULTS
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The state after one transaction each, and after a single one; each in a tenant of its own."""
    number = len(await Stage.on(engines).all(tables.deliveries)) + 100
    alone, together = Stage.on(engines, tenant_id=number), Stage.on(engines, tenant_id=number + 1)
    for delivery in deliveries:
        await alone.take_batch(delivery, policy=policy)
    await together.take_batch(*deliveries, policy=policy)
    return await state(alone), await state(together)


@pytest.mark.parametrize("name", BATCHES)
async def test_a_batch_is_as_if_one_after_the_other(engines: Engines, name: str) -> None:
    alone, together = await alone_and_together(engines, [a_delivery(alert) for alert in BATCHES[name]])
    assert together == alone


@pytest.mark.parametrize("seed", range(3))
async def test_any_batch_is_as_if_one_after_the_other_also_of_rules_that_cannot_see(
    engines: Engines, seed: int
) -> None:
    dice = random.Random(seed)
    for _ in range(times(4)):
        alerts = [any_alert(dice) for _ in range(dice.randrange(3, 14))]
        alone, together = await alone_and_together(engines, [a_delivery(alert) for alert in alerts])
        assert together == alone, alerts
    await nothing_is_miscounted(Stage.on(engines))


async def test_any_batch_is_as_if_one_after_the_other(engines: Engines) -> None:
    dice = random.Random(7)
    for _ in range(times(8)):
        kinds = [firing, resolved]
        pods = [dice.randrange(4) for _ in range(dice.randrange(2, 9))]
        alerts = [dice.choice(kinds)(f"pod-{pod}", since=dice.randrange(4), service="ab"[pod % 2]) for pod in pods]
        alone, together = await alone_and_together(engines, [a_delivery(alert) for alert in alerts])
        assert together == alone, alerts


RENAMED = firing(since=3, service="renamed")


@pytest.mark.parametrize("alerts", [[FIRES, ENDS, RENAMED], [FIRES, RENAMED], [FIRES, RENAMED, ENDS], [RENAMED, FIRES]])
async def test_labels_that_change_under_one_fingerprint_leave_no_empty_incident(
    stage: Stage, alerts: list[SourceAlert]
) -> None:
    """No error either, though the incident where the series was may have closed in the same batch."""
    await stage.take_batch(*(a_delivery(alert) for alert in alerts))
    assert {row["incident_id"] for row in await stage.all(tables.alerts)} == {
        row["id"] for row in await stage.all(tables.incidents)
    }
    view = await stage.read(lambda uow: uow.views.incident(1))
    assert (view.incident.is_open, view.firing) == (True, 1)


async def test_labels_that_changed_while_it_was_open_stop_no_batch_that_ends_and_refires_it(stage: Stage) -> None:
    await stage.take(FIRES)
    done = await stage.take_batch(a_delivery(ENDS), a_delivery(RENAMED))
    assert [one.reasons[0].value for one in done] == ["recovered", "within_reopen_window"]


async def test_a_body_twice_in_one_batch_is_one_delivery_and_its_duplicate(stage: Stage) -> None:
    first, second = await stage.take_batch(a_delivery(FIRES, body="same"), a_delivery(FIRES, body="same"))
    assert (first.alerts, second.alerts, second.duplicate_of) == (1, 0, first.delivery_id)


@pytest.mark.parametrize("together", [False, True], ids=["alone", "together"])
async def test_every_order_of_a_firing_its_end_and_a_refire_leaves_it_firing(engines: Engines, together: bool) -> None:
    for tenant, order in enumerate(permutations([FIRES, ENDS, FIRES_AGAIN]), start=10):
        stage = Stage.on(engines, tenant_id=tenant)
        await play(stage, order, together=together)
        found = await state(stage)
        assert len(found["alerts"]) == 3
        assert [one["status"] for one in found["incidents"].values() if one["status"] != "resolved"] == ["active"], (
            order
        )


@pytest.mark.parametrize("together", [False, True], ids=["alone", "together"])
async def test_every_order_of_two_firings_and_their_ends_leaves_nothing_open(engines: Engines, together: bool) -> None:
    for tenant, order in enumerate(permutations([FIRES, ENDS, FIRES_AGAIN, ENDS_AGAIN]), start=10):
        stage = Stage.on(engines, tenant_id=tenant)
        await play(stage, order, together=together)
        found = await state(stage)
        assert len(found["alerts"]) == 4
        assert {one["status"] for one in found["incidents"].values()} == {"resolved"}, order


async def play(stage: Stage, alerts: Sequence[SourceAlert], *, together: bool) -> None:
    if together:
        await stage.take_batch(*(a_delivery(alert) for alert in alerts))
        return
    for alert in alerts:
        await stage.take(alert)
