"""Somebody has a schedule for a while instead of whoever would, and gives it back."""

import difflib
from collections.abc import Mapping
from datetime import datetime, timedelta

from incidents.audit.recording import note
from incidents.errors import NotTaken, NotTakenBecause, OverrideOver, UnknownSchedule
from incidents.model import Actor
from incidents.ports import UnitOfWork
from incidents.schedules.model import Override, Schedule

LONGEST = timedelta(days=31)
FURTHEST = timedelta(days=366)
"""Ahead: who plans a later time has mistyped the year."""
_JUST_NOW = timedelta(minutes=5)
"""Somebody chose the present minute, and filled in the rest of the form."""


async def take_over(
    schedule: Schedule, *, person: str, start: datetime | None, end: datetime, by: Actor, uow: UnitOfWork
) -> Override:
    """``person`` is a Slack user id, ``start`` None: from now on. Raises NotTaken."""
    begins = uow.now if start is None or uow.now - _JUST_NOW <= start < uow.now else start
    if (why := _why_not(begins, end, uow.now)) is not None:
        raise NotTaken(why)
    taken = await uow.overrides.add(schedule=schedule.name, person=person, start=begins, end=end, by=str(by))
    after = {"schedule": taken.schedule, "person": taken.person, "start": taken.start, "end": taken.end}
    await note("override.taken", f"override {taken.id}", by=by, uow=uow, after=after)
    return taken


async def give_back(override_id: int, *, by: Actor, uow: UnitOfWork) -> Override:
    """It ends now; one that has not begun never does. As it was. Raises OverrideOver."""
    ended = await uow.overrides.end(override_id, by=str(by))
    if ended is None:
        raise OverrideOver
    before, after = {"end": ended.end}, {"end": max(ended.start, uow.now)}
    told = {"schedule": ended.schedule, "person": ended.person}
    await note("override.given_back", f"override {ended.id}", by=by, uow=uow, before=before, after=after, data=told)
    return ended


def find_schedule(name: str, schedules: Mapping[str, Schedule]) -> Schedule:
    """``name`` in any case; "" where there is only one. Raises UnknownSchedule, which names the nearest."""
    wanted = name.casefold()
    if not wanted and len(schedules) == 1:
        return next(iter(schedules.values()))
    if wanted in schedules:
        return schedules[wanted]
    near = difflib.get_close_matches(wanted, schedules, n=1, cutoff=0.5)
    raise UnknownSchedule(name, near[0] if near else None, list(schedules))


def _why_not(start: datetime, end: datetime, now: datetime) -> NotTakenBecause | None:
    if start < now:
        return NotTakenBecause.BEGAN
    if end <= now:
        return NotTakenBecause.PAST
    if end <= start:
        return NotTakenBecause.BACKWARDS
    if start > now + FURTHEST:
        return NotTakenBecause.TOO_FAR
    return NotTakenBecause.TOO_LONG if end - start > LONGEST else None
