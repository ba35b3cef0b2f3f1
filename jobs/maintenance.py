"""Windows of maintenance begin and end: looked at one by one, until none is due."""

import logging
from collections.abc import Callable

from incidents.clock.lookout import Lookout
from incidents.errors import BongsuError
from incidents.maintenance.look import look_at_due
from incidents.ports import Transactions, UnitOfWork

logger = logging.getLogger(__name__)


class MaintenanceClock:
    """Any number of processes may have one. ``changed`` is called after each commit, to wake the publisher.

    ``lookout``: whoever looks for others, too; None: it looks for itself.
    """

    def __init__(
        self, transactions: Transactions, *, changed: Callable[[], None], lookout: Lookout | None = None
    ) -> None:
        self._transactions, self._changed = transactions, changed
        self._first_look = lookout.over(_any_due) if lookout is not None else self._any_due

    async def tick(self) -> None:
        """Where the database is away, what is due waits for a later tick."""
        try:
            is_due = await self._first_look()
            while is_due and await self._look():  # where it does nothing, another process holds what is left
                is_due = await self._any_due()
        except BongsuError as error:
            logger.warning("maintenance waits", extra={"action": "maintenance_waits", "error": str(error)})

    async def _any_due(self) -> bool:
        return await self._transactions.read(_any_due)

    async def _look(self) -> bool:
        looked = await self._transactions.write(look_at_due)
        if looked:
            logger.debug("looked at maintenance", extra={"action": "maintenance_looked"})
            self._changed()
        return looked


async def _any_due(uow: UnitOfWork) -> bool:
    return await uow.maintenance.any_due()
