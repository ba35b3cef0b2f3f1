"""Somebody takes an incident, says that they still have it, or gives it back."""

from datetime import datetime

from incidents import lifecycle
from incidents.actions.looking import refuse_outdated
from incidents.actions.together import refuse_merged
from incidents.change import Change
from incidents.model import Actor, Incident
from incidents.ports import UnitOfWork
from incidents.record import record
from incidents.rules.stale_click import Seen


async def acknowledge(incident_id: int, *, by: Actor, uow: UnitOfWork, seen: Seen | None = None) -> Incident:
    """Where it waits for somebody to confirm that they still have it, this confirms it, and its owner keeps it.

    Raises AlreadyAcknowledged (with who and when), AlreadyResolved, MergedAway, StaleView, IncidentNotFound.
    """
    incident = await uow.incidents.lock(incident_id)
    await refuse_merged(incident, uow)
    change = taking(incident, by=by, now=uow.now)
    refuse_outdated(seen, incident)
    return await record(change, by=by, uow=uow)


def taking(incident: Incident, *, by: Actor, now: datetime) -> Change:
    """What acknowledging means for an incident as it is. Raises AlreadyAcknowledged, AlreadyResolved."""
    step = lifecycle.acknowledge if incident.confirm_by is None else lifecycle.confirm
    return step(incident, by=by, now=now)


async def confirm(incident_id: int, *, by: Actor, uow: UnitOfWork, seen: Seen | None = None) -> Incident:
    """It has worsened, and its owner still has it. Whoever says so may be another: the owner stays.

    Raises NothingToConfirm, NotAcknowledged, AlreadyResolved, MergedAway, StaleView, IncidentNotFound.
    """
    incident = await uow.incidents.lock(incident_id)
    await refuse_merged(incident, uow)
    change = lifecycle.confirm(incident, by=by, now=uow.now)
    refuse_outdated(seen, incident)
    return await record(change, by=by, uow=uow)


async def unacknowledge(incident_id: int, *, by: Actor, uow: UnitOfWork, seen: Seen | None = None) -> Incident:
    """Raises NotAcknowledged, AlreadyResolved, MergedAway, StaleView, IncidentNotFound."""
    incident = await uow.incidents.lock(incident_id)
    await refuse_merged(incident, uow)
    change = lifecycle.unacknowledge(incident, by=by, now=uow.now)
    refuse_outdated(seen, incident)
    return await record(change, by=by, uow=uow)
