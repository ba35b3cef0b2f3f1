"""Somebody says that some series of an incident are another trouble."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from incidents import lifecycle, lifecycle_merging
from incidents.actions.looking import refuse_outdated
from incidents.actions.together import close_if_left, lock_together, refuse_merged
from incidents.errors import AlreadyResolved, InvalidInput, NoSeriesToSplit, NothingToSplit
from incidents.keys import split_key
from incidents.model import Actor, Incident, Series
from incidents.outbox import Priority
from incidents.ports import NewIncident, UnitOfWork
from incidents.record import record
from incidents.rules.stale_click import Seen

_NAMES_TOLD = 3


async def split(
    incident_id: int, *, series_keys: Collection[str], by: Actor, uow: UnitOfWork, seen: Seen | None = None
) -> Incident:
    """Give these series, at least one of which fires, an incident of their own, which is answered.

    It is as grave as the one that they leave, and whoever has that one has it, too. The series stay in it while it is
    open; merging it back undoes it. Raises InvalidInput, NothingToSplit, AlreadyResolved, MergedAway, StaleView,
    IncidentNotFound.
    """
    origin = (await lock_together([incident_id], uow))[incident_id]
    chosen = _chosen(await _parts(origin, uow), series_keys, origin)
    refuse_outdated(seen, origin)
    new = await _open(origin, chosen, uow)
    await uow.merges.move([_moved(one, origin, new) for one in chosen])
    told = {"series": len(chosen), "names": [one.name for one in chosen[:_NAMES_TOLD]]}
    left = lifecycle_merging.split_off(
        origin, to=new, counts=await uow.merges.count(origin), told=told, by=by, now=uow.now
    )
    done = await _begin(new, origin, told, by, uow)
    await close_if_left(origin, await record(left, by=by, uow=uow), uow)
    return done


async def series_to_split(incident_id: int, *, uow: UnitOfWork) -> list[Series]:
    """From which people choose: firing first, then by name. Raises what ``split`` would of the incident itself."""
    return await _parts(await uow.incidents.get(incident_id), uow)


async def _parts(origin: Incident, uow: UnitOfWork) -> list[Series]:
    await refuse_merged(origin, uow)
    if not origin.is_open:
        raise AlreadyResolved(origin.name, origin.resolved_by, origin.resolved_time)
    parts = [one for one in await uow.merges.series_of(origin.id) if not one.is_blind]
    if len(parts) < 2:
        raise NothingToSplit(origin.name) if parts else NoSeriesToSplit(origin.name)
    return parts


def _chosen(of: Sequence[Series], keys: Collection[str], origin: Incident) -> list[Series]:
    chosen = [one for one in of if one.key in set(keys)]
    if not chosen:
        raise InvalidInput("series", "choose at least one")
    if len(chosen) < len(set(keys)):
        raise InvalidInput("series", "some of these are not in {name} any more: choose again", name=origin.name)
    if len(chosen) == len(of):
        raise InvalidInput("series", "at least one must stay in {name}", name=origin.name)
    if not any(one.is_firing for one in chosen):
        raise InvalidInput("series", "none of these fires: what has ended needs no incident of its own")
    return chosen


async def _open(origin: Incident, chosen: Sequence[Series], uow: UnitOfWork) -> Incident:
    """Its number is taken already, so whoever opens others waits until we have committed."""
    first, key = chosen[0], split_key(origin.incident_key, origin.version)
    rules = {one.rule_uid for one in chosen}
    wanted = NewIncident(
        incident_key=key,
        title=first.summary or origin.title,
        severity=origin.severity,
        source=origin.source,
        rule_uid=first.rule_uid if len(rules) == 1 else origin.rule_uid,
        alert_name=origin.alert_name,
        place=origin.place,
        start_time=min(one.starts_at for one in chosen if one.is_firing),
        kind=origin.kind,
        split_from_id=origin.id,
    )
    opened, _ = (await uow.incidents.open([wanted]))[key]
    return replace(opened, number=await uow.incidents.next_numbers(1))


def _moved(series: Series, origin: Incident, new: Incident) -> Series:
    """It is the new one's own: also where it had come from a merged one."""
    ended = series.ended_episode
    if ended is not None:
        ended = new.episode if ended == origin.episode else 0
    return replace(series, incident_id=new.id, merged_from_id=None, ended_episode=ended)


async def _begin(new: Incident, origin: Incident, told: dict[str, object], by: Actor, uow: UnitOfWork) -> Incident:
    counts = await uow.merges.count(new)
    new = replace(
        new,
        status=origin.status,
        acknowledged_by=origin.acknowledged_by,
        acknowledged_time=origin.acknowledged_time,
        assignee=origin.assignee,
        acknowledged_severity=origin.acknowledged_severity and new.severity,
        acknowledged_firing=None if origin.acknowledged_firing is None else counts.firing,
        firing=counts.firing,
        series_count=counts.series,
        doubts=counts.doubts,
    )
    await uow.incidents.save_locked([new])
    await uow.outbox.add_cards_beside(new.id, of=origin.id, priority=Priority.CLICK)
    data = {"title": new.title, "reason": "split", "split_from": origin.name, "split_from_id": origin.id, **told}
    return await record(lifecycle.opened(new, by=by, now=uow.now, data=data), by=by, uow=uow)
