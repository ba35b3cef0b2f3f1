"""What is due is done, exactly once: each incident is locked, and its steps are settled with all that they ask for.

The lock is the transaction's, and what a step tells goes through the outbox, whose rows have leases and fences of their
own. However many processes look, and whichever dies, a step is done once.
"""

from dataclasses import replace
from datetime import timedelta

from base import tracing
from incidents import lifecycle
from incidents.escalation.calls import call, done
from incidents.escalation.model import PlannedStep, StepState, Timer
from incidents.escalation.paging import Paging
from incidents.escalation.planning import Move, policy_of, timed
from incidents.model import SYSTEM, EventKind, Incident
from incidents.outbox import Priority
from incidents.ports import UnitOfWork
from incidents.reasons import Reason
from incidents.record import write_down
from incidents.rules.escalates import Wanted, Why, escalates
from incidents.rules.escalation_policy import known
from incidents.rules.mention import mention
from incidents.rules.worsening import CONFIRM_WITHIN

_FOR_LONG = Reason.ACKNOWLEDGED_FOR_LONG.value


async def do_due(uow: UnitOfWork, limit: int) -> int:
    """Do the steps of the first ``limit`` incidents that nobody else holds; of how many incidents there were some."""
    incidents = await uow.incidents.lock_free(await uow.escalation.due(limit=limit))
    paging = Paging(uow)
    due = [step for step in await uow.escalation.planned([one.id for one in incidents]) if step.due_at <= uow.now]
    by_id = {one.id: one for one in incidents}
    for step in due:
        of_it = {"bongsu.incident.id": step.incident_id, "bongsu.escalation.step": step.step}
        with tracing.step(f"escalate {step.timer.value}", of_it):
            by_id[step.incident_id] = await _do(step, by_id[step.incident_id], paging, uow)
    await paging.send()
    return len({step.incident_id for step in due})


async def _do(step: PlannedStep, incident: Incident, paging: Paging, uow: UnitOfWork) -> Incident:
    """The incident as it is then."""
    wanted, reason = escalates(incident)
    match step.timer, wanted:
        case Timer.PAGE, _ if wanted is Wanted.PAGES or reason is Why.FLAPPING:
            return await _page(step, incident, paging, uow)
        case Timer.ASK_OWNER, Wanted.OWNER:
            return await _ask_owner(step, incident, uow)
        case Timer.STILL_OPEN, Wanted.OWNER:
            return await _remind_owner(step, incident, uow)
        case _:
            await _drop(step, reason, uow)
            return incident


async def _drop(step: PlannedStep, reason: Why, uow: UnitOfWork) -> None:
    await uow.escalation.settle(replace(step, state=StepState.CANCELLED, done_at=uow.now, reason=reason.value))


async def _page(step: PlannedStep, incident: Incident, paging: Paging, uow: UnitOfWork) -> Incident:
    it = await call(step, incident, uow)
    if it is None:
        await _drop(step, Why.CHANGED, uow)
        return incident
    return await paging.make(it, by=SYSTEM)


async def _ask_owner(step: PlannedStep, incident: Incident, uow: UnitOfWork) -> Incident:
    """Who can't be asked, such as an API key, does not have it any more."""
    owner = mention(incident.owner)
    if owner is None:
        change = lifecycle.lapse(replace(incident, confirm_reason=_FOR_LONG), by=SYSTEM, now=uow.now)
    else:
        within = _answers_within(step)
        change = lifecycle.ask_owner(incident, within=within, by=SYSTEM, now=uow.now)
    await uow.escalation.settle(done(step, event_id=None, uow=uow))
    await write_down([change], change.after, by=SYSTEM, uow=uow)
    await uow.outbox.touch_cards([incident.id], priority=Priority.CLICK)
    return change.after


def _answers_within(step: PlannedStep) -> timedelta:
    """Nobody is given longer than they were left alone."""
    return min(CONFIRM_WITHIN, step.due_at - step.began_at)


async def _remind_owner(step: PlannedStep, incident: Incident, uow: UnitOfWork) -> Incident:
    """Who is being asked whether they still have it need not hear besides that it is open."""
    after = incident
    if incident.confirm_by is not None:
        await _drop(step, Why.ASKED, uow)
    else:
        told = {"mention": mention(incident.owner), "owner": incident.owner}
        change = lifecycle.series_event(incident, EventKind.STILL_OPEN, by=SYSTEM, now=uow.now, data=told)
        await write_down([replace(change, remind=True)], change.after, by=SYSTEM, uow=uow)
        after = change.after
        await uow.escalation.settle(done(step, event_id=None, uow=uow))
    await uow.outbox.touch_cards([incident.id], priority=Priority.CLICK)
    policy = known(uow.policy, step.policy) or await policy_of(Move(None, incident), uow)
    if policy is not None and policy.unresolved_reminder is not None:
        last = await uow.escalation.last_step(incident)
        due = uow.now + policy.unresolved_reminder
        await uow.escalation.plan(
            [timed(incident, policy, Timer.STILL_OPEN, began_at=uow.now, due_at=due, step=last + 1)]
        )
    return after
