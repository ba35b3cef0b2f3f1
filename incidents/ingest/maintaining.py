"""Maintenance while alerts come: what opens in a window is marked, and what a window does not cover any more is not."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from incidents.ingest.desk import Case
from incidents.maintenance.marking import marking
from incidents.maintenance.model import Window
from incidents.ports import UnitOfWork


async def windows_for(cases: Iterable[Case], uow: UnitOfWork) -> Sequence[Window]:
    """Those that stand, asked for once, and only where that can make a difference."""
    return await uow.maintenance.standing() if any(map(_is_to_be_judged, cases)) else ()


def mark(cases: Iterable[Case], windows: Sequence[Window], *, now: datetime) -> None:
    for case in cases:
        change = marking(case.incident, windows, at=now) if _is_to_be_judged(case) else None
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
