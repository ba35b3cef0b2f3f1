"""Group commit: deliveries that arrive together are committed together."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from base import failpoints, log_context, tracing
from base.failpoints import Failpoint
from base.tracing import Span
from incidents.errors import NewerDatabase, Unavailable
from incidents.ingest import Ingested, ingest, reject
from incidents.model import Delivery, RejectedDelivery
from incidents.policy import Policies
from incidents.ports import Transactions, UnitOfWork
from receiver.metrics import ReceiverMetrics

logger = logging.getLogger(__name__)

REJECTED_PATIENCE = timedelta(seconds=2)
"""How long an answer that is a refusal anyway waits for the database."""


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How much one transaction takes: so many alerts, and bytes of bodies; a single delivery may be larger.

    ``writers`` transactions run at the same time, so that one is prepared while the database works on another. Each
    costs the same statements whatever it holds, so a further one is only begun for as many alerts as are being stored
    already, or for ``worth``: in quiet times nobody waits for somebody else's commit, under load batches stay large.
    """

    alerts: int = 400
    bytes: int = 2 * 1024 * 1024
    writers: int = 2
    worth: int = 40


@dataclass(slots=True)
class _Waiting:
    """One delivery on its way into a batch. ``deadline`` is monotonic: when its sender is told to come again.

    ``tried_at`` is the database's time when storing it was first tried, None before that. ``span`` and ``facts`` are of
    the request that brought it.
    """

    delivery: Delivery
    size: int
    deadline: float
    tried_at: datetime | None = None
    done: asyncio.Future[Ingested] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    span: Span = field(default_factory=tracing.current)
    facts: Mapping[str, object] = field(default_factory=log_context.facts)


class Commits:
    """The store of the intake: each call is committed when it returns.

    A delivery that comes alone is committed at once. While transactions are under way, others gather, and what has
    gathered goes into the next one. So the batches grow with the load, and nobody waits for a timer.
    """

    def __init__(
        self,
        transactions: Transactions,
        policies: Policies,
        metrics: ReceiverMetrics,
        *,
        patience: timedelta,
        limits: BatchLimits,
    ) -> None:
        self._transactions = transactions
        self._policies = policies
        self._metrics = metrics
        self._patience = patience
        self._limits = limits
        self._queue: deque[_Waiting] = deque()
        self._queued = 0
        self._writing = 0
        self._being_stored = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, delivery: Delivery, *, size: int) -> Ingested:
        """``size``: of its body, in bytes. Raises Unavailable after ``patience``."""
        waiting = _Waiting(delivery, size, time.monotonic() + self._patience.total_seconds())
        self._queue.append(waiting)
        self._queued += len(delivery.alerts)
        if self._may_write(self._writing):
            self._writing += 1
            task = asyncio.create_task(self._write(), name="group commit", context=log_context.apart())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await waiting.done

    async def keep(self, rejected: RejectedDelivery) -> int:
        """The id under which it is kept. Raises Unavailable, soon."""
        return await self._transactions.write(
            lambda uow: reject(rejected, uow=uow, policy=self._policies.current), patience=REJECTED_PATIENCE
        )

    async def _write(self) -> None:
        """One batch after the other, until nothing waits. It stops counting in the very step in which it finds so."""
        try:
            while self._may_write(self._writing - 1):
                batch = self._next_batch()
                alerts = _alerts_in(batch)
                self._being_stored += alerts
                try:
                    await self._commit_together(batch)
                finally:
                    self._being_stored -= alerts
        finally:
            self._writing -= 1

    def _may_write(self, others: int) -> bool:
        """Whether a transaction is to be begun while so many others are under way. The last of them goes on."""
        if others == 0:
            return bool(self._queue)
        if others >= self._limits.writers or not self._being_stored:  # who has not begun yet takes all that waits
            return False
        return self._queued >= min(self._limits.worth, self._being_stored)

    def _next_batch(self) -> list[_Waiting]:
        """From the front of the queue: the first, and those that fit beside it."""
        batch = [self._queue.popleft()]
        alerts, size = len(batch[0].delivery.alerts), batch[0].size
        while self._queue:
            alerts, size = alerts + len(self._queue[0].delivery.alerts), size + self._queue[0].size
            if alerts > self._limits.alerts or size > self._limits.bytes:
                break
            batch.append(self._queue.popleft())
        self._queued -= _alerts_in(batch)
        return batch

    async def _commit_together(self, batch: Sequence[_Waiting]) -> None:
        with log_context.bound(**_facts(batch)), _traced(batch) as span:
            for waiting in batch if len(batch) > 1 else ():
                waiting.span.link(span.traceparent)
            await self._commit(batch)

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        """Where one delivery trips, each half is tried by itself: so it fails alone, and not its neighbours."""
        patience = timedelta(seconds=max(0.0, min(waiting.deadline for waiting in batch) - time.monotonic()))
        try:
            ingested = await self._transactions.write(
                failpoints.at_the_end_of(lambda uow: self._store(batch, uow), Failpoint.INTAKE_STORED),
                patience=patience,
            )
        except NewerDatabase as error:
            for waiting in batch:
                _fail(waiting, error)
        except Unavailable as error:
            self._put_off(batch, error)
        except Exception as error:  # noqa: BLE001 - it concerns one of them, and must reach that one's sender
            await self._apart(batch, error)
        else:
            failpoints.passed(Failpoint.INTAKE_COMMITTED)
            self._metrics.batch.observe(_alerts_in(batch))
            for waiting, told in zip(batch, ingested, strict=True):
                _answer(waiting, told)

    async def _store(self, batch: Sequence[_Waiting], uow: UnitOfWork) -> list[Ingested]:
        """One run. Whether an earlier one was committed is not known where the reply to its COMMIT was lost."""
        tried_since = min((waiting.tried_at for waiting in batch if waiting.tried_at is not None), default=None)
        for waiting in batch:
            waiting.tried_at = min(waiting.tried_at or uow.now, uow.now)
        deliveries = [waiting.delivery for waiting in batch]
        return await ingest(deliveries, uow=uow, policy=self._policies.current, tried_since=tried_since)

    def _put_off(self, batch: Sequence[_Waiting], error: Unavailable) -> None:
        """Those whose time is up are told so; the others go to the front of the queue again, in their order."""
        now = time.monotonic()
        for waiting in reversed(batch):
            if waiting.deadline <= now or len(batch) == 1:
                _fail(waiting, error)
            else:
                self._queue.appendleft(waiting)
                self._queued += len(waiting.delivery.alerts)

    async def _apart(self, batch: Sequence[_Waiting], error: Exception) -> None:
        if len(batch) == 1:
            _fail(batch[0], error)
            return
        told = {"action": "batch_split", "deliveries": len(batch), "error": str(error)[:200]}
        logger.warning("a batch failed, its deliveries are tried apart", extra=told)
        middle = len(batch) // 2
        await self._commit(batch[:middle])
        await self._commit(batch[middle:])


def _alerts_in(batch: Sequence[_Waiting]) -> int:
    return sum(len(waiting.delivery.alerts) for waiting in batch)


def _answer(waiting: _Waiting, ingested: Ingested) -> None:
    """Unless its sender has gone meanwhile."""
    if not waiting.done.done():
        waiting.done.set_result(ingested)


def _fail(waiting: _Waiting, error: Exception) -> None:
    if not waiting.done.done():
        waiting.done.set_exception(error)


def _facts(batch: Sequence[_Waiting]) -> Mapping[str, object]:
    """For logs: of which requests it is."""
    if len(batch) == 1:
        return batch[0].facts
    return {"request_ids": [waiting.facts.get("request_id") for waiting in batch]}


def _traced(batch: Sequence[_Waiting]) -> AbstractContextManager[Span]:
    """A part of the first request of which anybody sees a trace; all of them are linked with it."""
    if not tracing.is_on():
        return tracing.span("")
    first = next((one.span for one in batch if one.span.is_sampled), batch[0].span)
    links = [told for one in batch if len(batch) > 1 and (told := one.span.traceparent)]
    counted = {
        "bongsu.deliveries": len(batch),
        "bongsu.alerts": _alerts_in(batch),
    }
    return tracing.span("commit a batch", counted, parent=first.traceparent, links=links)
