"""Steps that nobody does: counted, and told to who runs Bongsu, at most once an hour."""

import logging
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Gauge

from incidents.errors import BongsuError
from incidents.escalation.overdue import Overdue, OverdueHour, overdue
from incidents.policy import Policies
from incidents.ports import Transactions, UnitOfWork

logger = logging.getLogger(__name__)

EVERY = 10.0
"""Seconds: with ``LATE`` before them a stuck step is found within a minute."""


class OverdueMetrics:
    """Made once, on the registry that it is handed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._steps = Gauge(
            "bongsu_escalation_overdue", "Escalation steps that are more than 30 s late", registry=registry
        )
        self._seconds = Gauge(
            "bongsu_escalation_overdue_seconds", "How late the oldest of them is; 0: none is", registry=registry
        )

    def seen(self, late: Overdue) -> None:
        self._steps.set(late.steps)
        self._seconds.set(late.age.total_seconds())


class EscalationWatch:
    """Any number of processes may have one: all see the same, and make one notice. ``changed`` wakes the publisher."""

    def __init__(
        self, transactions: Transactions, policies: Policies, metrics: OverdueMetrics, *, changed: Callable[[], None]
    ) -> None:
        self._transactions = transactions
        self._policies = policies
        self._metrics = metrics
        self._changed = changed
        self._told: OverdueHour | None = None

    async def look(self) -> None:
        """One tick. Where the database is away the figures stay as they were: readiness tells of that."""
        try:
            late = await self._transactions.read(overdue)
            self._metrics.seen(late)
            if late.steps:
                await self._tell(late)
            elif self._told is not None:
                await self._tell_the_end(self._told)
        except BongsuError as error:
            logger.warning("overdue steps are not counted", extra={"action": "overdue_unknown", "error": str(error)})

    async def _tell(self, late: Overdue) -> None:
        told = {"action": "escalation_overdue", "steps": late.steps, "seconds": round(late.age.total_seconds())}
        logger.error("escalation steps are overdue", extra=told)
        hour = OverdueHour.of(late.now)
        if hour == self._told:
            return
        admins = self._policies.current.channel_for_admins

        async def ask(uow: UnitOfWork) -> None:
            await uow.outbox.add_notice_once(hour.subject, channel=admins)

        await self._transactions.write(ask)
        self._told = hour
        self._changed()

    async def _tell_the_end(self, hour: OverdueHour) -> None:
        """Its notice is shown anew: there are none any more."""
        await self._transactions.write(lambda uow: uow.outbox.touch_notice(hour.subject))
        self._told = None
        self._changed()
