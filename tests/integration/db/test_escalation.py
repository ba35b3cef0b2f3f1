"""Who is called about an incident is planned, cancelled and done in the transactions that change it: once."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from db.engine import Engines
from db.escalation_tables import escalation_steps
from db.tables import incidents, outbox
from db.webhook_tables import outgoing_webhooks
from incidents import actions
from incidents.errors import AlreadyResolved, NobodyToCall
from incidents.escalation.early import any_untaken, page_outside
from incidents.escalation.model import NONE, EscalationPolicy, Step, Webhook
from incidents.model import EventKind, Severity, Status
from incidents.policy import Paging, Policy, QuietHours, Route
from incidents.schedules import Window
from incidents.schedules.model import EVERY_DAY
from tests.building import ALICE, BOB, firing, resolved
from tests.integration.db.stage import Row, Stage

MINUTE = timedelta(minutes=1)
PAGE = EscalationPolicy(
    "default",
    (Step(5 * MINUTE, ("@oncall",)), Step(15 * MINUTE, ("<@U0BOB>",), broadcast=True)),
    repeat=30 * MINUTE,
    acknowledge_timeout=60 * MINUTE,
    unresolved_reminder=240 * MINUTE,
)
SLOW = EscalationPolicy("slow", (Step(60 * MINUTE),))


def routed(*routes: Route, **policies: EscalationPolicy) -> Policy:
    return Policy(escalations={"default": PAGE, **policies}, routes=routes)


@pytest.fixture
def stage(engines: Engines) -> Stage:
    return Stage.on(engines, policy=routed())


async def steps(stage: Stage, **wanted: Any) -> list[Row]:
    return [row for row in await stage.all(escalation_steps) if all(row[name] == is_ for name, is_ in wanted.items())]


async def planned(stage: Stage) -> list[tuple[str, int, int]]:
    """What is to come: (timer, position, minutes from its beginning), soonest first."""
    found = sorted((row for row in await steps(stage, state="planned")), key=lambda row: row["due_at"])
    return [(row["timer"], row["position"], round((row["due_at"] - row["began_at"]) / MINUTE)) for row in found]


async def pass_by(stage: Stage, minutes: float) -> None:
    """So much time passes for all that is planned."""
    await stage.wait(minutes=minutes)
    rows = [row for row in await stage.all(escalation_steps) if row["due_at"] is not None]
    times = ["began_at", "planned_for", "due_at"]
    await stage.grow_older(escalation_steps, rows, times, timedelta(minutes=minutes))


async def test_what_opens_is_planned_and_called_step_after_step_and_round_after_round(stage: Stage) -> None:
    await stage.take(firing())
    assert await planned(stage) == [("page", 1, 5)]
    assert await stage.escalate() == 0
    await pass_by(stage, 5)
    assert await stage.escalate() == 1
    assert await planned(stage) == [("page", 2, 15)]
    await pass_by(stage, 10)
    await stage.escalate()
    assert await planned(stage) == [("page", 1, 5)]
    [again] = await steps(stage, state="planned")
    assert (again["round"], again["step"]) == (2, 3)
    told = [event.data for event in await stage.events() if event.kind is EventKind.ESCALATED]
    assert [(one["step"], one["of"], one["round"], one["mention"]) for one in told] == [
        (1, 2, 1, ["@oncall"]),
        (2, 2, 1, ["<@U0BOB>"]),
    ]
    assert [event.kind for event in await stage.reminders()] == [EventKind.ESCALATED, EventKind.ESCALATED]


async def test_a_step_is_done_once_however_many_processes_look(
    stage: Stage, another_process: Callable[[], Stage]
) -> None:
    for number in range(5):
        await stage.take(firing(f"pod-{number}", service=f"shop-{number}"))
    await pass_by(stage, 5)
    processes = [replace(another_process(), policy=stage.policy) for _ in range(3)]
    for _ in range(3):
        await asyncio.gather(*(process.escalate() for process in processes))
    done = await steps(stage, state="done")
    assert sorted(row["incident_id"] for row in done) == [1, 2, 3, 4, 5]
    events = [await stage.kinds(number) for number in range(1, 6)]
    assert all(kinds.count("escalated") == 1 for kinds in events)


async def test_acknowledging_ends_the_calls_and_asks_the_owner_later(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    assert await planned(stage) == [("ask_owner", 0, 60), ("still_open", 0, 240)]
    [page] = await steps(stage, timer="page")
    assert (page["state"], page["reason"], page["due_at"]) == ("cancelled", "changed", None)


async def test_an_owner_who_does_not_answer_loses_it_and_calls_begin_anew(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await pass_by(stage, 60)
    await stage.escalate()
    incident = await stage.incident()
    assert incident.confirm_by is not None
    assert incident.confirm_reason == "acknowledged_for_long"
    assert await planned(stage) == [("still_open", 0, 240)]
    [asked] = await stage.reminders()
    assert (asked.kind, asked.data["mention"]) == (EventKind.OWNER_ASKED, "U0ALICE")
    await pass_by(stage, 5)
    await stage.look()
    incident = await stage.incident()
    assert (incident.status, incident.owner, incident.confirm_reason) == (Status.ACTIVE, None, None)
    assert await planned(stage) == [("page", 1, 5)]
    assert (await stage.events())[-1].data["reason"] == "for_long_unconfirmed"


async def test_an_owner_who_answers_is_asked_again_as_much_later(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await pass_by(stage, 60)
    await stage.escalate()
    await stage.write(lambda uow: actions.confirm(1, by=ALICE, uow=uow))
    assert await planned(stage) == [("ask_owner", 0, 60), ("still_open", 0, 240)]


async def test_the_owner_of_what_stays_open_is_reminded_again_and_again(engines: Engines) -> None:
    stage = Stage.on(engines, policy=routed(default=replace(PAGE, acknowledge_timeout=None)))
    await stage.take(firing())
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    for times in (1, 2):
        await pass_by(stage, 240)
        await stage.escalate()
        assert [event.kind for event in await stage.reminders()] == [EventKind.STILL_OPEN] * times
        assert ("still_open", 0, 240) in await planned(stage)


async def test_an_owner_who_is_asked_is_not_reminded_besides(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await pass_by(stage, 240)
    await stage.escalate()
    assert [event.kind for event in await stage.reminders()] == [EventKind.OWNER_ASKED]
    assert await planned(stage) == [("still_open", 0, 240)]


@pytest.mark.parametrize("ends", ["resolve", "noise", "recovers", "snooze", "merge"])
async def test_what_ends_it_ends_its_calls_in_the_same_transaction(stage: Stage, ends: str) -> None:
    await stage.take(firing())
    if ends == "recovers":
        await stage.take(resolved())
    elif ends == "merge":
        await stage.take(firing("pod-b", service="other"))
        await stage.write(lambda uow: actions.merge(1, into=2, by=ALICE, uow=uow))
    elif ends == "snooze":
        await stage.write(lambda uow: actions.snooze(1, until=uow.now + 60 * MINUTE, by=ALICE, uow=uow))
    else:
        do = {"resolve": actions.resolve, "noise": actions.mark_noise}[ends]
        await stage.write(lambda uow: do(1, by=ALICE, uow=uow))
    assert [row for row in await steps(stage, incident_id=1) if row["due_at"] is not None] == []
    assert {row["state"] for row in await steps(stage, incident_id=1)} == {"cancelled"}


async def test_what_opens_again_is_called_about_again_in_its_new_episode(stage: Stage) -> None:
    await stage.take(firing())
    await stage.take(resolved())
    await stage.take(firing(since=6))
    [row] = await steps(stage, state="planned")
    assert (row["episode"], row["step"], row["position"]) == (2, 1, 1)


async def test_what_wakes_and_what_is_given_back_begin_from_the_start(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.snooze(1, until=uow.now + 60 * MINUTE, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.wake(1, by=BOB, uow=uow))
    assert await planned(stage) == [("page", 1, 5)]
    await stage.write(lambda uow: actions.acknowledge(1, by=BOB, uow=uow))
    await stage.write(lambda uow: actions.unacknowledge(1, by=BOB, uow=uow))
    assert await planned(stage) == [("page", 1, 5)]
    [row] = await steps(stage, state="planned")
    assert row["step"] == len(await steps(stage))


async def test_another_severity_may_mean_another_policy(engines: Engines) -> None:
    every = dict.fromkeys(Severity, "default") | {Severity.WARNING: "slow", Severity.INFO: NONE}
    stage = Stage.on(engines, policy=routed(Route("#incidents", escalation=every), slow=SLOW))
    await stage.take(firing(severity="warning"))
    assert await planned(stage) == [("page", 1, 60)]
    await stage.write(lambda uow: actions.set_severity(1, to=Severity.CRITICAL, by=ALICE, uow=uow))
    assert await planned(stage) == [("page", 1, 5)]
    await stage.write(lambda uow: actions.set_severity(1, to=Severity.ERROR, by=ALICE, uow=uow))
    assert len(await steps(stage)) == 2
    await stage.write(lambda uow: actions.set_severity(1, to=Severity.INFO, by=ALICE, uow=uow))
    assert await planned(stage) == []


async def test_somebody_asks_for_the_next_step_now(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.escalate(1, by=ALICE, uow=uow))
    [event] = await stage.reminders()
    assert (event.actor, event.data["step"]) == ("U0ALICE", 1)
    assert await planned(stage) == [("page", 2, 15)]
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.escalate(1, by=ALICE, uow=uow))
    assert [event.data["step"] for event in await stage.reminders()] == [1, 2]
    assert [timer for timer, *_ in await planned(stage)] == ["ask_owner", "still_open"]


@pytest.mark.parametrize("ends", ["resolve", "snooze"])
async def test_what_somebody_had_called_though_it_flaps_is_not_called_once_it_is_over(stage: Stage, ends: str) -> None:
    for time in range(2):
        await stage.take(firing(since=2 * time))
        await stage.take(resolved(since=2 * time, until=2 * time + 1))
    await stage.take(firing(since=4))
    assert (await stage.incident()).flapping
    await stage.write(lambda uow: actions.escalate(1, by=ALICE, uow=uow))
    assert [position for _, position, _ in await planned(stage)] == [2]
    if ends == "resolve":
        await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    else:
        await stage.write(lambda uow: actions.snooze(1, until=uow.now + 60 * MINUTE, by=ALICE, uow=uow))
    assert await planned(stage) == []


async def test_nobody_can_be_called_where_no_policy_has_a_step(engines: Engines) -> None:
    nobody = Route("#incidents", escalation=dict.fromkeys(Severity, NONE))
    stage = Stage.on(engines, policy=routed(nobody))
    await stage.take(firing())
    with pytest.raises(NobodyToCall):
        await stage.write(lambda uow: actions.escalate(1, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    with pytest.raises(AlreadyResolved):
        await stage.write(lambda uow: actions.escalate(1, by=ALICE, uow=uow))


async def pages(stage: Stage) -> list[Row]:
    return await stage.rows(sa.select(outbox).where(outbox.c.kind == "page").order_by(outbox.c.id))


async def test_several_due_at_once_for_the_same_people_are_one_message(stage: Stage) -> None:
    for number in range(3):
        await stage.take(firing(f"pod-{number}", service=f"shop-{number}"))
    await pass_by(stage, 5)
    await stage.escalate()
    [page] = await pages(stage)
    assert await stage.reminders() == []
    assert {row["told_in_id"] for row in await steps(stage, state="done")} == {page["id"]}
    told = await stage.read(lambda uow: uow.escalation.told_in(page["id"]))
    assert [one.incident.number for one in told] == [1, 2, 3]


async def test_above_the_most_of_an_hour_pages_wait_for_one_message(engines: Engines) -> None:
    stage = Stage.on(engines, policy=replace(routed(), paging=Paging(most_per_hour=1)))
    await stage.take(firing(service="first"))
    await pass_by(stage, 5)
    await stage.escalate()
    assert len(await stage.reminders()) == 1
    for number in range(2):
        await stage.take(firing(f"pod-{number}", service=f"shop-{number}"))
        await pass_by(stage, 5)
        await stage.escalate()
    [page] = await pages(stage)
    assert page["due_at"] > await stage.now()
    told = await stage.read(lambda uow: uow.escalation.told_in(page["id"]))
    assert {one.incident.number for one in told} >= {2, 3}
    await stage.write(lambda uow: actions.escalate(3, by=ALICE, uow=uow))
    assert (await stage.reminders())[-1].actor == "U0ALICE"
    assert len(await pages(stage)) == 1


async def test_other_channels_and_people_get_messages_of_their_own(engines: Engines) -> None:
    wide = replace(PAGE, steps=(Step(MINUTE, channel="#leads", direct=("U0BOB",)),))
    stage = Stage.on(engines, policy=Policy(escalations={"default": wide}))
    await stage.take(firing())
    await pass_by(stage, 1)
    await stage.escalate()
    assert [row["channel"] for row in await pages(stage)] == ["#leads", "U0BOB"]
    assert len(await stage.reminders()) == 1


async def test_what_is_due_is_found_by_its_index_alone(stage: Stage) -> None:
    await stage.take(firing())
    assert (await stage.read(lambda uow: uow.escalation.overdue(since=uow.now)))[0] == 0
    await pass_by(stage, 10)
    count, first = await stage.read(lambda uow: uow.escalation.overdue(since=uow.now))
    assert count == 1
    assert first is not None
    assert await stage.read(lambda uow: uow.escalation.any_due())
    await stage.escalate()
    assert not await stage.read(lambda uow: uow.escalation.any_due())


PAGER = Webhook("pager", "https://pager.example.com/x")
OUTSIDE = Policy(
    escalations={"default": EscalationPolicy("default", (Step(MINUTE), Step(60 * MINUTE, webhook="pager")))},
    webhooks={"pager": PAGER},
)


async def outside(stage: Stage) -> list[tuple[str, str]]:
    return [(row["name"], row["action"]) for row in await stage.all(outgoing_webhooks)]


async def test_what_slack_has_not_taken_for_a_minute_goes_out_by_the_next_webhook_once(engines: Engines) -> None:
    stage = Stage.on(engines, policy=OUTSIDE)
    await stage.take(firing())
    await pass_by(stage, 1)
    await stage.escalate()
    assert not await stage.read(any_untaken)
    await stage.change(outbox, created_at=await stage.now() - 2 * MINUTE)
    assert await stage.read(any_untaken)
    assert await stage.write(lambda uow: page_outside(uow, 50)) == 1
    assert await outside(stage) == [("pager", "trigger")]
    assert not await stage.read(any_untaken)
    [step] = await steps(stage, state="done")
    assert step["reason"] == "outside"


async def test_what_slack_has_taken_is_told_nowhere_else(engines: Engines) -> None:
    stage = Stage.on(engines, policy=OUTSIDE)
    await stage.take(firing())
    await pass_by(stage, 1)
    await stage.escalate()
    await stage.change(outbox, created_at=await stage.now() - 2 * MINUTE, sent_rev=2, due_at=None)
    assert not await stage.read(any_untaken)


async def test_who_was_called_outside_of_slack_hears_that_somebody_has_it_and_that_it_is_over(engines: Engines) -> None:
    stage = Stage.on(engines, policy=OUTSIDE)
    await stage.take(firing())
    await stage.take(firing("pod-b", service="quiet"))
    await stage.write(lambda uow: actions.escalate(1, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.escalate(1, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await stage.take(resolved())
    await stage.take(resolved("pod-b", service="quiet"))
    assert await outside(stage) == [("pager", "trigger"), ("pager", "acknowledge"), ("pager", "resolve")]


async def test_in_quiet_hours_nobody_is_mentioned_and_pages_wait_for_their_end(engines: Engines) -> None:
    now = datetime.now(UTC)
    quiet = Window(EVERY_DAY, (now - timedelta(hours=1)).time(), (now + timedelta(hours=2)).time())
    paging = Paging(quiet_hours=QuietHours(ZoneInfo("UTC"), quiet, frozenset({Severity.WARNING})))
    routes = (Route("#incidents", mention=("@oncall",), escalation=dict.fromkeys(Severity, NONE)),)
    stage = Stage.on(engines, policy=Policy(routes=routes, paging=paging))
    await stage.take(firing())
    assert await stage.reminders() == []
    [step] = await steps(stage, state="planned")
    assert (step["policy"], step["due_at"].time()) == ("built-in morning", quiet.end)
    await stage.take(firing("pod-b", severity="critical", service="loud"))
    assert [event.kind for event in await stage.reminders()] == [EventKind.OPENED]


async def test_whoever_stands_still_in_the_midst_of_a_step_does_not_keep_the_others_from_it(
    mariadb_stage: Stage,
) -> None:
    """The server ends the transaction of a process that says nothing any more, and another does the step."""
    stage = Stage.on(mariadb_stage.engines, policy=routed())
    await stage.take(firing())
    await pass_by(stage, 5)
    async with stage.engines.write.connect() as still:
        silence = (await still.execute(sa.text("SELECT @@SESSION.idle_transaction_timeout"))).scalar_one()
        assert silence == 15
        await still.execute(sa.text("SET SESSION idle_transaction_timeout = 1"))
        await still.execute(sa.select(incidents).with_for_update())
        assert await stage.escalate() == 0
        async with asyncio.timeout(30):
            while not await stage.escalate():  # noqa: ASYNC110 - the server ends it
                await asyncio.sleep(0.05)
        with pytest.raises(OperationalError):
            await still.execute(sa.select(escalation_steps))
        await still.invalidate()
    assert [event.kind for event in await stage.reminders()] == [EventKind.ESCALATED]


async def test_who_is_being_asked_does_not_hear_besides_that_it_is_open(engines: Engines) -> None:
    both = replace(PAGE, acknowledge_timeout=MINUTE, unresolved_reminder=2 * MINUTE)
    stage = Stage.on(engines, policy=Policy(escalations={"default": both}))
    await stage.take(firing())
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await pass_by(stage, 1)
    await stage.escalate()
    await pass_by(stage, 1)
    await stage.escalate()
    [reminder, waits] = await steps(stage, timer="still_open")
    assert (reminder["state"], reminder["reason"], waits["state"]) == ("cancelled", "asked", "planned")
    assert [event.kind for event in await stage.reminders()] == [EventKind.OWNER_ASKED]
