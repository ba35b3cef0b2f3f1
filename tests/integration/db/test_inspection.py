"""A close look at one incident: the way of its alerts, and all of them a page at a time."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from db import tables
from db.unit_of_work import SqlUnitOfWork
from incidents.errors import IncidentNotFound
from incidents.inspection import FIRST, MOST_LOOKED_AT, MOST_WAITING, AlertPage, SeriesPage, ShownIn, Trace, Turn
from incidents.model import AlertStatus, Resolution
from incidents.other import OtherIncident
from incidents.policy import Limits, Policy
from tests.building import a_delivery, firing, resolved
from tests.integration.db.stage import Stage

A_FEW = 4


async def trace(stage: Stage, number: int = 1) -> Trace:
    incident = await stage.incident(number)
    return await stage.read(lambda uow: uow.inspection.trace(incident.id))


async def series(stage: Stage, turn: Turn = FIRST, *, limit: int = A_FEW) -> SeriesPage:
    incident = await stage.incident()
    return await stage.read(lambda uow: uow.inspection.series(incident.id, turn, limit=limit))


async def alerts(stage: Stage, turn: Turn = FIRST, *, limit: int = A_FEW) -> AlertPage:
    incident = await stage.incident()
    return await stage.read(lambda uow: uow.inspection.alerts(incident.id, turn, limit=limit))


async def test_a_trace_tells_the_delivery_the_reasons_and_the_card(stage: Stage) -> None:
    first = await stage.take(firing("pod-a"))
    await stage.take(firing("pod-b"))
    last = await stage.take(firing("pod-a", value=9.0))
    told = await trace(stage)
    assert (told.incident.number, told.episode.opened_reason, told.looked_at) == (1, "opened", 3)
    assert told.first_opened_at == told.episode.opened_at
    assert dict(told.reasons) == {"opened": 1, "joined": 1, "resent": 1}
    assert (told.oldest.alert.delivery_id, told.oldest.alert.reason) == (first.delivery_id, "opened")
    assert (told.newest.alert.delivery_id, told.newest.alert.reason) == (last.delivery_id, "resent")
    assert (told.newest.alert.name, told.newest.alert.value) == ("pod-a", 9.0)
    assert told.oldest.labels["service"] == "checkout"
    [card] = told.cards
    assert (card.ts, card.shown_rev, card.shown_in) == (None, 0, None)
    assert card.wanted_rev >= 1
    assert card.due_at is not None


async def test_what_slack_was_told_is_in_the_trace(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    job = await stage.claim()
    assert job is not None
    await stage.write(lambda uow: uow.publishing.sent(job, channel_id="C1", ts="1.1", rev=job.rev))
    [card] = (await trace(stage)).cards
    assert (card.channel_id, card.ts, card.shown_rev, card.due_at) == ("C1", "1.1", job.rev, None)
    assert card.first_sent_at is not None


async def test_a_failure_and_a_roll_up_are_in_the_trace(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    job = await stage.claim()
    assert job is not None
    wait = timedelta(seconds=30)
    await stage.write(lambda uow: uow.publishing.later(job, wait=wait, error="ratelimited", outcome_unknown=False))
    [card] = (await trace(stage)).cards
    assert card.last_error == "ratelimited"

    async def park(uow: SqlUnitOfWork) -> None:
        storm, _ = await uow.storms.begin("#incidents", first=uow.now, last=uow.now)
        parked = uow.gate.update(tables.outbox).where(tables.outbox.c.id == job.id)
        await uow.gate.execute(parked.values(shown_in_id=storm.rollup_id, due_at=None))

    await stage.write(park)
    [card] = (await trace(stage)).cards
    assert card.shown_in is ShownIn.ROLLUP


async def test_a_body_that_came_again_is_seen_by_its_delivery(stage: Stage) -> None:
    delivery = a_delivery(firing("pod-a"), body="same")
    await stage.take_batch(delivery)
    once = await trace(stage)
    assert once.newest.last_seen_at == once.newest.alert.received_at
    await stage.take_batch(a_delivery(firing("pod-a"), body="same"))
    twice = await trace(stage)
    assert twice.looked_at == 1
    assert twice.newest.last_seen_at > twice.newest.alert.received_at


async def test_entries_of_the_thread_that_wait_are_counted(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    incident = await stage.incident()

    async def ask(uow: SqlUnitOfWork) -> None:
        for event_id in range(MOST_WAITING + 5):
            await uow.outbox.add_thread(incident.id, event_id, priority=3)  # type: ignore[arg-type]

    assert (await trace(stage)).waiting == 0
    await stage.write(ask)
    assert (await trace(stage)).waiting == MOST_WAITING


async def test_where_old_data_was_deleted_the_rest_is_told(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    await stage.take(firing("pod-b"))

    async def forget(uow: SqlUnitOfWork, table: sa.Table) -> None:
        await uow.gate.execute(uow.gate.delete(table))

    await stage.write(lambda uow: forget(uow, tables.alerts))
    told = await trace(stage)
    assert (told.oldest, told.newest, told.looked_at) == (None, None, 0)
    assert told.incident.alert_count == 2
    await stage.write(lambda uow: forget(uow, tables.deliveries))
    assert (await trace(stage)).incident.alert_count == 2


async def test_a_merged_one_names_where_it_went_and_its_series_by_their_names(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    await stage.take(firing("pod-z", service="shop"))
    child, parent = await stage.incident(1), await stage.incident(2)

    async def merge(uow: SqlUnitOfWork) -> None:
        of_child = uow.gate.update(tables.incident_series).where(tables.incident_series.c.incident_id == child.id)
        await uow.gate.execute(of_child.values(incident_id=parent.id))
        row = uow.gate.update(tables.incidents).where(tables.incidents.c.id == child.id)
        await uow.gate.execute(row.values(merged_into_id=parent.id, resolution=Resolution.MERGED.value))

    await stage.write(merge)
    told = await trace(stage)
    assert told.merged_into == OtherIncident(parent.id, 2)
    assert told.newest.alert.name == "pod-a"
    view = await stage.read(lambda uow: uow.views.incident(child.id))
    assert view.merged_into == OtherIncident(parent.id, 2)
    assert (await stage.read(lambda uow: uow.views.incident(parent.id))).merged_into is None
    assert (await alerts(stage)).rows[0].name == "pod-a"
    assert (await series(stage)).rows == ()


async def test_an_incident_that_is_not_there_is_not_found(stage: Stage) -> None:
    for look in (
        lambda uow: uow.inspection.trace(4711),
        lambda uow: uow.inspection.series(4711, FIRST, limit=5),
        lambda uow: uow.inspection.alerts(4711, FIRST, limit=5),
    ):
        with pytest.raises(IncidentNotFound):
            await stage.read(look)


async def test_what_became_of_the_newest_is_counted_up_to_a_limit(stage: Stage) -> None:
    many = [firing(f"pod-{n}") for n in range(MOST_LOOKED_AT + 5)]
    policy = Policy(limits=Limits(series_per_incident=10))
    await stage.take(*many, policy=policy)
    told = await trace(stage)
    assert told.looked_at == MOST_LOOKED_AT
    assert told.incident.alert_count == MOST_LOOKED_AT + 5


async def test_the_pages_of_alerts_lead_through_all_and_back(stage: Stage) -> None:
    """Those of one delivery were received at the same moment."""
    await stage.take(*(firing(f"pod-{n}") for n in range(7)))
    for n in range(4):
        await stage.take(firing("pod-0", value=float(n)))
    there = [first := await alerts(stage)]
    while there[-1].after is not None:
        there.append(await alerts(stage, there[-1].after))
    seen = [one.id for page in there for one in page.rows]
    assert seen == sorted(seen, reverse=True)
    assert [len(page.rows) for page in there] == [4, 4, 3]
    assert first.before is None
    assert {page.total for page in there} == {11}
    back = [there[-1]]
    while back[-1].before is not None:
        back.append(await alerts(stage, back[-1].before))
    assert [page.rows for page in back] == [page.rows for page in reversed(there)]


async def test_the_pages_of_series_begin_with_what_fires_longest(stage: Stage) -> None:
    await stage.take(*(firing(f"pod-{n}", since=10 - n) for n in range(9)))
    await stage.take(*(resolved(f"pod-{n}", since=10 - n, until=20) for n in range(3)))
    there = [await series(stage)]
    while there[-1].after is not None:
        there.append(await series(stage, there[-1].after))
    seen = [one.name for page in there for one in page.rows]
    assert seen == [f"pod-{n}" for n in (8, 7, 6, 5, 4, 3, 2, 1, 0)]
    assert [one.status for one in there[-1].rows] == [AlertStatus.RESOLVED]
    assert there[0].total == 9
    back = [there[-1]]
    while back[-1].before is not None:
        back.append(await series(stage, back[-1].before))
    assert [page.rows for page in back] == [page.rows for page in reversed(there)]


async def test_a_full_last_page_has_none_after_it(stage: Stage) -> None:
    await stage.take(*(firing(f"pod-{n}") for n in range(A_FEW)))
    assert (await alerts(stage)).after is None
    assert (await series(stage)).after is None


async def test_a_page_whose_rows_are_gone_is_empty(stage: Stage) -> None:
    await stage.take(*(firing(f"pod-{n}") for n in range(A_FEW + 1)))
    page = await alerts(stage)
    assert page.after is not None

    async def forget(uow: SqlUnitOfWork) -> None:
        await uow.gate.execute(uow.gate.delete(tables.alerts))

    await stage.write(forget)
    gone = await alerts(stage, page.after)
    assert (gone.rows, gone.before, gone.after) == ((), None, None)
