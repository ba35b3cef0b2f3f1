"""Noticing that a turn has passed from one person to the next, and asking for the word about it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from incidents.ports import UnitOfWork
from incidents.schedules.handover import Handover
from incidents.schedules.model import Override, Schedule
from incidents.schedules.now import calendars, with_shifts
from incidents.schedules.roster import next_handover, on_call, shifts

_LOOKED_BACK = timedelta(days=7)
_INSTANT = timedelta(microseconds=1)


async def pass_on(schedules: Mapping[str, Schedule], uow: UnitOfWork) -> list[Handover]:
    """Those that are news, of schedules that have a ``handover_channel``. Where nobody has it nothing is handed over.

    Whoever calls it is the only one. The first look at a schedule tells nobody anything.
    """
    those = {name: one for name, one in schedules.items() if one.handover_channel is not None}
    overrides = await uow.overrides.standing(list(those)) if those else []
    known = await calendars(those, uow)
    found = []
    for name, one in those.items():
        theirs = [override for override in overrides if override.schedule == name]
        handover = _passed(with_shifts(one, known.get(name)), theirs, await uow.handovers.last(name), at=uow.now)
        number = None if handover is None else await uow.handovers.add(handover)
        if handover is not None and number is not None and handover.before is not None:
            told = replace(handover, id=number)
            await uow.outbox.add_report(told.subject, channel=one.handover_channel or "")
            found.append(told)
    return found


def _passed(
    schedule: Schedule, overrides: Sequence[Override], last: Handover | None, *, at: datetime
) -> Handover | None:
    """None: it has not."""
    person = on_call(schedule, at, overrides)
    if person is None or (last is not None and last.person == person):
        return None
    since = at - _LOOKED_BACK if last is None else max(at - _LOOKED_BACK, last.at)
    began = shifts(schedule, since, at + _INSTANT, overrides)[-1].start
    before = None if last is None else last.person
    until = next_handover(schedule, at, overrides)
    return Handover(schedule.name, began if began > since else at, person, before, until)
