"""Windows of maintenance begin and end: looked at one by one, until none is due."""

import logging
from collections.abc import Callable

from incidents.errors import BongsuError
from incidents.maintenance.look import look_at_due
from incidents.ports import Transactions

logger = logging.getLogger(__name__)


class MaintenanceClock:
    """Any number of processes may have one. ``changed`` is called after each commit, to wake the publisher."""

    def __init__(self, transactions: Transactions, *, changed: Callable[[], None]) -> None:
        self._transactions, self._changed = transactions, changed

    async def tick(self) -> None:
        """Where the database is away, what is due waits for a later tick."""
        try:
            while await self._transactions.read(lambda uow: uow.maintenance.any_due()):
                if not await self._look():
                    return  # another process holds what is left
        except BongsuError as error:
            logger.warning("maintenance waits", extra={"action": "maintenance_waits", "error": str(error)})

    async def _look(self) -> bool:
        looked = await self._transactions.write(look_at_due)
        if looked:
            logger.debug("looked at maintenance", extra={"action": "maintenance_looked"})
            self._changed()
        return looked
