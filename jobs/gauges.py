"""Figures that are read from the database now and then."""

import logging
from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry, Gauge

from incidents.errors import BongsuError
from incidents.model import Status
from incidents.ports import Transactions, UnitOfWork

logger = logging.getLogger(__name__)


class Gauges:
    """How many incidents stand where, and what others want to sample at the same time."""

    def __init__(
        self, registry: CollectorRegistry, transactions: Transactions, *, also: Callable[[], Awaitable[None]]
    ) -> None:
        self._transactions = transactions
        self._also = also
        self._incidents = Gauge("bongsu_incidents", "Incidents by status", ["status"], registry=registry)
        self._read = Gauge(
            "bongsu_gauges_read_timestamp_seconds",
            "When gauges that tell what stands in the database were last read: until then they are true",
            registry=registry,
        )

    async def sample(self) -> None:
        """Where the database is away the figures stay as they were, and age."""
        try:
            counts = await self._transactions.read(_counts)
            await self._also()
        except BongsuError as error:
            logger.warning("gauges not read", extra={"action": "gauges_not_read", "error": str(error)})
            return
        for status, count in counts.items():
            self._incidents.labels(status.value).set(count)
        self._read.set_to_current_time()


async def _counts(uow: UnitOfWork) -> dict[Status, int]:
    return {status: await uow.views.count(statuses=[status]) for status in Status}
