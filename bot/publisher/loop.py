"""The publisher's loop: claim, deliver, and wait to be woken."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from base import failpoints, log_context, tracing
from base.failpoints import Failpoint
from base.tracing import Attributes, Kind
from bot.publisher.deliver import SEND_WITHIN, Courier, LockedOut
from bot.publisher.metrics import PublisherMetrics
from bot.publisher.storm import Storms
from incidents.errors import BongsuError, NewerDatabase, OlderDatabase
from incidents.outbox import Job
from incidents.ports import Transactions, UnitOfWork

logger = logging.getLogger(__name__)

_AT_ONCE = 4
_LOOK_SECONDS = 0.2
"""So often at most it is looked whether something is due, unless somebody clicks: intake commits by the hundred."""
_PACED_SECONDS = 0.5
"""The same where something is due and has to wait: then each look goes through all of it."""
_LOCKED_OUT_SECONDS = (2.0, 60.0)


class Publisher:
    """``wake`` says that there may be something to do; without it, it looks whenever the ticker wakes it.

    ``renew`` is called before a message is tried again after Slack has refused our token: it may be another by then.
    """

    def __init__(
        self,
        *,
        transactions: Transactions,
        courier: Courier,
        storms: Storms,
        metrics: PublisherMetrics,
        holder: str,
        renew: Callable[[], None] = lambda: None,
        locked_out_seconds: tuple[float, float] = _LOCKED_OUT_SECONDS,
    ) -> None:
        self._transactions = transactions
        self._courier = courier
        self._storms = storms
        self._metrics = metrics
        self._holder = holder
        self._renew = renew
        self._locked_out_seconds = locked_out_seconds
        self._woken, self._hurried = asyncio.Event(), asyncio.Event()
        self._stopping = False
        self._loop: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self._locked_out_for = 0.0
        self._looked_at = 0.0
        self._away_since = 0.0
        self._is_sure = False

    def wake(self) -> None:
        """Soon: many such words are one."""
        self._woken.set()

    def hurry(self) -> None:
        """At once: somebody has clicked and looks at the card."""
        self._woken.set()
        self._hurried.set()

    def start(self) -> None:
        """May be called again once it has stopped."""
        self._stopping = False
        self._loop = asyncio.create_task(self._run(), name="publisher")

    async def stop(self) -> None:
        """Claim nothing more, and let what is under way come to its end."""
        self._stopping = True
        self.hurry()
        if self._loop is not None:
            await self._loop
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def sample(self) -> None:
        """Bring the gauges up to date."""
        (depth, age), unusable, away = await self._transactions.read(_figures)
        self._metrics.depth.set(depth)
        self._metrics.age.set(age.total_seconds())
        self._metrics.unusable_channels.set(unusable)
        self._metrics.away_since.set(away)
        if away and away != self._away_since:
            told = {"action": "slack_away", "since": datetime.fromtimestamp(away, UTC).isoformat()}
            logger.error("nothing gets through to slack: all is kept, and goes on by itself", extra=told)
        self._away_since = away
        await self._storms.sample()

    async def _run(self) -> None:
        while not self._stopping:
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
        """Some rows are taken, or it waits until there may be one."""
        await self._storms.look()
        if len(self._under_way) >= _AT_ONCE:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            return
        if self._locked_out_for and self._under_way:
            await asyncio.wait(self._under_way)
            return
        if self._locked_out_for:
            await self._sleep(self._locked_out_for)
            self._renew()
        self._woken.clear()
        self._hurried.clear()
        if self._stopping:  # or the word that says so is cleared with the others, and nobody says it again
            return
        claimed_at = self._looked_at = time.monotonic()
        if not self._is_sure and not await self._transactions.read(lambda uow: uow.publishing.is_due()):
            await self._rest(None, _LOOK_SECONDS)
            return
        room = 1 if self._locked_out_for else _AT_ONCE - len(self._under_way)
        claims = await self._transactions.write(lambda uow: uow.publishing.claim_some(holder=self._holder, most=room))
        self._is_sure = bool(claims.jobs)
        for job in claims.jobs:
            failpoints.passed(Failpoint.PUBLISHER_CLAIMED)
            self._begin(job, claimed_at + SEND_WITHIN)
        if not claims.more:
            await self._rest(claims.again.total_seconds(), _LOOK_SECONDS if claims.jobs else _PACED_SECONDS)

    async def _rest(self, seconds: float | None, at_least: float) -> None:
        """Until something may have its turn or something new is there, and at once where somebody hurries."""
        end = self._looked_at + at_least
        await _either(self._woken, seconds)
        if self._woken.is_set():
            left = end - time.monotonic()
            await _either(self._hurried, max(left if seconds is None else min(left, seconds), 0))

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
        of_it = {"incident": job.incident_id} if job.incident_id else {}
        with log_context.bound(outbox=job.id, **of_it):
            await self._deliver_it(job, deadline)

    async def _deliver_it(self, job: Job, deadline: float) -> None:
        try:
            name = f"publish {job.kind.value}"
            with tracing.span(name, _attributes(job), kind=Kind.CONSUMER, parent=job.traceparent):
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
        first, most = self._locked_out_seconds
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


def _attributes(job: Job) -> Attributes:
    of_it = {"bongsu.incident.id": job.incident_id} if job.incident_id else {}
    return {"bongsu.outbox.id": job.id, "bongsu.outbox.attempts": job.attempts, **of_it}


async def _either(event: asyncio.Event, seconds: float | None) -> None:
    """Until it is set, at most so long; None: however long that takes."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def _figures(uow: UnitOfWork) -> tuple[tuple[int, timedelta], int, float]:
    away = await uow.outages.away_since()
    unusable = len(await uow.publishing.unusable_channels())
    return await uow.publishing.depth(), unusable, away.timestamp() if away else 0.0
