"""Somebody says that an incident is noise, or that it is real after all."""

from incidents import lifecycle
from incidents.actions.looking import refuse_outdated
from incidents.actions.resolve import refuse_second
from incidents.actions.together import refuse_merged
from incidents.approvals.asking import ask, second_needed
from incidents.approvals.model import Wanted
from incidents.model import Actor, Incident, Resolution
from incidents.ports import UnitOfWork
from incidents.record import record
from incidents.rules.stale_click import Seen


async def mark_noise(
    incident_id: int, *, by: Actor, uow: UnitOfWork, reason: str = "", seen: Seen | None = None
) -> Incident:
    """End this episode as noise.

    Where a second person must confirm it nothing is marked: the answer's ``approval_until`` says until when they may.
    Raises AlreadyNoise, AlreadyAsked, MergedAway, StaleView, IncidentNotFound.
    """
    incident = await uow.incidents.lock(incident_id)
    await refuse_merged(incident, uow)
    change = lifecycle.mark_noise(incident, by=by, now=uow.now, reason=reason.strip(), still_firing=incident.firing)
    refuse_outdated(seen, incident)
    rule = await second_needed(incident, Wanted.NOISE, uow)
    if rule is not None:
        return await ask(incident, Wanted.NOISE, rule, words=reason.strip(), by=by, uow=uow)
    return await record(change, by=by, uow=uow)


async def mark_real(incident_id: int, *, by: Actor, uow: UnitOfWork, seen: Seen | None = None) -> Incident:
    """Take the mark back; while a series fires the incident opens again.

    Raises NotNoise, AnotherIsOpen, StaleView, IncidentNotFound.
    """
    incident = await uow.incidents.lock(incident_id)
    ended_as = (await uow.episodes.current(incident)).resolution
    change = lifecycle.mark_real(
        incident,
        by=by,
        now=uow.now,
        firing_since=uow.now if incident.firing else None,
        resolution=ended_as if ended_as and ended_as is not Resolution.NOISE else Resolution.MANUAL,
    )
    refuse_outdated(seen, incident)
    if change.opens_episode:
        await refuse_second(incident, uow)
    return await record(change, by=by, uow=uow)
