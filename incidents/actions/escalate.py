"""Somebody wants the next ones called now, whatever the plan says."""

from incidents.actions.together import refuse_merged
from incidents.errors import NobodyToCall
from incidents.escalation.calls import call, from_last
from incidents.escalation.model import PlannedStep, StepState, Timer
from incidents.escalation.paging import Paging
from incidents.escalation.planning import Move, first, policy_of
from incidents.lifecycle import already_resolved
from incidents.model import Actor, Incident
from incidents.ports import UnitOfWork


async def escalate(incident_id: int, *, by: Actor, uow: UnitOfWork) -> Incident:
    """The next step of its policy is done now, also of one that somebody has or that is snoozed: they ask for help.

    Raises NobodyToCall where no policy has a next step, AlreadyResolved, MergedAway, IncidentNotFound.
    """
    incident = await uow.incidents.lock(incident_id)
    await refuse_merged(incident, uow)
    if not incident.is_open:
        raise already_resolved(incident)
    step = await _next(incident, uow)
    made = None if step is None else await call(step, incident, uow)
    if made is None:
        raise NobodyToCall(incident.name)
    paging = Paging(uow)
    after = await paging.make(made, by=by)
    await paging.send()
    return after


async def _next(incident: Incident, uow: UnitOfWork) -> PlannedStep | None:
    """What is planned, else what would follow the last one that was done, else the first."""
    steps = await uow.escalation.of(incident)
    planned = [one for one in steps if one.timer is Timer.PAGE and one.state is StepState.PLANNED]
    if planned:
        return planned[0]
    policy, number = await policy_of(Move(None, incident), uow), len(steps) + 1
    if policy is None:
        return None
    made = [one for one in steps if one.timer is Timer.PAGE and one.state is StepState.DONE]
    wanted = from_last(made[-1], incident, policy, number, uow) if made else first(incident, policy, number, uow)
    if wanted is None:
        return None
    await uow.escalation.plan([wanted])
    return (await uow.escalation.of(incident))[-1]
