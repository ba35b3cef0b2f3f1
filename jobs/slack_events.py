"""Forgetting which events of Slack's were heard, once Slack won't send them again: it does so for six minutes."""

import logging
from datetime import timedelta

from incidents.errors import Unavailable
from incidents.ports import Transactions, UnitOfWork

KEPT_FOR = timedelta(days=1)
_AT_ONCE = 500

logger = logging.getLogger(__name__)


async def forget_old(transactions: Transactions) -> None:
    """In small batches, by any number of processes. What can't be done now is done by a later tick."""

    async def work(uow: UnitOfWork) -> int:
        return await uow.threads.forget(before=uow.now - KEPT_FOR, limit=_AT_ONCE)

    try:
        while await transactions.write(work) == _AT_ONCE:
            pass
    except Unavailable as error:
        logger.warning("old events stay for now", extra={"action": "slack_events_wait", "error": str(error)})
