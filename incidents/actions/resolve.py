"""Somebody closes an incident, or opens it again."""

from incidents import lifecycle
from incidents.actions.looking import refuse_outdated
from incidents.actions.together import refuse_merged
from incidents.approvals.asking import ask, second_needed
from incidents.approvals.model import Wanted
from incidents.errors import AnotherIsOpen
from incidents.model import Actor, Incident, Resolution
from incidents.ports import UnitOfWork
from incidents.record import record
from incidents.rules.stale_click import Seen


async def resolve(
    incident_id: int, *, by: Actor, uow: UnitOfWork, seen: Seen | None = None, note: str = ""
) -> Incident:
    """Close by hand, whether or not series still fire.

    Where a second person must confirm it nothing closes: the answer's ``approval_until`` says until when they may.
    Raises AlreadyResolved, AlreadyAsked, MergedAway, StaleView, IncidentNotFound.
    """
    incident = await uow.incidents.lock(incident_id)
    await refuse_merged(incident, uow)
    change = lifecycle.resolve(
        incident, by=by, now=uow.now, resolution=Resolution.MANUAL, still_firing=incident.firing, note=note.strip()
    )
    refuse_outdated(seen, incident, firing=incident.firing)
    rule = await second_needed(incident, Wanted.RESOLVE, uow)
    if rule is not None:
        return await ask(incident, Wanted.RESOLVE, rule, words=note.strip(), by=by, uow=uow)
    return await record(change, by=by, uow=uow)


async def reopen(incident_id: int, *, by: Actor, uow: UnitOfWork, seen: Seen | None = None) -> Incident:
    """Open again, in the state it had. Raises NotResolved, MergedAway, AnotherIsOpen, StaleView, IncidentNotFound."""
    incident = await uow.incidents.lock(incident_id)
    await refuse_merged(incident, uow)
    change = lifecycle.reopen(incident, by=by, now=uow.now, reason="by_hand", start_time=uow.now)
    refuse_outdated(seen, incident)
    await refuse_second(incident, uow)
    return await record(change, by=by, uow=uow)


async def refuse_second(incident: Incident, uow: UnitOfWork) -> None:
    """Raises AnotherIsOpen where a newer incident of the same key is open."""
    other = await uow.incidents.open_for_key(incident.incident_key)
    if other is not None and other.id != incident.id:
        raise AnotherIsOpen(incident.name, other.name)
