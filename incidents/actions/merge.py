"""Somebody says that two incidents are one trouble."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import NoReturn

from incidents import lifecycle, lifecycle_merging
from incidents.actions.looking import refuse_outdated
from incidents.actions.together import holder_of, lock_together
from incidents.errors import AlreadyResolved, MergedAway, MergeIntoItself, MergeIntoResolved, MergeOfTest
from incidents.model import SYSTEM, Actor, AlertKind, Incident, Series, Severity
from incidents.ports import UnitOfWork
from incidents.record import record
from incidents.rules.merge_suggestion import Suggestion, suggestions
from incidents.rules.mergeable import Obstacle, obstacle
from incidents.rules.merged_severity import merged_severity
from incidents.rules.stale_click import Seen
from incidents.rules.worsening import worsening

_MOST_CANDIDATES = 300
"""Open incidents that are looked at, the newest ones: more are found by typing more."""


async def merge(child_id: int, *, into: int, by: Actor, uow: UnitOfWork, seen: Seen | None = None) -> Incident:
    """The child resolves as merged; its series move, and later alerts of its key go to the other while that is open.

    ``into`` is the other's id. Answers the child. Raises MergeIntoItself, MergedAway (with the one to take instead),
    MergeIntoResolved, MergeOfTest, AlreadyResolved, StaleView, IncidentNotFound.
    """
    locked = await lock_together({child_id, into}, uow)
    child, parent = locked[child_id], locked[into]
    if (why := obstacle(child, into=parent)) is not None:
        await _refuse(why, child, parent, uow)
    refuse_outdated(seen, child)
    moved = [_in_parent(one, child, parent) for one in await uow.merges.series_of(child.id)]
    await uow.merges.move(moved)
    await uow.merges.add_alias(child, into=parent)
    return await _tell_both(child, parent, len(moved), by, uow)


@dataclass(frozen=True, slots=True)
class Foresight:
    """What a merge would do: so many series move, and the other becomes as grave as ``severity``."""

    merged: Incident
    into: Incident
    series: int
    severity: Severity


async def foresee_merge(child_id: int, *, into: int, uow: UnitOfWork) -> Foresight:
    """Nothing is changed or locked. Raises what ``merge`` would."""
    child, parent = await uow.incidents.get(child_id), await uow.incidents.get(into)
    if (why := obstacle(child, into=parent)) is not None:
        await _refuse(why, child, parent, uow)
    return Foresight(child, parent, len(await uow.merges.series_of(child.id)), merged_severity(parent, child))


async def suggest_merges(
    child_id: int, *, words: Collection[str], uow: UnitOfWork
) -> tuple[list[Suggestion], list[Incident]]:
    """Of the open incidents that have these words: those that are likely the same trouble, and all it may go into."""
    child = await uow.incidents.get(child_id)
    found = await uow.merges.candidates(words, limit=_MOST_CANDIDATES)
    return suggestions(child, found), [one for one in found if obstacle(child, into=one) is None]


async def _refuse(why: Obstacle, child: Incident, parent: Incident, uow: UnitOfWork) -> NoReturn:
    match why:
        case Obstacle.ITSELF:
            raise MergeIntoItself(child.name)
        case Obstacle.MERGED_ALREADY:
            raise MergedAway(child.name, (await holder_of(child, uow)).name)
        case Obstacle.INTO_MERGED:
            raise MergedAway(parent.name, (await holder_of(parent, uow)).name)
        case Obstacle.TEST:
            raise MergeOfTest((child if child.kind is AlertKind.TEST else parent).name)
        case Obstacle.RESOLVED:
            raise AlreadyResolved(child.name, child.resolved_by, child.resolved_time)
        case Obstacle.INTO_RESOLVED:
            raise MergeIntoResolved(child.name, parent.name)


def _in_parent(series: Series, child: Incident, parent: Incident) -> Series:
    """What was merged into the child before goes back to where it is of. What ended before this episode stays so."""
    ended = series.ended_episode
    if ended is not None:
        ended = parent.episode if ended == child.episode else 0
    of = series.merged_from_id or child.id
    return replace(series, incident_id=parent.id, merged_from_id=of, ended_episode=ended)


async def _tell_both(child: Incident, parent: Incident, moved: int, by: Actor, uow: UnitOfWork) -> Incident:
    absorbed = lifecycle_merging.absorb(
        parent,
        merged=child,
        counts=await uow.merges.count(parent),
        told={"series": moved, "firing": child.firing},
        by=by,
        now=uow.now,
    )
    merged = lifecycle_merging.merge(
        child,
        into=parent,
        left=await uow.merges.count(child),
        told={"series": moved, "parent": _before_and_after(parent, absorbed.after)},
        by=by,
        now=uow.now,
    )
    done = await record(merged, by=by, uow=uow)
    await _tell_worsening(await record(absorbed, by=by, uow=uow), uow)
    return done


def _before_and_after(before: Incident, after: Incident) -> dict[str, list[str | None]]:
    """What an undo takes back, unless it has changed otherwise since."""
    return {
        "severity": [before.severity.value, after.severity.value],
        "told_severity": [before.told_severity, after.told_severity],
        "start_time": [before.start_time.isoformat(), after.start_time.isoformat()],
    }


async def _tell_worsening(parent: Incident, uow: UnitOfWork) -> None:
    worse = worsening(parent, firing=parent.firing)
    if worse is not None:
        told = lifecycle.worsen(parent, worse, firing=parent.firing, by=SYSTEM, now=uow.now)
        await record(told, by=SYSTEM, uow=uow)
