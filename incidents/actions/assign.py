"""Somebody gives an incident to a person, or to nobody."""

from incidents import lifecycle
from incidents.actions.together import refuse_merged
from incidents.model import Actor, Incident
from incidents.ports import UnitOfWork
from incidents.record import record


async def assign(incident_id: int, *, to: str | None, by: Actor, uow: UnitOfWork) -> Incident:
    """``to`` is a Slack user id, None for nobody. Giving it to who has it changes nothing.

    Raises MergedAway, IncidentNotFound.
    """
    incident = await uow.incidents.lock(incident_id)
    await refuse_merged(incident, uow)
    if incident.assignee == to:
        return incident
    return await record(lifecycle.assign(incident, to=to, by=by, now=uow.now), by=by, uow=uow)
