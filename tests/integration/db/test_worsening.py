"""An incident that somebody has becomes worse: its owner hears of it, and a critical one must be confirmed."""

import pytest
import sqlalchemy as sa

from db import tables
from incidents import actions
from incidents.errors import NothingToConfirm
from incidents.model import Incident, Severity, Status
from tests.building import ALICE, BOB, firing, resolved
from tests.integration.db.stage import Stage, the


async def taken(stage: Stage, *pods: str, severity: str = "warning") -> None:
    """Alice has an incident with these series."""
    await stage.take(*(firing(pod, severity=severity) for pod in pods))
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))


async def critical(stage: Stage) -> Incident:
    """What Alice has has become critical."""
    await taken(stage, "pod-a")
    await stage.take(firing("pod-b", severity="critical"))
    return await stage.incident()


async def test_a_graver_severity_mentions_the_owner_once(stage: Stage) -> None:
    await taken(stage, "pod-a")
    await stage.take(firing("pod-b", severity="error"))
    await stage.take(firing("pod-a", severity="error", since=1))
    [told] = await stage.reminders()
    assert told.data == {
        "reason": "severity", "from": "warning", "to": "error", "mention": "U0ALICE", "confirm_by": None,
    }  # fmt: skip
    incident = await stage.incident()
    assert (incident.acknowledged_severity, incident.confirm_by) == (Severity.ERROR, None)


async def test_three_times_the_series_mention_the_owner_and_then_three_times_that(stage: Stage) -> None:
    await taken(stage, "pod-0")
    for pod in range(1, 9):
        await stage.take(firing(f"pod-{pod}"))
    told = await stage.reminders()
    assert [(one.data["reason"], one.data["from"], one.data["to"]) for one in told] == [
        ("series", 1, 3), ("series", 3, 9),
    ]  # fmt: skip


async def test_a_batch_that_brings_much_at_once_is_told_once(stage: Stage) -> None:
    await taken(stage, "pod-0")
    await stage.take(*(firing(f"pod-{pod}", severity="error") for pod in range(1, 100)))
    [told] = await stage.reminders()
    assert (told.data["reason"], told.data["to"]) == ("severity", "error")
    assert (await stage.incident()).acknowledged_firing == 100


async def test_critical_is_nobodys_again_unless_somebody_confirms_in_five_minutes(stage: Stage) -> None:
    incident = await critical(stage)
    assert incident.confirm_by is not None
    assert (await stage.reminders())[0].data["confirm_by"] == incident.confirm_by.isoformat()
    await stage.wait(minutes=4)
    assert await stage.look() == 0
    await stage.wait(minutes=1)
    assert await stage.look() == 1
    after, event = await stage.incident(), (await stage.events())[-1]
    assert (after.status, after.owner, after.confirm_by, after.acknowledged_severity) == (
        Status.ACTIVE, None, None, None,
    )  # fmt: skip
    assert (event.kind.value, event.actor) == ("unacknowledged", "system")
    assert event.data == {"was": "U0ALICE", "reason": "worsening_unconfirmed", "mention": "U0ALICE"}
    assert (await stage.reminders())[-1].id == event.id


@pytest.mark.parametrize("act", [actions.confirm, actions.acknowledge])
async def test_whoever_confirms_it_leaves_it_with_its_owner(stage: Stage, act: object) -> None:
    await critical(stage)
    confirmed = await stage.write(lambda uow: act(1, by=BOB, uow=uow))  # type: ignore[operator]
    assert (confirmed.status, confirmed.owner, confirmed.confirm_by) == (Status.ACKNOWLEDGED, "U0ALICE", None)
    assert (await stage.events())[-1].kind.value == "confirmed"
    await stage.wait(minutes=10)
    await stage.look()
    assert (await stage.incident()).status is Status.ACKNOWLEDGED
    with pytest.raises(NothingToConfirm):
        await stage.write(lambda uow: actions.confirm(1, by=BOB, uow=uow))


async def test_a_second_worsening_does_not_move_the_deadline(stage: Stage) -> None:
    first = (await critical(stage)).confirm_by
    await stage.wait(minutes=2)
    await stage.take(*(firing(f"pod-{pod}") for pod in range(20)))
    assert len(await stage.reminders()) == 2
    second = (await stage.incident()).confirm_by
    assert first is not None
    assert second is not None
    assert second < first


async def test_giving_it_to_somebody_settles_it(stage: Stage) -> None:
    await critical(stage)
    given = await stage.write(lambda uow: actions.assign(1, to="U0BOB", by=BOB, uow=uow))
    assert (given.confirm_by, given.acknowledged_severity) == (None, Severity.CRITICAL)


async def test_what_its_owner_took_is_remembered_over_a_reopening(stage: Stage) -> None:
    await taken(stage, "pod-a")
    await stage.take(resolved("pod-a"))
    await stage.take(firing("pod-a", since=8, severity="critical"))
    assert [told.data["reason"] for told in await stage.reminders()] == ["severity"]
    assert (await stage.incident()).confirm_by is not None


async def test_what_nobody_has_does_not_worsen(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    await stage.take(*(firing(f"pod-{pod}", severity="critical") for pod in range(9)))
    assert await stage.reminders() == []


async def test_a_severity_that_rises_within_one_firing_is_news(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    assert the(await stage.take(firing("pod-a", severity="critical"))) == "resent"
    incident = await stage.incident()
    assert (incident.severity, incident.confirm_by is not None) == (Severity.CRITICAL, True)
    assert (await stage.kinds())[-2:] == ["severity_raised", "worsened"]


async def test_a_reminder_of_intake_loses_its_button_once_it_is_answered(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await stage.take(firing("pod-b", severity="critical"))
    [row] = [row for row in await stage.all(tables.outbox) if row["kind"] == "reminder"]
    assert (row["desired_rev"], row["sent_rev"]) == (1, 0)
    async with stage.engines.write.begin() as connection:
        shown = sa.update(tables.outbox).where(tables.outbox.c.id == row["id"]).values(sent_rev=1, due_at=None)
        await connection.execute(shown)
    await stage.write(lambda uow: actions.confirm(1, by=ALICE, uow=uow))
    [row] = [row for row in await stage.all(tables.outbox) if row["kind"] == "reminder"]
    assert (row["desired_rev"], row["due_at"] is not None) == (2, True)
