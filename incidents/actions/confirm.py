"""Somebody was asked whether they are still on an incident that got worse, and says yes."""

from dataclasses import replace

from incidents.actions.looking import refuse_outdated
from incidents.errors import NothingToConfirm
from incidents.lifecycle import Change
from incidents.model import Actor, Event, EventKind, Incident
from incidents.ports import UnitOfWork
from incidents.record import record
from incidents.rules.stale_click import Seen


async def confirm(incident_id: int, *, by: Actor, uow: UnitOfWork, seen: Seen | None = None) -> Incident:
    """It stays acknowledged. Raises NothingToConfirm, StaleView, IncidentNotFound."""
    incident = await uow.incidents.lock(incident_id)
    refuse_outdated(seen, incident)
    if incident.confirm_by is None:
        raise NothingToConfirm(incident.name)
    after = replace(incident, confirm_by=None, version=incident.version + 1, event_count=incident.event_count + 1)
    event = Event(at=uow.now, actor=str(by), kind=EventKind.CONFIRMED, episode=after.episode)
    return await record(Change(incident, after, event), by=by, uow=uow)
