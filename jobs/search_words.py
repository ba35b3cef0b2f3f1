"""Giving new incidents the words by which they are found: a moment after they opened."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from incidents.clock.lookout import Lookout
from incidents.errors import BongsuError
from incidents.ports import Transactions
from incidents.search.following import follow, is_behind

logger = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds."""
_PATIENCE = timedelta(seconds=15)

Rest = Callable[[float], Awaitable[object]]
"""Waits so many seconds."""


class SearchWords:
    """Any number of processes may run it: a step is taken by one of them.

    ``lookout``: whoever looks for others, too; None: it looks for itself.
    """

    def __init__(
        self, transactions: Transactions, *, rest: Rest = asyncio.sleep, lookout: Lookout | None = None
    ) -> None:
        self._transactions = transactions
        self._rest = rest
        self._first_look = lookout.over(is_behind) if lookout is not None else self._is_behind

    async def tick(self) -> None:
        """Until all have theirs. Where the database is away, the next tick makes up for it."""
        try:
            await self._catch_up()
        except BongsuError as error:
            logger.warning("words of incidents wait", extra={"action": "search_words_wait", "error": str(error)})

    async def _catch_up(self) -> None:
        """Step by step, at rest for as long as it worked: intake comes first."""
        more = await self._first_look()
        while more:
            began = time.monotonic()
            more = (await self._transactions.write(follow, patience=_PATIENCE)).more
            if more:
                await self._rest(time.monotonic() - began)

    async def _is_behind(self) -> bool:
        return await self._transactions.read(is_behind, patience=_PATIENCE)
