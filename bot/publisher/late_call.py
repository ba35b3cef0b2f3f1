"""A call of ours that came too late: meanwhile another publisher has taken the row over, and nobody knows what we did.

As when a process stood still with a call under way. A post of ours is one too many; an update may have laid something
old over what is newer.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.client import SLACK_ERRORS
from bot.publisher.slack import Slack
from incidents.outbox import Job
from incidents.ports import Transactions

logger = logging.getLogger(__name__)

SETTLED_AFTER = 5.0
"""Seconds until Slack has stored what it will store of a call whose reply was lost, and the other has posted."""
_LOOKS = 6
_PATIENCE = timedelta(seconds=10)


@dataclass(frozen=True)
class LateCalls:
    """``rest`` waits so many seconds."""

    transactions: Transactions
    slack: Slack
    rest: Callable[[float], Awaitable[object]] = asyncio.sleep

    async def make_good(self, job: Job, find_channel: Callable[[], Awaitable[str | None]]) -> None:
        """After a call whose outcome is unknown. Does nothing where the row is ours still. Raises Unavailable.

        ``find_channel`` asks for the id of the job's channel, None where Slack tells none.
        """
        if await self._theirs(job) is None:
            return
        logger.warning("lost the fence", extra={"action": "outbox_fence_lost", "outbox": job.id})
        await self.rest(SETTLED_AFTER)
        if job.ts is not None:
            await self.transactions.write(lambda uow: uow.publishing.touch(job), patience=_PATIENCE)
        elif (channel_id := await find_channel()) is not None:
            await self._take_back(job, channel_id)

    async def _take_back(self, job: Job, channel_id: str) -> None:
        """Once the other has a message, whatever else was posted for the row is deleted.

        Where Slack can't be asked it stays: two messages are better than none.
        """
        for _ in range(_LOOKS):
            theirs = await self._theirs(job)
            if theirs is None:
                return
            if theirs[0]:
                await self._delete_others(job, channel_id, *theirs)
                return
            await self.rest(SETTLED_AFTER)

    async def _theirs(self, job: Job) -> tuple[str, datetime] | None:
        return await self.transactions.read(lambda uow: uow.publishing.shown_by_another(job), patience=_PATIENCE)

    async def _delete_others(self, job: Job, channel_id: str, ts: str, since: datetime) -> None:
        told: dict[str, object] = {"action": "outbox_second_post", "outbox": job.id}
        try:
            while (place := await self.slack.find(job, channel_id, since=since, besides=ts)) is not None:
                await self.slack.delete(place)
                logger.warning("deleted a second post", extra=told)
        except SLACK_ERRORS as error:
            logger.warning("a second post may have stayed", extra={**told, "error": str(error)})
