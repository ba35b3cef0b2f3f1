"""Keeping all Homes up to date: in one process at a time, at Slack's pace, and only those that somebody looks at."""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from bot.home.metrics import HomeMetrics
from bot.home.show import Homes
from incidents.errors import BongsuError, NewerDatabase, OlderDatabase
from incidents.ports import Transactions, UnitOfWork

logger = logging.getLogger(__name__)

_EVERY_SECONDS = 1.0
_LEASE = timedelta(seconds=25)
_CALL_SECONDS = 12.0
"""As long as one Home may take: none is begun when the lease ends before that."""
_ASK_AGAIN_SECONDS = 5.0
"""So often another process asks whether it is its turn."""
_MOST = 500
_PATIENCE = timedelta(seconds=5)
_TIDY_SECONDS = 3600.0


class HomeKeeper:
    """Any number of processes may have one: one of them works.

    It goes in rounds: all Homes that don't show the world as it is, those opened last first, each rendered when its
    turn comes. Changes during a round begin the next one, so that many are one, and nobody's Home waits for ever.
    ``clock`` is monotonic, in seconds.
    """

    def __init__(
        self,
        transactions: Transactions,
        homes: Homes,
        metrics: HomeMetrics,
        *,
        holder: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transactions = transactions
        self._homes = homes
        self._metrics = metrics
        self._holder = holder
        self._clock = clock
        self._round: deque[str] = deque()
        self._ours_until = self._ask_again_at = self._tidied_at = float("-inf")
        self._stopping = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """May be called again once it has stopped."""
        self._stopping.clear()
        self._loop = asyncio.create_task(self._run(), name="homes")

    async def stop(self) -> None:
        """Let the one that is under way come to its end, and the next process take over at once."""
        self._stopping.set()
        if self._loop is not None:
            await self._loop
        if self._is_ours():
            with contextlib.suppress(BongsuError):
                await self._transactions.write(lambda uow: uow.homes.release(self._holder), patience=timedelta(0))

    async def turn(self) -> float:
        """Show what can be shown now; in how many seconds to look again."""
        if not await self._has_turn():
            self._round.clear()
            self._metrics.waiting.set(0)
            return _EVERY_SECONDS
        if not self._round:
            self._round.extend(await self._transactions.read(self._outdated))
        return await self._go_round()

    async def _go_round(self) -> float:
        while self._round and self._is_ours() and not self._stopping.is_set():
            self._metrics.waiting.set(len(self._round))
            user_id = self._round.popleft()
            if wait := await self._homes.refresh(user_id):
                self._round.appendleft(user_id)
                return min(wait.total_seconds(), _EVERY_SECONDS)
        self._metrics.waiting.set(len(self._round))
        return _EVERY_SECONDS

    async def _has_turn(self) -> bool:
        """Whether there is anything to keep, and it is for this process to do so."""
        followed = await self._transactions.read(lambda uow: uow.homes.followed())
        self._metrics.followed.set(followed)
        if not followed or self._is_ours():
            return bool(followed)
        if self._clock() < self._ask_again_at:
            return False
        asked_at = self._clock()
        if await self._transactions.write(self._take, patience=_PATIENCE):
            self._ours_until = asked_at + _LEASE.total_seconds()
            return self._is_ours()
        self._ask_again_at = asked_at + _ASK_AGAIN_SECONDS
        return False

    def _is_ours(self) -> bool:
        return self._clock() < self._ours_until - _CALL_SECONDS

    async def _take(self, uow: UnitOfWork) -> bool:
        """Those that nobody has opened for long are put away on the way."""
        if not await uow.homes.lease(self._holder, until_in=_LEASE):
            return False
        if self._clock() - self._tidied_at > _TIDY_SECONDS:
            await uow.homes.forget_old()
            self._tidied_at = self._clock()
        return True

    async def _outdated(self, uow: UnitOfWork) -> list[str]:
        return await uow.homes.outdated(await uow.homes.world(), limit=_MOST)

    async def _run(self) -> None:
        while not self._stopping.is_set():
            await self._pause(await self._careful_turn())

    async def _careful_turn(self) -> float:
        try:
            return await self.turn()
        except (OlderDatabase, NewerDatabase):
            return _EVERY_SECONDS  # the transactions have said it, once
        except BongsuError as error:
            logger.warning("homes wait", extra={"action": "homes_wait", "error": str(error)})
        except Exception:  # whatever it was: Homes that stand still look like a quiet night
            logger.exception("the keeper of homes stumbled", extra={"action": "homes_stumbled"})
        return _EVERY_SECONDS

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
