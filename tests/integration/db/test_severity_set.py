"""A person says how grave it is, and only what is graver than all that was told changes that."""

from datetime import timedelta

import pytest

from incidents import actions
from incidents.errors import InvalidInput
from incidents.model import SYSTEM, Actor, Incident, Severity
from tests.building import ALICE, BOB, firing, resolved
from tests.integration.db.stage import Stage


async def sets(stage: Stage, to: str, *, by: Actor = ALICE, note: str = "") -> Incident:
    return await stage.write(lambda uow: actions.set_severity(1, to=Severity(to), by=by, uow=uow, note=note))


async def snoozes(stage: Stage, by: Actor) -> None:
    await stage.write(lambda uow: actions.snooze(1, until=uow.now + timedelta(hours=1), by=by, uow=uow))


async def severity(stage: Stage) -> str:
    return (await stage.incident()).severity.value


async def test_what_alerts_tell_again_does_not_raise_it_again(stage: Stage) -> None:
    await stage.take(firing(severity="error"))
    await sets(stage, "info", note="only the test shop")
    await stage.take(firing(severity="error"))
    await stage.take(firing("pod-b", severity="warning"))
    assert await severity(stage) == "info"
    await stage.take(firing("pod-c", severity="critical"))
    assert await severity(stage) == "critical"
    assert [kind for kind in await stage.kinds() if "severity" in kind] == ["severity_set", "severity_raised"]
    [told] = [event for event in await stage.events() if event.kind.value == "severity_set"]
    assert (told.actor, told.data) == ("U0ALICE", {"from": "error", "to": "info", "note": "only the test shop"})


async def test_what_a_person_has_raised_is_not_lowered_and_remembers_what_was_told(stage: Stage) -> None:
    await stage.take(firing(severity="info"))
    await sets(stage, "critical")
    await stage.take(firing("pod-b", severity="error"))
    assert await severity(stage) == "critical"
    await sets(stage, "info")
    await stage.take(firing("pod-b", severity="error"))
    assert await severity(stage) == "info"


async def test_it_stays_as_set_over_a_reopening(stage: Stage) -> None:
    await stage.take(firing(severity="error"))
    await sets(stage, "info")
    await stage.take(resolved(severity="error"))
    await stage.take(firing(since=6, severity="error"))
    assert await severity(stage) == "info"


async def test_what_it_is_already_changes_nothing(stage: Stage) -> None:
    await stage.take(firing(severity="error"))
    await sets(stage, "error")
    assert await stage.kinds() == ["opened"]


async def test_raised_above_what_was_snoozed_it_wakes_and_who_snoozed_it_hears_of_it(stage: Stage) -> None:
    await stage.take(firing(severity="warning"))
    await snoozes(stage, BOB)
    await sets(stage, "error")
    assert not (await stage.incident()).is_snoozed
    [woke] = await stage.reminders()
    assert (woke.actor, woke.data["mention"]) == (str(SYSTEM), "U0BOB")


async def test_lowered_it_sleeps_on(stage: Stage) -> None:
    await stage.take(firing(severity="warning"))
    await snoozes(stage, BOB)
    await sets(stage, "info")
    assert (await stage.incident()).is_snoozed


async def test_its_owner_hears_of_it_unless_they_did_it(stage: Stage) -> None:
    await stage.take(firing(severity="warning"))
    await stage.write(lambda uow: actions.acknowledge(1, by=BOB, uow=uow))
    await sets(stage, "error", by=BOB)
    assert await stage.reminders() == []
    await sets(stage, "critical", by=ALICE)
    [told] = await stage.reminders()
    assert (told.kind.value, told.data["mention"]) == ("worsened", "U0BOB")
    assert (await stage.incident()).confirm_by is not None


async def test_raised_while_it_is_closed_over_what_fires_it_comes_back(stage: Stage) -> None:
    await stage.take(firing(severity="warning"))
    await stage.write(lambda uow: actions.resolve(1, by=BOB, uow=uow))
    await sets(stage, "critical")
    await stage.wait(minutes=30)
    await stage.look()
    assert (await stage.kinds())[-1] == "reopened"


async def test_a_reason_that_does_not_fit_is_refused(stage: Stage) -> None:
    await stage.take(firing())
    with pytest.raises(InvalidInput):
        await sets(stage, "critical", note="x" * 501)
