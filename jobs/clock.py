"""What becomes due: done in batches, until nothing is."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from base import failpoints
from base.failpoints import Failpoint
from incidents.clock import look_at_due
from incidents.clock.lookout import AnyDue, Lookout
from incidents.errors import BongsuError
from incidents.escalation.due import do_due
from incidents.escalation.early import any_untaken, page_outside
from incidents.ports import Transactions, UnitOfWork

logger = logging.getLogger(__name__)

_AT_ONCE = 50
"""Incidents in one transaction: their locks keep alerts about them waiting."""


@dataclass(frozen=True, slots=True)
class Duty:
    """``any_due`` is cheap. ``do`` does some of it in a transaction: of so many incidents; 0: others hold all.

    ``stored`` and ``committed`` are passed before and after the commit. ``action`` is what logs call it.
    """

    any_due: AnyDue
    do: Callable[[UnitOfWork], Awaitable[int]]
    stored: Failpoint
    committed: Failpoint
    action: str


LOOK = Duty(
    lambda uow: uow.incidents.any_due(),
    lambda uow: look_at_due(uow, uow.policy, _AT_ONCE),
    Failpoint.CLOCK_STORED,
    Failpoint.CLOCK_COMMITTED,
    "clock",
)
"""Incidents whose time has come: they wake, go stale, come back."""

ESCALATE = Duty(
    lambda uow: uow.escalation.any_due(),
    lambda uow: do_due(uow, _AT_ONCE),
    Failpoint.ESCALATION_STORED,
    Failpoint.ESCALATION_COMMITTED,
    "escalation",
)
"""Planned steps: somebody is called, or reminded."""


OUTSIDE = Duty(
    any_untaken,
    lambda uow: page_outside(uow, _AT_ONCE),
    Failpoint.ESCALATION_STORED,
    Failpoint.ESCALATION_COMMITTED,
    "paging_outside",
)
"""Pages that Slack does not take."""


class Clock:
    """Any number of processes may have one. ``changed`` is called after each commit, to wake the publisher.

    ``lookout``: whoever looks for others, too; None: it looks for itself.
    """

    def __init__(
        self, transactions: Transactions, duty: Duty, *, changed: Callable[[], None], lookout: Lookout | None = None
    ) -> None:
        self._transactions = transactions
        self._duty = duty
        self._changed = changed
        self._first_look = lookout.over(duty.any_due) if lookout is not None else self._any_due

    async def tick(self) -> None:
        """Where the database is away, what is due waits for a later tick."""
        try:
            is_due = await self._first_look()
            while is_due and await self._do():  # where it does nothing, another process holds what is left
                is_due = await self._any_due()
        except BongsuError as error:
            told = {"action": f"{self._duty.action}_waits", "error": str(error)}
            logger.warning("the %s waits", self._duty.action, extra=told)

    async def _any_due(self) -> bool:
        return await self._transactions.read(self._duty.any_due)

    async def _do(self) -> int:
        duty = self._duty
        done = await self._transactions.write(failpoints.at_the_end_of(duty.do, duty.stored))
        if done:
            failpoints.passed(duty.committed)
            told = {"action": f"{duty.action}_looked", "incidents": done}
            logger.debug("what was due is done", extra=told)
            self._changed()
        return done
