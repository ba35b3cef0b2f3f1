"""Maintenance while alerts come: what opens in a window is marked, and what a window does not cover any more is not."""

from collections.abc import Iterable

from incidents.ingest.desk import Case
from incidents.maintenance.marking import marking
from incidents.ports import UnitOfWork


async def mark(cases: Iterable[Case], uow: UnitOfWork) -> None:
    """The windows are asked for once, and only where that can make a difference."""
    judged = [case for case in cases if _is_to_be_judged(case)]
    if not judged:
        return
    windows = await uow.maintenance.standing()
    for case in judged:
        change = marking(case.incident, windows, at=uow.now)
        if change is not None:
            case.apply(change)


def _is_to_be_judged(case: Case) -> bool:
    """It opened, or a marked one has become graver: a window may be of warnings alone."""
    now = case.incident
    if not now.is_open:
        return False
    if case.is_new or any(change.opens_episode for change in case.changes):
        return True
    marked = now.maintenance_id is not None
    return marked and any(change.before.severity is not change.after.severity for change in case.changes)
