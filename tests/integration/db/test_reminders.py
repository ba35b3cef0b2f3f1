"""Reminders in the outbox: below their card, once for each event, shown anew when what they ask is settled."""

from dataclasses import replace
from datetime import timedelta

import pytest

from db import tables
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.errors import NothingToConfirm
from incidents.model import Incident
from incidents.outbox import OutboxKind, Priority
from tests.building import ALICE, BOB, firing, resolved
from tests.integration.db.stage import Row, Stage


async def remind(stage: Stage, event_id: int = 1) -> None:
    await stage.write(lambda uow: uow.outbox.add_reminder(1, event_id, priority=Priority.ESCALATION))


async def reminders(stage: Stage) -> list[Row]:
    return [row for row in await stage.all(tables.outbox) if row["kind"] == OutboxKind.REMINDER.value]


async def asks(stage: Stage) -> None:
    """INC-1 is Alice's, got worse, and waits for her word."""
    await stage.take(firing())
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))

    async def work(uow: SqlUnitOfWork) -> Incident:
        incident = await uow.incidents.lock(1)
        waits = replace(incident, confirm_by=uow.now + timedelta(minutes=5))
        await uow.incidents.save(waits, expected_version=incident.version)
        return waits

    await stage.write(work)
    await remind(stage)


async def test_a_reminder_waits_for_its_card_and_stands_in_its_thread(stage: Stage) -> None:
    await stage.take(firing())
    await remind(stage)
    card = await stage.claim()
    assert card is not None
    assert card.kind is OutboxKind.CARD
    assert await stage.claim() is None
    await stage.write(lambda uow: uow.publishing.sent(card, channel_id="C1", ts="7.7", rev=card.rev))
    await stage.change(tables.leases, expires_at=await stage.now() - timedelta(hours=1))
    job = await stage.claim()
    assert job is not None
    assert (job.kind, job.thread_ts, job.channel, job.ts, job.event_id) == (OutboxKind.REMINDER, "7.7", "C1", None, 1)


async def test_an_event_reminds_once_and_may_have_a_thread_entry_besides(stage: Stage) -> None:
    await stage.take(firing())
    for _ in range(3):
        await remind(stage)
    await stage.write(lambda uow: uow.outbox.add_thread(1, 1, priority=Priority.CLICK))
    kinds = [row["kind"] for row in await stage.all(tables.outbox)]
    assert sorted(kinds) == ["card", "reminder", "thread"]


async def test_once_the_question_is_settled_its_reminder_is_shown_anew(stage: Stage) -> None:
    await asks(stage)
    await stage.change(tables.outbox, due_at=None, sent_rev=1)
    await stage.write(lambda uow: actions.confirm(1, by=ALICE, uow=uow))
    [row] = await reminders(stage)
    assert (row["due_at"] is not None, row["desired_rev"], row["sent_rev"]) == (True, 2, 1)
    await stage.change(tables.outbox, due_at=None, sent_rev=2)
    await stage.write(lambda uow: actions.add_note(1, text="looking", by=BOB, uow=uow))
    [row] = await reminders(stage)
    assert row["due_at"] is None


async def test_an_end_that_an_alert_tells_settles_it_too(stage: Stage) -> None:
    await asks(stage)
    await stage.change(tables.outbox, due_at=None, sent_rev=1)
    await stage.change(tables.incidents, confirm_by=None)
    await stage.take(resolved())
    [row] = await reminders(stage)
    assert (row["due_at"] is not None, row["desired_rev"]) == (True, 2)


async def test_what_settles_nothing_leaves_the_reminder_alone(stage: Stage) -> None:
    await asks(stage)
    await stage.change(tables.outbox, due_at=None)
    await stage.write(lambda uow: actions.add_note(1, text="looking", by=BOB, uow=uow))
    [row] = await reminders(stage)
    assert row["due_at"] is None


async def test_a_confirmation_keeps_the_owner_and_is_on_the_timeline_once(stage: Stage) -> None:
    await asks(stage)
    await stage.write(lambda uow: actions.confirm(1, by=ALICE, uow=uow))
    incident = await stage.incident()
    assert (incident.owner, incident.confirm_by) == (str(ALICE), None)
    with pytest.raises(NothingToConfirm):
        await stage.write(lambda uow: actions.confirm(1, by=BOB, uow=uow))
    assert (await stage.kinds()).count("confirmed") == 1
