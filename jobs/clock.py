"""What becomes due: looked at in batches, until nothing is."""

import logging
from collections.abc import Callable

from base import failpoints
from base.failpoints import Failpoint
from incidents.clock import look_at_due
from incidents.errors import BongsuError
from incidents.policy import Policies
from incidents.ports import Transactions

logger = logging.getLogger(__name__)

_AT_ONCE = 50
"""Incidents in one transaction: their locks keep alerts about them waiting."""


class Clock:
    """Any number of processes may have one. ``changed`` is called after each commit, to wake the publisher."""

    def __init__(self, transactions: Transactions, policies: Policies, *, changed: Callable[[], None]) -> None:
        self._transactions = transactions
        self._policies = policies
        self._changed = changed

    async def tick(self) -> None:
        """Where the database is away, what is due waits for a later tick."""
        try:
            while await self._transactions.read(lambda uow: uow.incidents.any_due()):
                if not await self._look():
                    return  # another process holds what is left
        except BongsuError as error:
            logger.warning("the clock waits", extra={"action": "clock_waits", "error": str(error)})

    async def _look(self) -> int:
        policy = self._policies.current
        looked = await self._transactions.write(
            failpoints.at_the_end_of(lambda uow: look_at_due(uow, policy, _AT_ONCE), Failpoint.CLOCK_STORED)
        )
        if looked:
            failpoints.passed(Failpoint.CLOCK_COMMITTED)
            logger.debug("looked at what is due", extra={"action": "clock_looked", "incidents": looked})
            self._changed()
        return looked
