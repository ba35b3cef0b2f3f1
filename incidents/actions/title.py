"""Somebody says what an incident is called, whatever its alerts say."""

from dataclasses import replace

from incidents.actions.declare import checked_title
from incidents.actions.together import refuse_merged
from incidents.change import Change, changed
from incidents.model import Actor, EventKind, Incident
from incidents.ports import UnitOfWork
from incidents.record import record


async def set_title(incident_id: int, *, to: str, by: Actor, uow: UnitOfWork) -> Incident:
    """It stays so, whatever alerts tell later. What it is called already changes nothing.

    Raises InvalidInput for an empty or overlong title, MergedAway, IncidentNotFound.
    """
    to = checked_title(to)
    incident = await uow.incidents.lock(incident_id)
    await refuse_merged(incident, uow)
    if incident.title == to:
        return incident
    after = await record(_renamed(incident, to, by=by, uow=uow), by=by, uow=uow)
    await uow.search_words.rewrite([after])
    return after


def _renamed(incident: Incident, to: str, *, by: Actor, uow: UnitOfWork) -> Change:
    told = {"from": incident.title, "to": to}
    return changed(incident, replace(incident, title=to), EventKind.TITLE_SET, by, uow.now, told)
