"""Telling a channel that a turn has passed: looked at every few seconds, by one process at a time."""

import logging
from collections.abc import Callable
from datetime import timedelta

from incidents.errors import BongsuError
from incidents.policy import Policies
from incidents.ports import Transactions, UnitOfWork
from incidents.schedules.handover import Handover
from incidents.schedules.passing import pass_on

logger = logging.getLogger(__name__)

_REST = timedelta(seconds=2)


class Handovers:
    """Any number of processes may have one. ``changed`` is called where there is something to send."""

    def __init__(self, transactions: Transactions, policies: Policies, *, changed: Callable[[], None]) -> None:
        self._transactions = transactions
        self._policies = policies
        self._changed = changed

    async def tick(self) -> None:
        """Where the database is away, a later one makes up for it."""
        schedules = self._policies.current.schedules
        if not any(one.handover_channel is not None for one in schedules.values()):
            return

        async def work(uow: UnitOfWork) -> list[Handover]:
            return await pass_on(schedules, uow) if await uow.turns.take("handovers", rest=_REST) else []

        try:
            told = await self._transactions.write(work)
        except BongsuError as error:
            logger.warning("handovers wait", extra={"action": "handovers_wait", "error": str(error)})
            return
        for one in told:
            said = {"action": "handover", "schedule": one.schedule, "from": one.before, "to": one.person}
            logger.info("a turn has passed", extra=said)
        if told:
            self._changed()
