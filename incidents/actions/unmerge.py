"""Somebody says that they were two troubles after all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from incidents import lifecycle_merging
from incidents.actions.looking import refuse_outdated
from incidents.actions.resolve import refuse_second
from incidents.actions.together import close_if_left, holder_of, lock_together
from incidents.errors import Conflict, NotMerged
from incidents.lifecycle_merging import AsItWas
from incidents.model import SYSTEM, Actor, EventKind, Incident, Resolution, Series, Severity
from incidents.ports import UnitOfWork
from incidents.record import record
from incidents.rules.stale_click import Seen
from incidents.rules.worst_end import worst_end

_EVENTS_SEARCHED = 200


async def unmerge(incident_id: int, *, by: Actor, uow: UnitOfWork, seen: Seen | None = None) -> Incident:
    """The series of a merged one go back to it, and so do those that came by its key meanwhile. Answers it.

    If one of them fires, or none did when it was merged, it is open again, in the state it had; else it is resolved as
    its series ended. Raises NotMerged, AnotherIsOpen, StaleView, IncidentNotFound, and Conflict where others have
    merged or unmerged one of them at this moment: it is to be run again.
    """
    family = await _locked_family(incident_id, uow)
    refuse_outdated(seen, family.child)
    came = await uow.merges.series_merged_from(family.ids, within=family.holder.id)
    series = [_in_child(one, family.child) for one in came]
    told = await _told_at_merging(family.child, uow)
    opens = _fires(series) or _was_held_open(told)
    if opens:
        await refuse_second(family.child, uow)
    await uow.merges.move(series)
    await uow.merges.take_back_alias(family.child, family=family.ids - {family.child.id}, within=family.holder.id)
    was = await _as_it_was(family.child, series, told, opens, by, uow)
    back = lifecycle_merging.unmerge(family.child, was, out_of=family.holder, by=by, now=uow.now)
    done = await record(back, by=by, uow=uow)
    await _give_back(family, told, by, uow)
    return done


@dataclass(frozen=True, slots=True)
class _Family:
    """``ids`` are the child's and those of all that were merged into it; ``holder`` holds the series of them all."""

    child: Incident
    holder: Incident
    ids: frozenset[int]


async def _locked_family(child_id: int, uow: UnitOfWork) -> _Family:
    looked_at = await uow.incidents.get(child_id)
    if looked_at.merged_into_id is None:
        raise NotMerged(looked_at.name)
    holder_id = (await holder_of(looked_at, uow)).id
    locked = await lock_together({child_id, holder_id}, uow)
    child = locked[child_id]
    if child.merged_into_id is None:
        raise NotMerged(child.name)
    if (await holder_of(child, uow)).id != holder_id:
        raise Conflict(f"{child.name} is in another incident meanwhile")
    return _Family(child, locked[holder_id], await _with_descendants(child_id, uow))


async def _with_descendants(incident_id: int, uow: UnitOfWork) -> frozenset[int]:
    known: set[int] = set()
    found = {incident_id}
    while found:
        known |= found
        found = {one.id for one in await uow.merges.merged_into(found)} - known
    return frozenset(known)


def _in_child(series: Series, child: Incident) -> Series:
    """Whatever has ended since it was merged, or in the episode in which it was, has ended in that episode."""
    ended = child.episode if series.ended_episode else series.ended_episode
    of = None if series.merged_from_id == child.id else series.merged_from_id
    return replace(series, incident_id=child.id, merged_from_id=of, ended_episode=ended)


async def _told_at_merging(child: Incident, uow: UnitOfWork) -> Mapping[str, Any]:
    events = await uow.timeline.of(child.id, limit=_EVENTS_SEARCHED)
    return next((event.data for event in reversed(events) if event.kind is EventKind.MERGED), {})


def _fires(series: Collection[Series]) -> bool:
    return any(one.is_firing and not one.is_blind for one in series)


def _was_held_open(told: Mapping[str, Any]) -> bool:
    """Nothing fired when it was merged: people, or flapping, or blindness held it open."""
    return told.get("firing") == 0


async def _as_it_was(
    child: Incident, series: Sequence[Series], told: Mapping[str, Any], opens: bool, by: Actor, uow: UnitOfWork
) -> AsItWas:
    back = AsItWas(await uow.merges.count(child), max([child.last_alert_time, *(one.last_alert_at for one in series)]))
    if opens:
        is_blind = any(one.is_firing and one.doubt is not None for one in series)
        return replace(back, flapping=bool(told.get("flapping")), blind_since=_blind_since(told) if is_blind else None)
    if not series:
        return replace(back, ended=Resolution.MANUAL, ended_at=child.resolved_time, ended_by=str(by))
    ended = worst_end(back.counts.doubts)
    ends = await uow.series.latest_ends([child.id]) if ended is Resolution.RECOVERED else {}
    recovered_at = ends.get((child.id, child.episode))
    return replace(
        back, ended=ended, ended_at=_ended_at(child, series, uow), ended_by=str(SYSTEM), recovered_at=recovered_at
    )


def _blind_since(told: Mapping[str, Any]) -> datetime | None:
    since = told.get("blind_since")
    return datetime.fromisoformat(since) if since else None


def _ended_at(child: Incident, series: Sequence[Series], uow: UnitOfWork) -> datetime:
    """When the last of them ended; after it was merged, for one fired then, and not in the future of our clock."""
    latest = max((one.ends_at for one in series if one.ends_at is not None), default=uow.now)
    merged_at = child.resolved_time or uow.now
    return max(merged_at, min(uow.now, latest))


async def _give_back(family: _Family, told: Mapping[str, Any], by: Actor, uow: UnitOfWork) -> None:
    holder, child = family.holder, family.child
    others = [one for one in await uow.merges.merged_into([holder.id]) if one.id != child.id]
    is_its_own = told.get("into_id") == holder.id
    severity = _severity(holder, told, others) if is_its_own else holder.severity
    start_time = _start_time(holder, told, others) if is_its_own else holder.start_time
    change = lifecycle_merging.give_back(
        holder,
        to=child,
        counts=await uow.merges.count(holder),
        severity=severity,
        told_severity=_told_severity(holder, told) if is_its_own else holder.told_severity,
        start_time=start_time,
        by=by,
        now=uow.now,
    )
    ends = await uow.series.latest_ends([holder.id]) if holder.resolution is Resolution.RECOVERED else {}
    change = replace(change, recovered_at=ends.get((holder.id, holder.episode)))
    await close_if_left(holder, await record(change, by=by, uow=uow), uow)


def _severity(holder: Incident, told: Mapping[str, Any], others: Sequence[Incident]) -> Severity:
    """As grave as without the child, where nothing but the merge has made it graver. A person's word stands."""
    before, after = told.get("parent", {}).get("severity", (None, None))
    if before is None or holder.severity.value != after or holder.told_severity is not None:
        return holder.severity
    return max([Severity(before), *(one.severity for one in others)], key=lambda one: one.rank)


def _told_severity(holder: Incident, told: Mapping[str, Any]) -> Severity | None:
    """What alerts told of it before, where a person had set another."""
    before, after = told.get("parent", {}).get("told_severity", (None, None))
    return Severity(before) if before is not None and holder.told_severity == after else holder.told_severity


def _start_time(holder: Incident, told: Mapping[str, Any], others: Sequence[Incident]) -> datetime:
    """The same for when it began. A later episode began by itself."""
    before, after = told.get("parent", {}).get("start_time", (None, None))
    if before is None or holder.start_time.isoformat() != after:
        return holder.start_time
    return min([datetime.fromisoformat(before), *(one.start_time for one in others)])
