"""The clock of maintenance: windows begin and end, each occurrence once, however many processes look.

A window's row is locked while it is looked at, and says what was done. One that is under way is looked at each minute:
an incident that people reopened, or whose transaction began before the window did, is marked a little later. So is one
that has ended, once more, for the same reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from incidents.change import Change
from incidents.maintenance.covers import covers
from incidents.maintenance.marking import marking
from incidents.maintenance.model import Window
from incidents.maintenance.occurrences import next_occurrence, occurrence_at
from incidents.maintenance.telling import Moment, subject
from incidents.model import SYSTEM, Incident
from incidents.outbox import Priority
from incidents.ports import UnitOfWork
from incidents.record import record_many

LOOK_AGAIN = timedelta(minutes=1)
MOST_LEFT = 100
"""So many of those that still fire are remembered for who is told of the end."""
_AT_ONCE = 100
"""Incidents in one transaction: their locks keep alerts about them waiting."""


async def look_at_due(uow: UnitOfWork) -> bool:
    """Look at the first window that is due and that nobody else holds. False: there is none."""
    window = await uow.maintenance.lock_due()
    if window is None:
        return False
    present = occurrence_at(window, uow.now)
    if present is not None:
        await _go_on(window, uow, start=present.start, end=present.end)
    elif window.under_way is not None:
        await _end(window, window.under_way, uow)
    else:
        await _rest(window, uow)
    return True


async def _go_on(window: Window, uow: UnitOfWork, *, start: datetime, end: datetime) -> None:
    """Where one follows the other without a moment between them, nothing ends and nothing is told."""
    if window.under_way is None and (start > window.starts_at or not window.was_announced):
        await _tell(window, Moment.BEGAN, start, uow)
    is_more = await _mark(window, uow)
    due = uow.now if is_more else min(end, uow.now + LOOK_AGAIN)
    await uow.maintenance.save(replace(window, under_way=start), due_at=due)


async def _end(window: Window, start: datetime, uow: UnitOfWork) -> None:
    """Once all are let go people hear what still fires."""
    before = window.left if window.left_of == start else ()
    firing, is_more = await _unmark(window, uow)
    left = (*before, *firing)[:MOST_LEFT]
    after = replace(window, left=left, left_of=start)
    if is_more:
        await uow.maintenance.save(after, due_at=uow.now)
        return
    await uow.maintenance.let_go(window.id)
    await _tell(window, Moment.ENDED, start, uow)
    after = _over_if_last(replace(after, under_way=None), uow.now)
    coming = next_occurrence(after, uow.now)
    soon = uow.now + LOOK_AGAIN
    await uow.maintenance.save(after, due_at=soon if coming is None else min(coming.start, soon))


async def _rest(window: Window, uow: UnitOfWork) -> None:
    """Between occurrences, or after the last: nothing stands in it. A window that was slept through is just over."""
    _, is_more = await _unmark(window, uow)
    await uow.maintenance.let_go(window.id)
    coming = next_occurrence(window, uow.now)
    due = coming.start if coming is not None else None
    await uow.maintenance.save(_over_if_last(window, uow.now), due_at=uow.now if is_more else due)


def _over_if_last(window: Window, now: datetime) -> Window:
    if window.ended_at is not None or next_occurrence(window, now) is not None:
        return window
    return replace(window, ended_at=window.ends_at)


@dataclass(frozen=True, slots=True)
class _Judged:
    changes: Sequence[Change]
    is_more: bool


async def _mark(window: Window, uow: UnitOfWork) -> bool:
    """What is open and is to stand in it does. Whether there is more."""
    wanted = [one.id for one in await uow.maintenance.unmarked() if covers(window, one, at=uow.now)]
    return (await _judge(window, wanted, uow)).is_more


async def _unmark(window: Window, uow: UnitOfWork) -> tuple[list[int], bool]:
    """What is open and stands in it does so no more, unless another window takes it over; which of them still fire."""
    judged = await _judge(window, await uow.maintenance.marked(window.id, limit=_AT_ONCE + 1), uow)
    free = [change.after for change in judged.changes if change.after.maintenance_id is None]
    return [one.id for one in free if one.firing], judged.is_more


async def _judge(window: Window, incident_ids: Sequence[int], uow: UnitOfWork) -> _Judged:
    """Make the marks of the first of them true, under their locks. ``window`` may stand no more."""
    some = sorted(incident_ids)[:_AT_ONCE]
    if not some:
        return _Judged([], is_more=False)
    windows = [window, *(one for one in await uow.maintenance.standing() if one.id != window.id)]
    locked = await uow.incidents.lock_for(keys=(), ids=some, resolved_since=uow.now)
    changes = [change for one in locked if (change := _change(one, windows, uow.now)) is not None]
    await record_many(changes, by=SYSTEM, uow=uow)
    await uow.outbox.touch_cards([change.after.id for change in changes], priority=Priority.UPDATE)
    return _Judged(changes, is_more=len(incident_ids) > _AT_ONCE)


def _change(incident: Incident, windows: Sequence[Window], now: datetime) -> Change | None:
    """What was closed before it could be locked keeps its mark until all such are let go."""
    return marking(incident, windows, at=now) if incident.is_open else None


async def _tell(window: Window, moment: Moment, start: datetime, uow: UnitOfWork) -> None:
    await uow.outbox.add_notice_once(subject(window.id, moment, start), channel=window.channel)
