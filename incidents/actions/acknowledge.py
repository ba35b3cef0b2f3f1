"""Somebody takes an incident, or gives it back."""

from incidents import lifecycle
from incidents.actions.looking import refuse_outdated
from incidents.model import Actor, Incident
from incidents.ports import UnitOfWork
from incidents.record import record
from incidents.rules.stale_click import Seen


async def acknowledge(incident_id: int, *, by: Actor, uow: UnitOfWork, seen: Seen | None = None) -> Incident:
    """Raises AlreadyAcknowledged (with who and when), AlreadyResolved, StaleView, IncidentNotFound."""
    incident = await uow.incidents.lock(incident_id)
    change = lifecycle.acknowledge(incident, by=by, now=uow.now)
    refuse_outdated(seen, incident)
    return await record(change, by=by, uow=uow)


async def unacknowledge(incident_id: int, *, by: Actor, uow: UnitOfWork, seen: Seen | None = None) -> Incident:
    """Raises NotAcknowledged, AlreadyResolved, StaleView, IncidentNotFound."""
    incident = await uow.incidents.lock(incident_id)
    change = lifecycle.unacknowledge(incident, by=by, now=uow.now)
    refuse_outdated(seen, incident)
    return await record(change, by=by, uow=uow)
