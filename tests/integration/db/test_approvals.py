"""A second person: nothing closes until one confirms it, once, whoever is fast and whatever comes first."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from db import tables
from db.approval_tables import approvals
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.approvals.deciding import approve, decline, standing_on, withdraw
from incidents.approvals.errors import (
    AlreadyAsked,
    ApprovalNotFound,
    ApprovalOver,
    AskedYourself,
    NothingAsked,
    NotSecond,
    NotTheirs,
)
from incidents.approvals.model import Approval, ApprovalRule, Outcome, Wanted
from incidents.clock import look_at_due
from incidents.errors import Conflict, InvalidInput
from incidents.model import Actor, Incident, Resolution, Severity, Status
from incidents.policy import Policy
from jobs.clock import LOOK, Clock
from tests.building import ALICE, BOB, firing, resolved
from tests.integration.db.stage import Stage
from tests.integration.db.test_plans_of_the_past import statements

AnotherProcess = Callable[[], Stage]
CAROL = Actor.slack("U0CAROL")
GRAVE = {"severity": "critical"}
RULE = ApprovalRule(frozenset(Wanted), match={"severity": frozenset({"critical"})})
POLICY = Policy(approvals=(RULE,))
Act = Callable[[SqlUnitOfWork], Awaitable[Incident]]


def guarded(stage: Stage) -> Stage:
    return Stage.on(stage.engines, policy=POLICY)


@pytest.fixture
def guard(stage: Stage) -> Stage:
    """Where what is critical takes two people."""
    return guarded(stage)


def resolves(by: Actor = ALICE, note: str = "rolled back") -> Act:
    return lambda uow: actions.resolve(1, by=by, uow=uow, note=note)


def noise(by: Actor = ALICE) -> Act:
    return lambda uow: actions.mark_noise(1, by=by, uow=uow, reason="flaky")


def approves(by: Actor = BOB, approval_id: int = 1) -> Act:
    return lambda uow: approve(approval_id, by=by, uow=uow)


async def the_approval(stage: Stage, approval_id: int = 1) -> Approval:
    return await stage.read(lambda uow: uow.approvals.get(approval_id))


async def rows_of(stage: Stage, kind: str) -> list[Any]:
    return [row for row in await stage.all(tables.outbox) if row["kind"] == kind]


async def later(stage: Stage, **given: float) -> None:
    """Let so much time pass for incidents and requests."""
    await stage.wait(**given)
    await stage.grow_older(approvals, await stage.all(approvals), ["asked_at", "until"], timedelta(**given))


async def test_what_takes_a_second_person_waits_and_is_done_in_both_names(guard: Stage) -> None:
    await guard.take(firing(**GRAVE))
    [card] = await rows_of(guard, "card")
    asked = await guard.write(resolves())
    assert asked == await guard.incident()
    assert (asked.status, asked.approval_until) == (Status.ACTIVE, (await the_approval(guard)).until)
    one = await the_approval(guard)
    assert (one.wanted, one.words, one.asked_by, one.is_open) == (Wanted.RESOLVE, "rolled back", "U0ALICE", True)
    assert one.until - one.asked_at == RULE.timeout
    [question] = await rows_of(guard, "reminder")
    assert (question["subject"], (await rows_of(guard, "card"))[0]["desired_rev"]) == (
        f"event:{one.event_id}",
        card["desired_rev"] + 1,
    )
    assert (await guard.episodes())[-1].responded_by == "U0ALICE"

    done = await guard.write(approves())
    assert done == await guard.incident()
    assert (done.status, done.resolution, done.approval_until) == (Status.RESOLVED, Resolution.MANUAL, None)
    assert (done.resolved_by, done.approved_by) == ("U0ALICE", "U0BOB")
    assert (await guard.kinds())[-3:] == ["approval_asked", "approved", "resolved"]
    *_, agreed, end = await guard.events()
    assert (agreed.actor, agreed.data["asked_by"]) == ("U0BOB", "U0ALICE")
    assert (end.actor, end.data["approved_by"], end.data["note"]) == ("U0ALICE", "U0BOB", "rolled back")
    one = await the_approval(guard)
    assert (one.outcome, one.decided_by, one.decided_at) == (Outcome.APPROVED, "U0BOB", done.resolved_time)
    assert (await rows_of(guard, "reminder"))[0]["desired_rev"] == question["desired_rev"] + 1
    assert [row["subject"] for row in await rows_of(guard, "thread")] == [f"event:{end.id}"]
    reopened = await guard.write(lambda uow: actions.reopen(1, by=CAROL, uow=uow))
    assert (reopened.approved_by, reopened.approval_until) == (None, None)


async def test_noise_waits_too_while_it_is_open_and_when_it_is_over(guard: Stage) -> None:
    await guard.take(firing(**GRAVE))
    assert not (await guard.write(noise())).is_noise
    marked = await guard.write(approves())
    assert (marked.is_noise, marked.noise_reason, marked.resolved_by, marked.approved_by) == (
        True,
        "flaky",
        "U0ALICE",
        "U0BOB",
    )
    await guard.write(lambda uow: actions.mark_real(1, by=BOB, uow=uow))
    await guard.take(resolved(**GRAVE))
    assert (await guard.write(noise(CAROL))).resolution is Resolution.RECOVERED
    marked = await guard.write(approves(approval_id=2))
    assert (marked.is_noise, marked.approved_by) == (True, "U0BOB")


REFUSALS: list[tuple[Act, type[Exception]]] = [
    (resolves(ALICE), AlreadyAsked),
    (resolves(BOB), AlreadyAsked),
    (noise(BOB), AlreadyAsked),
    (approves(ALICE), NotSecond),
    (approves(Actor("slack", "U0ALICE", via="ci")), NotSecond),
    (approves(BOB, approval_id=2), ApprovalNotFound),
    (lambda uow: decline(1, by=ALICE, uow=uow), AskedYourself),
    (lambda uow: decline(1, by=BOB, uow=uow, reason="x" * 501), InvalidInput),
    (lambda uow: withdraw(1, by=BOB, uow=uow), NotTheirs),
]


async def test_what_is_refused_changes_nothing_and_an_answer_is_given_once(guard: Stage) -> None:
    await guard.take(firing(**GRAVE))
    with pytest.raises(NothingAsked):
        await guard.write(_standing)
    before = await guard.write(resolves())
    for act, error in REFUSALS:
        with pytest.raises(error):
            await guard.write(act)
    assert (await guard.incident(), (await the_approval(guard)).is_open) == (before, True)
    assert await guard.write(_standing) == 1

    after = await guard.write(lambda uow: decline(1, by=BOB, uow=uow, reason=" not yet "))
    assert (after.status, after.approval_until) == (Status.ACTIVE, None)
    one = await the_approval(guard)
    assert (one.outcome, one.decided_by, one.reason) == (Outcome.DECLINED, "U0BOB", "not yet")
    told = (await guard.reminders())[-1]
    assert (told.kind.value, told.data["mention"], told.data["note"]) == ("declined", "U0ALICE", "not yet")
    for act in (approves(CAROL), lambda uow: decline(1, by=CAROL, uow=uow), lambda uow: withdraw(1, by=ALICE, uow=uow)):
        with pytest.raises(ApprovalOver) as over:
            await guard.write(act)
        assert (over.value.outcome, over.value.by) == (Outcome.DECLINED, "U0BOB")
    await guard.write(resolves(BOB))
    after = await guard.write(lambda uow: withdraw(2, by=BOB, uow=uow))
    assert (after.approval_until, (await guard.kinds())[-2:]) == (None, ["approval_asked", "approval_lapsed"])


async def _standing(uow: SqlUnitOfWork) -> int:
    return await standing_on(await uow.incidents.get(1), uow)


async def recovers(stage: Stage) -> None:
    await stage.take(resolved(**GRAVE))


async def is_merged(stage: Stage) -> None:
    await stage.take(firing("other", service="other", **GRAVE))
    await stage.write(lambda uow: actions.merge(1, into=2, by=CAROL, uow=uow))


async def is_lowered(stage: Stage) -> None:
    await stage.write(lambda uow: actions.set_severity(1, to=Severity.INFO, by=ALICE, uow=uow))


async def is_closed_without_the_rule(stage: Stage) -> None:
    await Stage.on(stage.engines).write(resolves(CAROL))


async def goes_stale(stage: Stage) -> None:
    """The clock of a process that was away looks late."""
    await stage.change(tables.incidents, severity="warning")
    await stage.change(approvals, until=await stage.now() + timedelta(days=1))
    await stage.wait(hours=9)
    await stage.change(tables.incidents, approval_until=await stage.now() + timedelta(days=1))
    await stage.look()


@pytest.mark.parametrize("come_first", [recovers, is_merged, is_lowered, is_closed_without_the_rule, goes_stale])
async def test_what_comes_first_ends_the_request(guard: Stage, come_first: Callable[[Stage], Awaitable[None]]) -> None:
    await guard.take(firing(**GRAVE))
    await guard.write(resolves())
    question = (await rows_of(guard, "reminder"))[0]["desired_rev"]
    await come_first(guard)
    incident = await guard.incident()
    assert (incident.approval_until, incident.approved_by) == (None, None)
    assert incident.is_open is (come_first is is_lowered)
    one = await the_approval(guard)
    assert (one.outcome, one.decided_by) == (Outcome.OVERTAKEN, None)
    assert (await rows_of(guard, "reminder"))[0]["desired_rev"] == question + 1
    with pytest.raises(ApprovalOver):
        await guard.write(approves())


async def test_what_opens_again_is_not_marked_as_noise_by_what_was_asked_before(guard: Stage) -> None:
    await guard.take(firing(**GRAVE))
    await guard.take(resolved(**GRAVE))
    await guard.write(noise())
    await guard.take(firing(since=6, **GRAVE))
    incident = await guard.incident()
    assert (incident.episode, incident.approval_until) == (2, None)
    assert (await the_approval(guard)).outcome is Outcome.OVERTAKEN


async def test_without_an_answer_it_stays_as_it_is_and_that_is_told_once(
    guard: Stage, another_process: AnotherProcess
) -> None:
    await guard.take(firing(**GRAVE))
    await guard.write(resolves())
    assert await guard.look() in {0, 1}  # 1: it finds out when it must look again
    assert (await the_approval(guard)).is_open
    await later(guard, minutes=15)
    with pytest.raises(ApprovalOver) as late:
        await guard.write(approves())
    assert late.value.outcome is Outcome.LAPSED
    processes = [guarded(another_process()) for _ in range(3)]
    ticks = [Clock(process.transactions, LOOK, changed=lambda: None) for process in processes]
    await asyncio.gather(*(clock.tick() for clock in ticks))
    incident = await guard.incident()
    assert (incident.status, incident.approval_until) == (Status.ACTIVE, None)
    assert (await guard.kinds()).count("approval_lapsed") == 1
    told = (await guard.reminders())[-1]
    assert (told.kind.value, told.data["mention"], told.data["outcome"]) == ("approval_lapsed", "U0ALICE", "lapsed")
    assert (await the_approval(guard)).outcome is Outcome.LAPSED
    assert (await guard.write(resolves())).approval_until is not None


async def test_of_two_who_approve_at_once_one_wins(guard: Stage, another_process: AnotherProcess) -> None:
    await guard.take(firing(**GRAVE))
    await guard.write(resolves())
    one, other = guarded(another_process()), guarded(another_process())
    done = await asyncio.gather(one.write(approves(BOB)), other.write(approves(CAROL)), return_exceptions=True)
    [won] = [result for result in done if isinstance(result, Incident)]
    [lost] = [result for result in done if isinstance(result, ApprovalOver)]
    assert (lost.by, lost.outcome) == (won.approved_by, Outcome.APPROVED)
    assert (await guard.kinds()).count("resolved") == 1


@pytest.mark.parametrize("rival", ["clock", "recovery", "decline"])
async def test_an_approval_and_another_end_at_once_are_one_of_both(
    guard: Stage, another_process: AnotherProcess, rival: str
) -> None:
    await guard.take(firing(**GRAVE))
    await guard.write(resolves())
    other = guarded(another_process())
    if rival == "clock":
        soon = await guard.now() + timedelta(milliseconds=30)
        await guard.change(approvals, until=soon)
        await guard.change(tables.incidents, approval_until=soon, check_at=soon)
    against: dict[str, Callable[[], Awaitable[Any]]] = {
        "clock": lambda: other.write(_until_it_looks),
        "recovery": lambda: other.take(resolved(**GRAVE)),
        "decline": lambda: other.write(lambda uow: decline(1, by=CAROL, uow=uow)),
    }
    done, rivals = await asyncio.gather(guard.write(approves()), against[rival](), return_exceptions=True)
    one, incident = await the_approval(guard), await guard.incident()
    has_won = not isinstance(done, BaseException)
    assert has_won or isinstance(done, ApprovalOver)
    assert not isinstance(rivals, BaseException) or isinstance(rivals, ApprovalOver)
    assert (one.outcome is Outcome.APPROVED) is has_won
    assert (incident.approved_by == "U0BOB") is has_won
    assert (incident.approval_until, one.is_open) == (None, False)
    kinds = await guard.kinds()
    assert kinds.count("resolved") == (1 if has_won or rival == "recovery" else 0)
    assert kinds.count("approved") + kinds.count("declined") + kinds.count("approval_lapsed") <= 1


async def _until_it_looks(uow: SqlUnitOfWork) -> int:
    """What is not due yet is tried again, as a clock does."""
    if not await uow.incidents.any_due() and (await uow.incidents.get(1)).approval_until is not None:
        raise Conflict("not yet")
    return await look_at_due(uow, POLICY, 50)


async def test_who_dies_between_has_done_nothing(guard: Stage) -> None:
    await guard.take(firing(**GRAVE))

    async def dies(act: Act, uow: SqlUnitOfWork) -> None:
        await act(uow)
        raise RuntimeError

    before = await guard.incident()
    with pytest.raises(RuntimeError):
        await guard.write(lambda uow: dies(resolves(), uow))
    assert (await guard.incident(), await guard.all(approvals)) == (before, [])
    waiting = await guard.write(resolves())
    one = await guard.read(_standing)
    with pytest.raises(RuntimeError):
        await guard.write(lambda uow: dies(approves(approval_id=one), uow))
    assert (await guard.incident(), (await the_approval(guard, one)).is_open) == (waiting, True)
    assert (await guard.write(approves(CAROL, one))).approved_by == "U0CAROL"


async def test_the_database_itself_refuses_a_second_open_request_of_an_incident(guard: Stage) -> None:
    await guard.take(firing(**GRAVE))
    await guard.write(resolves())
    [row] = await guard.all(approvals)
    second = {**{name: told for name, told in row.items() if name != "id"}}

    async def insert(**changes: Any) -> None:
        async with guard.engines.write.begin() as connection:
            await connection.execute(sa.insert(approvals).values(**second | changes))

    with pytest.raises(IntegrityError):
        await insert()
    await insert(open_incident_id=None)
    await insert(open_incident_id=None)
    await insert(tenant_id=2)


async def test_where_nothing_is_configured_nothing_is_asked_of_the_database(stage: Stage) -> None:
    with statements(stage) as said:
        await stage.take(firing(**GRAVE))
        assert not (await stage.write(resolves())).is_open
        await stage.take(firing(since=1, **GRAVE))
        assert (await stage.write(noise())).is_noise
        await stage.look()
    assert said
    assert not [one for one in said if "approvals" in one]


async def test_what_is_not_grave_and_what_is_a_test_takes_one_person(guard: Stage) -> None:
    await guard.take(firing(severity="warning"))
    assert not (await guard.write(resolves())).is_open
    await guard.change(tables.incidents, severity="critical", kind="test", status="active", resolved_time=None)
    assert not (await guard.write(resolves())).is_open


async def test_a_rule_may_ask_for_labels_as_they_were_sent(stage: Stage) -> None:
    rule = replace(RULE, match={"labels.team": frozenset({"pay"})})
    of_team = Stage.on(stage.engines, policy=Policy(approvals=(rule,)))
    await of_team.take(firing(team="Pay"))
    assert (await of_team.write(resolves())).is_open
