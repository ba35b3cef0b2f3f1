"""Locking several incidents, and closing one of which the last firing series has left."""

from collections.abc import Collection

from incidents import lifecycle
from incidents.errors import IncidentGone, MergedAway
from incidents.model import SYSTEM, Incident, Resolution
from incidents.ports import UnitOfWork
from incidents.record import record
from incidents.rules.closing import closing


async def lock_together(ids: Collection[int], uow: UnitOfWork) -> dict[int, Incident]:
    """By id. In the order of incident keys, as alerts lock them. Raises IncidentNotFound."""
    looked_at = [await uow.incidents.get(one) for one in sorted(set(ids))]
    since = min(incident.resolved_time or uow.now for incident in looked_at)
    keys = {incident.incident_key for incident in looked_at}
    locked = {one.id: one for one in await uow.incidents.lock_for(keys=keys, ids=ids, resolved_since=since)}
    for one in ids:
        if one not in locked:
            raise IncidentGone(one)
    return locked


async def holder_of(incident: Incident, uow: UnitOfWork) -> Incident:
    """The one that holds its series: itself, or the last of those into which it was merged one after the other."""
    while incident.merged_into_id is not None:
        incident = await uow.incidents.get(incident.merged_into_id)
    return incident


async def refuse_merged(incident: Incident, uow: UnitOfWork) -> None:
    """Raises MergedAway, which names the incident in which people work on it now."""
    if incident.merged_into_id is not None:
        raise MergedAway(incident.name, (await holder_of(incident, uow)).name)


async def close_if_left(before: Incident, after: Incident, uow: UnitOfWork) -> Incident:
    """What fired in it is in another incident now: it is over, unless something holds it open."""
    if not after.is_open or before.firing <= 0 or after.firing > 0:
        return after
    resolution = closing(after, firing=0, doubts=after.doubts).resolution
    if resolution is None:
        return after
    ends = await uow.series.latest_ends([after.id]) if resolution is Resolution.RECOVERED else {}
    told = lifecycle.resolve(
        after,
        by=SYSTEM,
        now=uow.now,
        resolution=resolution,
        recovered_at=ends.get((after.id, after.episode)),
    )
    return await record(told, by=SYSTEM, uow=uow)
