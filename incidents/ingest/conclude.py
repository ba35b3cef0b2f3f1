"""What is judged once, when all alerts of a batch are taken: of how the incidents stand then."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from incidents import lifecycle
from incidents.change import Change
from incidents.ingest.desk import Case, Desk
from incidents.ingest.maintaining import mark
from incidents.ingest.sleeping import hand_snoozes_on, wake_if_graver
from incidents.model import SYSTEM, Resolution
from incidents.ports import UnitOfWork
from incidents.rules.next_check import next_check
from incidents.rules.worsening import worsening


async def conclude(desk: Desk, uow: UnitOfWork) -> None:
    """What is in maintenance, wakes or worsens, when the clock must look, when it recovered: before all is written."""
    changed = [case for case in desk.cases.values() if case.has_changed]
    hand_snoozes_on(desk)
    await mark(changed, uow)
    for case in changed:
        wake_if_graver(case, desk)
        _tell_worsening(case, desk)
        _set_clock(case, desk)
    await _complete_ends([case for case in changed if not case.is_new], uow)


def _tell_worsening(case: Case, desk: Desk) -> None:
    """Once for all that a batch brings, not for each of its alerts; in maintenance nobody hears of it."""
    if case.incident.maintenance_id is not None:
        return
    worse = worsening(case.incident, firing=case.firing)
    if worse is not None:
        case.apply(lifecycle.worsen(case.incident, worse, firing=case.firing, by=SYSTEM, now=desk.now))


def _set_clock(case: Case, desk: Desk) -> None:
    """A look that comes too early only costs a look, and moving it would cost a write to its index."""
    if not case.incident.is_open:
        return
    stale_after = desk.policy.source(case.incident.source).stale_after
    due = next_check(case.written(desk.now), now=desk.now, stale_after=stale_after)
    if case.check_at is None or (due is not None and due < case.check_at):
        case.check_at = due


async def _complete_ends(cases: Iterable[Case], uow: UnitOfWork) -> None:
    """An incident recovered when the last of all its series ended, also where others ended in earlier batches."""
    ending = {case.incident.id: case for case in cases if any(map(_recovers, case.changes))}
    if not ending:
        return
    ends = await uow.series.latest_ends(ending)
    for case in ending.values():
        case.changes = [_completed(change, ends) if _recovers(change) else change for change in case.changes]


def _recovers(change: Change) -> bool:
    return change.closes and change.after.resolution is Resolution.RECOVERED


def _completed(change: Change, ends: Mapping[tuple[int, int], datetime]) -> Change:
    told = (change.recovered_at, ends.get((change.after.id, change.after.episode)))
    return replace(change, recovered_at=max((end for end in told if end is not None), default=None))
