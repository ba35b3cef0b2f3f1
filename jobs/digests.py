"""Digests: looked at every few seconds, told when they are due."""

import logging
from collections.abc import Callable, Mapping

from incidents.digests.due import LATE_BY_AT_MOST, Looked, any_due, look_at_digests
from incidents.digests.model import Digest
from incidents.errors import BongsuError
from incidents.policy import Policies
from incidents.ports import Transactions
from jobs.fire_times import FireTimes

logger = logging.getLogger(__name__)


class Digests:
    """Any number of processes may have one. ``changed`` is called after a commit, to wake the publisher."""

    def __init__(self, transactions: Transactions, policies: Policies, *, changed: Callable[[], None]) -> None:
        self._transactions = transactions
        self._policies = policies
        self._changed = changed
        self._times: dict[Digest, FireTimes] = {}

    async def tick(self) -> None:
        """Where the database is away, what is due waits for a later tick."""
        digests = self._digests()
        if not digests:
            return
        try:
            if await self._transactions.read(lambda uow: any_due(digests, uow)):
                self._tell(await self._transactions.write(lambda uow: look_at_digests(digests, uow)))
        except BongsuError as error:
            logger.warning("digests wait", extra={"action": "digests_wait", "error": str(error)})

    def _digests(self) -> Mapping[Digest, FireTimes]:
        """Those that are wanted now: ``bongsu.yaml`` may have changed."""
        wanted = self._policies.current.digests
        self._times = {one: self._times.get(one) or FireTimes(one.cron, one.zone) for one in wanted}
        return self._times

    def _tell(self, looked: Looked) -> None:
        for edition in looked.published:
            told = {"action": "digest_published", "digest": edition.id, "channel": edition.channel}
            logger.info("a digest is due", extra=told)
        for digest, due_at in looked.missed:
            hours = LATE_BY_AT_MOST.total_seconds() / 3600
            told = {"action": "digest_missed", "channel": digest.channel, "due_at": due_at.isoformat()}
            logger.warning("a digest was due more than %d h ago: it is left out", hours, extra=told)
        if looked.published:
            self._changed()
