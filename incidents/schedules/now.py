"""Who is on call by the team's schedules and by what people have taken over."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from incidents.policy import SCHEDULE, Policy
from incidents.ports import UnitOfWork
from incidents.schedules.model import Override, Schedule, Standing, StoredCalendar
from incidents.schedules.roster import next_handover, on_call


async def standings(schedules: Mapping[str, Schedule], uow: UnitOfWork) -> list[Standing]:
    """Of each, in the order of the file. No schedules: nothing is asked."""
    if not schedules:
        return []
    overrides = await uow.overrides.standing(list(schedules))
    known = await calendars(schedules, uow)
    return [standing(one, overrides, at=uow.now, calendar=known.get(one.name)) for one in schedules.values()]


def standing(
    schedule: Schedule, overrides: Iterable[Override], *, at: datetime, calendar: StoredCalendar | None = None
) -> Standing:
    """``calendar``: what is known of the schedule's, where it has one."""
    schedule = with_shifts(schedule, calendar)
    theirs = tuple(one for one in overrides if one.schedule == schedule.name)
    until = next_handover(schedule, at, theirs)
    then = None if until is None else on_call(schedule, until, theirs)
    source = "" if schedule.calendar is None else schedule.calendar.shown
    return Standing(schedule.name, on_call(schedule, at, theirs), until, then, theirs, source, calendar)


async def calendars(schedules: Mapping[str, Schedule], uow: UnitOfWork) -> Mapping[str, StoredCalendar]:
    """What is known of the calendars of those that have one. None has: nothing is asked."""
    names = [name for name, one in schedules.items() if one.calendar is not None]
    return await uow.calendars.standing(names) if names else {}


def with_shifts(schedule: Schedule, calendar: StoredCalendar | None) -> Schedule:
    """With what was read of its calendar; the same where it has none, or nothing was read."""
    if schedule.calendar is None or calendar is None:
        return schedule
    return replace(schedule, shifts=calendar.shifts)


async def with_people(
    mentions: Iterable[str], policy: Policy, uow: UnitOfWork, *, at: datetime | None = None
) -> list[str]:
    """The same with whoever is on call in the place of ``schedule:name``, each once.

    It stays as it is where nobody has it, or where there is no such schedule any more. ``at`` None: now. What was over
    before now is not known of any earlier moment.
    """
    named = list(mentions)
    wanted = {one.removeprefix(SCHEDULE) for one in named if one.startswith(SCHEDULE)}
    schedules = {name: policy.schedules[name] for name in sorted(wanted) if name in policy.schedules}
    if not schedules:
        return named
    overrides = await uow.overrides.standing(list(schedules))
    known = await calendars(schedules, uow)
    complete = [with_shifts(one, known.get(one.name)) for one in schedules.values()]
    people = {f"{SCHEDULE}{one.name}": on_call(one, at or uow.now, overrides) for one in complete}
    told = [f"<@{person}>" if (person := people.get(one)) else one for one in named]
    return list(dict.fromkeys(told))
