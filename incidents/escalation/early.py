"""Slack must not be the only pager: what it has not taken for a minute goes out by the next step's webhook."""

from dataclasses import replace
from datetime import timedelta

from incidents.change import changed
from incidents.escalation.model import PlannedStep
from incidents.escalation.webhooks import Action
from incidents.model import SYSTEM, EventKind, Incident
from incidents.ports import UnitOfWork
from incidents.record import write_down
from incidents.rules.escalates import Wanted, Why, escalates
from incidents.rules.escalation_policy import known

UNTAKEN = timedelta(seconds=60)
_FORGOTTEN = timedelta(hours=1)
"""What was called so long ago has been called again by a later step."""


async def any_untaken(uow: UnitOfWork) -> bool:
    """Whether there is anything to do; where no webhook is configured there never is. Takes no lock."""
    if not uow.policy.webhooks:
        return False
    return bool(await _untaken(uow, limit=1))


async def page_outside(uow: UnitOfWork, limit: int) -> int:
    """Call the next webhook for the first ``limit`` pages that Slack has not taken; of how many incidents."""
    steps = await _untaken(uow, limit=limit)
    locked = {one.id for one in await uow.incidents.lock_free([step.incident_id for step in steps])}
    mine = [step for step in steps if step.incident_id in locked]
    for step in mine:
        reason = await _page_outside(step, await uow.incidents.get(step.incident_id), uow)
        await uow.escalation.settle(replace(step, reason=reason.value))
    return len({step.incident_id for step in mine})


async def _untaken(uow: UnitOfWork, *, limit: int) -> list[PlannedStep]:
    return await uow.escalation.untaken(since=uow.now - _FORGOTTEN, until=uow.now - UNTAKEN, limit=limit)


async def _page_outside(step: PlannedStep, incident: Incident, uow: UnitOfWork) -> Why:
    name = _next_webhook(step, uow)
    if name is None or step.event_id is None or escalates(incident)[0] is not Wanted.PAGES:
        return Why.NOT_OUTSIDE
    told = {"step": step.position, "webhooks": [name], "reason": Why.OUTSIDE.value}
    change = changed(incident, incident, EventKind.ESCALATED, SYSTEM, uow.now, told)
    await write_down([change], change.after, by=SYSTEM, uow=uow)
    await uow.webhooks.add(incident.id, step.event_id, [name], Action.TRIGGER)
    return Why.OUTSIDE


def _next_webhook(step: PlannedStep, uow: UnitOfWork) -> str | None:
    """None: no later step has one, or this one has called its own."""
    policy = known(uow.policy, step.policy)
    steps = policy.steps[step.position - 1 :] if policy is not None else ()
    if not steps or steps[0].webhook is not None:
        return None
    return next((one.webhook for one in steps if one.webhook is not None), None)
