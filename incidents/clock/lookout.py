"""Looking whether anything is due, once for several who ask that at about the same time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from incidents.ports import Transactions, UnitOfWork

AnyDue = Callable[[UnitOfWork], Coroutine[Any, Any, bool]]
Look = Callable[[], Awaitable[bool]]

_STANDS_SECONDS = 0.2
"""For so long an answer is good enough for whoever else asks: ticks of one second come right after each other."""


class Lookout:
    """What they ask is asked in one transaction: most of what a look costs is the transaction.

    ``clock`` is monotonic, in seconds.
    """

    def __init__(self, transactions: Transactions, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._transactions = transactions
        self._clock = clock
        self._asked: list[AnyDue] = []
        self._seen: asyncio.Task[Sequence[bool]] | None = None
        self._seen_at = 0.0

    def over(self, any_due: AnyDue) -> Look:
        """What looks for this one: it may be told what was seen a moment ago. Raises Unavailable."""
        place = len(self._asked)
        self._asked.append(any_due)

        async def look() -> bool:
            return (await self._sight())[place]

        return look

    async def _sight(self) -> Sequence[bool]:
        """Whoever comes while the database is asked waits for the same answer."""
        seen = self._seen
        if seen is None or self._clock() - self._seen_at >= _STANDS_SECONDS:
            self._seen_at = self._clock()
            seen = self._seen = asyncio.create_task(self._look(), name="lookout")
        return await asyncio.shield(seen)  # who is cancelled must not end it for the others

    async def _look(self) -> Sequence[bool]:
        return await self._transactions.read(self._ask)

    async def _ask(self, uow: UnitOfWork) -> Sequence[bool]:
        seen: Sequence[bool] = await uow.together(*(any_due(uow) for any_due in self._asked))
        return seen
