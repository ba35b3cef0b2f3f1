"""Listening for silence: what was expected to be heard of and was not opens an incident."""

import logging
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Gauge

from incidents.errors import BongsuError
from incidents.heartbeats.look import look_at_heartbeats, survey
from incidents.policy import Policies, Policy
from incidents.ports import Transactions

logger = logging.getLogger(__name__)


class Listener:
    """Any number of processes may have one: each silence, and each end of it, is told once.

    ``changed`` is called after what was told is committed, to wake the publisher.
    """

    def __init__(
        self,
        transactions: Transactions,
        policies: Policies,
        registry: CollectorRegistry,
        *,
        changed: Callable[[], None],
    ) -> None:
        self._transactions = transactions
        self._policies = policies
        self._changed = changed
        self._looked_by: Policy | None = None
        self._silent = Gauge("bongsu_heartbeats_silent", "Heartbeats whose silence was told", registry=registry)

    async def tick(self) -> None:
        """Where the database is away nothing can be heard either: what was missed meanwhile is no silence."""
        policy = self._policies.current
        is_new = policy is not self._looked_by
        if not policy.heartbeats and not is_new:
            return
        try:
            seen = await self._transactions.read(lambda uow: survey(uow, policy))
            self._silent.set(seen.silent)
            if is_new or seen.is_due:
                await self._look(policy, is_new=is_new)
        except BongsuError as error:
            logger.warning("heartbeats are not looked at", extra={"action": "heartbeats_wait", "error": str(error)})

    async def _look(self, policy: Policy, *, is_new: bool) -> None:
        told = await self._transactions.write(lambda uow: look_at_heartbeats(uow, policy, is_new=is_new))
        self._looked_by = policy
        if told:
            logger.info("heartbeats told", extra={"action": "heartbeats_told", "heartbeats": told})
            self._changed()
