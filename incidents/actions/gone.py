"""Somebody has left, and what they had is taken from them."""

from incidents import lifecycle
from incidents.model import SYSTEM, Incident
from incidents.ports import UnitOfWork
from incidents.record import record


async def take_from_gone(incident_id: int, *, gone: str, uow: UnitOfWork) -> Incident:
    """The channel is told. Where ``gone``, a Slack user id, has it no more, it stays as it is.

    Raises IncidentNotFound.
    """
    incident = await uow.incidents.lock(incident_id)
    if not incident.is_open or incident.owner != gone:
        return incident
    return await record(lifecycle.leave(incident, by=SYSTEM, now=uow.now), by=SYSTEM, uow=uow)
