"""Forgetting what is asked for a while only: which events of Slack's were heard, and which requests were answered."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from incidents.errors import Unavailable
from incidents.ports import Transactions, UnitOfWork

KEPT_FOR = timedelta(days=1)
"""Slack sends its events again for six minutes."""
_AT_ONCE = 500

logger = logging.getLogger(__name__)


async def forget_old(transactions: Transactions) -> None:
    """In small batches, by any number of processes. What can't be done now is done by a later tick."""
    try:
        await _until_none_is_left(transactions, _events)
        await _until_none_is_left(transactions, _requests)
    except Unavailable as error:
        logger.warning("what is old stays for now", extra={"action": "forgetting_waits", "error": str(error)})


async def _until_none_is_left(transactions: Transactions, some: Callable[[UnitOfWork], Awaitable[int]]) -> None:
    while await transactions.write(some):
        pass


async def _events(uow: UnitOfWork) -> int:
    return await uow.threads.forget(before=uow.now - KEPT_FOR, limit=_AT_ONCE)


async def _requests(uow: UnitOfWork) -> int:
    return await uow.done_requests.forget_old(limit=_AT_ONCE)
