"""The sender's loop: claim, call, and wait to be woken. It stands beside the publisher and never waits for Slack."""

import asyncio
import contextlib
import logging
import time
from collections import Counter

from base import failpoints, log_context, tracing
from base.failpoints import Failpoint
from base.tracing import Kind
from incidents.errors import BongsuError, NewerDatabase, OlderDatabase
from incidents.escalation.webhooks import WebhookJob
from incidents.ports import Transactions
from jobs.outgoing.deliver import BEGIN_WITHIN, Caller
from jobs.outgoing.metrics import WebhookMetrics

logger = logging.getLogger(__name__)

_AT_ONCE = 8
_EACH = 2
"""Calls to one webhook at a time: one that hangs holds up nobody else's."""
_LOOK_SECONDS = 0.5
"""So often at most it is looked whether something is due: intake commits by the hundred."""


class Sender:
    """``wake`` says that there may be something to do; the ticker wakes it, too."""

    def __init__(self, *, transactions: Transactions, caller: Caller, metrics: WebhookMetrics, holder: str) -> None:
        self._transactions = transactions
        self._caller = caller
        self._metrics = metrics
        self._holder = holder
        self._woken, self._stopped = asyncio.Event(), asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._under_way: dict[asyncio.Task[None], str] = {}

    def wake(self) -> None:
        """Soon: many such words are one."""
        self._woken.set()

    def start(self) -> None:
        self._loop = asyncio.create_task(self._run(), name="webhooks")

    async def stop(self) -> None:
        """Claim nothing more, and let what is under way come to its end: a call lasts 10 s at most."""
        self._stopped.set()
        self.wake()
        if self._loop is not None:
            await self._loop
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def sample(self) -> None:
        """Bring the gauges up to date."""
        depth, age = await self._transactions.read(lambda uow: uow.webhooks.depth())
        self._metrics.depth.set(depth)
        self._metrics.age.set(age.total_seconds())

    async def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                await self._turn()
            except (OlderDatabase, NewerDatabase):
                await self._rest(1.0)  # the transactions have said it, once
            except BongsuError as error:
                logger.warning("webhooks wait", extra={"action": "webhooks_wait", "error": str(error)})
                await self._rest(1.0)
            except Exception:  # whatever it was: a sender that dies in silence is the worst of all
                logger.exception("the sender stumbled", extra={"action": "webhooks_stumbled"})
                await self._rest(1.0)

    async def _turn(self) -> None:
        """Some calls are taken, or it waits until there may be one."""
        await self._woken.wait()
        if self._stopped.is_set():
            return
        self._woken.clear()
        claimed_at = time.monotonic()
        if len(self._under_way) < _AT_ONCE and await self._transactions.read(lambda uow: uow.webhooks.is_due()):
            jobs = await self._claim()
            for job in jobs:
                failpoints.passed(Failpoint.WEBHOOK_CLAIMED)
                self._begin(job, claimed_at + BEGIN_WITHIN)
            if jobs:
                self.wake()
                return
        await self._rest(_LOOK_SECONDS)

    async def _claim(self) -> list[WebhookJob]:
        """The room that is left, and nothing for those who have had theirs."""
        busy = Counter(self._under_way.values())
        full = sorted(name for name, count in busy.items() if count >= _EACH)
        room = _AT_ONCE - len(self._under_way)
        claimed = await self._transactions.write(
            lambda uow: uow.webhooks.claim(holder=self._holder, most=room, each=_EACH, without=full)
        )
        return list(claimed)

    def _begin(self, job: WebhookJob, deadline: float) -> None:
        task = asyncio.create_task(self._deliver(job, deadline), name=f"webhook-{job.id}")
        self._under_way[task] = job.name
        task.add_done_callback(self._finished)

    async def _deliver(self, job: WebhookJob, deadline: float) -> None:
        with log_context.bound(call=job.id, incident=job.incident_id):
            await self._deliver_it(job, deadline)

    async def _deliver_it(self, job: WebhookJob, deadline: float) -> None:
        known = {"bongsu.webhook.call.id": job.id, "bongsu.incident.id": job.incident_id}
        try:
            name = f"webhook {job.action.value}"
            with tracing.span(name, known, kind=Kind.CONSUMER, parent=job.traceparent) as span:
                span.set("bongsu.webhook.attempts", job.attempts)
                await self._caller.deliver(job, deadline=deadline)
        except BongsuError as error:
            # The lease ends by itself, and the call is looked at again.
            logger.warning("a webhook was interrupted", extra={"action": "webhook_interrupted", "error": str(error)})

    def _finished(self, task: asyncio.Task[None]) -> None:
        """What nobody foresaw is said aloud; the lease ends by itself, and it is tried again."""
        self._under_way.pop(task, None)
        self.wake()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            told = {"action": "webhook_stumbled", "task": task.get_name()}
            logger.error("a call stumbled", exc_info=error, extra=told)

    async def _rest(self, seconds: float) -> None:
        """So long, whoever wakes it, unless it is to stop."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopped.wait()
