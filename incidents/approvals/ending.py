"""A request is over: its row says how, and its message in the thread loses its buttons and says so, too."""

from collections.abc import Iterable

from incidents.actor import Actor
from incidents.approvals.model import Approval, Outcome
from incidents.model import Incident
from incidents.ports import UnitOfWork


async def end(approval: Approval, outcome: Outcome, *, by: Actor | None, uow: UnitOfWork, reason: str = "") -> None:
    """The incident is locked. ``by`` None: nobody has decided it."""
    await uow.approvals.end(approval.id, outcome, by=by, reason=reason)
    await uow.outbox.touch_reminder(approval.incident_id, approval.event_id)


async def end_overtaken(steps: Iterable[tuple[Incident, Incident]], uow: UnitOfWork) -> None:
    """What these incidents were asked for, where they wait for nobody any more: (before, after) of each.

    It recovered, went stale, was merged or reopened; who has decided a request has ended it before. Nothing is asked of
    the database where nothing waited.
    """
    for before, after in steps:
        if before.approval_until is None or after.approval_until is not None:
            continue
        standing = await uow.approvals.open_of(after.id)
        if standing is not None:
            await end(standing, Outcome.OVERTAKEN, by=None, uow=uow)
