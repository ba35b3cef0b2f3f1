"""Receivers outside of Slack that were called hear that somebody has it, and that it is over."""

from collections.abc import Iterable

from incidents.escalation.planning import Move
from incidents.escalation.webhooks import Action
from incidents.model import Status
from incidents.ports import UnitOfWork

_TOLD = {Status.ACKNOWLEDGED: Action.ACKNOWLEDGE, Status.RESOLVED: Action.RESOLVE}


async def tell_receivers(moves: Iterable[Move], uow: UnitOfWork) -> None:
    """Once the events of these moves are on the timeline. Where no webhook is configured nothing is asked."""
    if not uow.policy.webhooks:
        return
    for move in moves:
        before, after = move.before, move.after
        if before is not None and before.status is not after.status and after.status in _TOLD:
            [event] = await uow.timeline.of(after.id, limit=1)
            if event.id is not None:
                await uow.webhooks.follow(after.id, event.id, _TOLD[after.status])
