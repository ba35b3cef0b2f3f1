"""The publisher's loop: claim, deliver, and wait to be woken."""

import asyncio
import contextlib
import logging
import time

from bot.publisher.deliver import SEND_WITHIN, Courier, LockedOut
from bot.publisher.metrics import PublisherMetrics
from incidents.errors import BongsuError, NewerDatabase, OlderDatabase
from incidents.ports import Job, Transactions

logger = logging.getLogger(__name__)

_AT_ONCE = 4
_PACED_SECONDS = 0.2
_LOCKED_OUT_SECONDS = (2.0, 60.0)


class Publisher:
    """``wake`` says that there may be something to do; without it, it looks whenever the ticker wakes it."""

    def __init__(self, *, transactions: Transactions, courier: Courier, metrics: PublisherMetrics, holder: str) -> None:
        self._transactions = transactions
        self._courier = courier
        self._metrics = metrics
        self._holder = holder
        self._awake = asyncio.Event()
        self._stopping = False
        self._loop: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self._locked_out_for = 0.0

    def wake(self) -> None:
        self._awake.set()

    def start(self) -> None:
        self._loop = asyncio.create_task(self._run(), name="publisher")

    async def stop(self) -> None:
        """Claim nothing more, and let what is under way come to its end."""
        self._stopping = True
        self.wake()
        if self._loop is not None:
            await self._loop
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def sample(self) -> None:
        """Bring the gauges up to date."""
        depth, age = await self._transactions.read(lambda uow: uow.publishing.depth())
        self._metrics.depth.set(depth)
        self._metrics.age.set(age.total_seconds())

    async def _run(self) -> None:
        while not self._stopping:
            self._awake.clear()
            try:
                await self._turn()
            except (OlderDatabase, NewerDatabase):
                await self._sleep(1.0)  # the transactions have said it, once
            except BongsuError as error:
                logger.warning("publisher waits", extra={"action": "publisher_waits", "error": str(error)})
                await self._sleep(1.0)
            except Exception:  # whatever it was: a publisher that dies in silence is the worst of all
                logger.exception("the publisher stumbled", extra={"action": "publisher_stumbled"})
                await self._sleep(1.0)

    async def _turn(self) -> None:
        """One row is taken, or it waits until there may be one."""
        if len(self._under_way) >= _AT_ONCE:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            return
        if self._locked_out_for and self._under_way:
            await asyncio.wait(self._under_way)
            return
        if self._locked_out_for:
            await self._sleep(self._locked_out_for)
        due = await self._transactions.read(lambda uow: uow.publishing.is_due())
        if not due:
            await self._awake.wait()
            return
        claimed_at = time.monotonic()
        job = await self._transactions.write(lambda uow: uow.publishing.claim(holder=self._holder))
        if job is None:
            await self._sleep(_PACED_SECONDS)
        else:
            self._begin(job, claimed_at + SEND_WITHIN)

    def _begin(self, job: Job, deadline: float) -> None:
        task = asyncio.create_task(self._deliver(job, deadline), name=f"outbox-{job.id}")
        self._under_way.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        """What nobody foresaw is said aloud; the row's lease ends by itself, and it is tried again."""
        self._under_way.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            told = {"action": "outbox_stumbled", "task": task.get_name()}
            logger.error("a delivery stumbled", exc_info=error, extra=told)

    async def _deliver(self, job: Job, deadline: float) -> None:
        try:
            await self._courier.deliver(job, deadline=deadline)
            self._let_in()
        except LockedOut as error:
            self._lock_out(error)
        except BongsuError as error:
            # The lease ends by itself, and the row is looked at again.
            logger.warning("delivery interrupted", extra={"action": "outbox_interrupted", "error": str(error)})
        self.wake()

    def _lock_out(self, error: LockedOut) -> None:
        """Everything is kept. One row at a time is tried, until Slack takes it."""
        first, most = _LOCKED_OUT_SECONDS
        self._locked_out_for = min(max(first, self._locked_out_for * 2), most)
        self._metrics.locked_out.set(1)
        logger.error(
            "slack refuses us: %s (bongsu doctor says how to mend it)", error, extra={"action": "slack_locked_out"}
        )

    def _let_in(self) -> None:
        if self._locked_out_for:
            logger.info("slack lets us in again", extra={"action": "slack_let_in"})
        self._locked_out_for = 0.0
        self._metrics.locked_out.set(0)

    async def _sleep(self, seconds: float) -> None:
        """So long, whoever wakes it, unless it is to stop."""
        end = time.monotonic() + seconds
        while not self._stopping and (left := end - time.monotonic()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, 0.5)):
                    await asyncio.sleep(left)
