"""Somebody wants to hear nothing of an incident for a while, or wakes it."""

from datetime import datetime

from incidents import lifecycle
from incidents.actions.looking import refuse_outdated
from incidents.actions.together import refuse_merged
from incidents.errors import AlreadySnoozed, HandledElsewhere, SnoozeOver, SnoozeTooLong
from incidents.model import Actor, Incident, Severity
from incidents.ports import UnitOfWork
from incidents.record import record
from incidents.rules.snooze import longest
from incidents.rules.stale_click import Seen


async def snooze(
    incident_id: int,
    *,
    until: datetime,
    by: Actor,
    uow: UnitOfWork,
    seen: Seen | None = None,
    extends: bool = False,
) -> Incident:
    """Its key is quiet until then (aware), whatever becomes of it meanwhile. Where it is snoozed, the new end counts.

    ``extends``: they know that it is snoozed. Raises SnoozeOver, SnoozeTooLong, AlreadySnoozed (by whom, until when),
    HandledElsewhere, MergedAway, StaleView, IncidentNotFound.
    """
    incident = await uow.incidents.lock(incident_id)
    await refuse_merged(incident, uow)
    refuse_outdated(seen, incident)
    if seen is not None and not extends:
        _refuse_surprise(incident, by)
    if not incident.is_open:
        await _refuse_second(incident, uow)
    _refuse_bad_end(incident, until, uow.now)
    return await record(lifecycle.snooze(incident, until=until, by=by, now=uow.now), by=by, uow=uow)


async def wake(incident_id: int, *, by: Actor, uow: UnitOfWork, seen: Seen | None = None) -> Incident:
    """Raises NotSnoozed, StaleView, IncidentNotFound."""
    incident = await uow.incidents.lock(incident_id)
    change = lifecycle.wake(incident, by=by, now=uow.now)
    refuse_outdated(seen, incident)
    return await record(change, by=by, uow=uow)


def _refuse_surprise(incident: Incident, by: Actor) -> None:
    """Two at once: the second did not see what the first asked for."""
    if incident.is_snoozed and incident.snoozed_by != str(by):
        raise AlreadySnoozed(incident.name, incident.snoozed_by, incident.snoozed_until)


async def _refuse_second(incident: Incident, uow: UnitOfWork) -> None:
    """A snooze of what is over waits for the next incident of its key. That one is there already."""
    other = await uow.incidents.open_for_key(incident.incident_key)
    if other is not None:
        raise HandledElsewhere(incident.name, other.name)


def _refuse_bad_end(incident: Incident, until: datetime, now: datetime) -> None:
    if until <= now:
        raise SnoozeOver(incident.name, until)
    most = longest(incident.severity)
    if until - now > most:
        raise SnoozeTooLong(incident.name, most, is_critical=incident.severity is Severity.CRITICAL)
