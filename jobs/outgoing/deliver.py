"""One claimed call to its receiver and back: taken, given back to be tried again, given up or dropped."""

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from base import failpoints, tracing
from base.failpoints import Failpoint
from incidents.errors import IncidentNotFound
from incidents.escalation.model import Template, Webhook
from incidents.escalation.webhooks import Unwanted, WebhookJob
from incidents.policy import Policies
from incidents.ports import Transactions, UnitOfWork
from incidents.rules.webhook_wanted import why_unwanted
from jobs.outgoing.call import Outgoing, Request
from jobs.outgoing.errors import Refused, Unreachable
from jobs.outgoing.metrics import WebhookMetrics
from jobs.outgoing.notices import take_back, tell
from jobs.outgoing.page import Page
from jobs.outgoing.templates import render
from jobs.outgoing.told import LinkTo, page_of
from jobs.outgoing.verdict import Failure, judge, wait_after
from jobs.outgoing.with_apprise import AppriseMissing, WithApprise

logger = logging.getLogger(__name__)

T = TypeVar("T")

BEGIN_WITHIN = 2.0
"""Seconds after claiming in which a call may begin: with its own 10 it ends before the lease does, of 13."""
BEGIN_WITHIN_ANEW = BEGIN_WITHIN + 13.0
"""The same after it was leased anew, which is for twice as long: all is slow then, perhaps the database."""
_PATIENCE = timedelta(seconds=13)
"""As long as the lease: what the database can't be told by then, is another's to find out."""
_GONE = Failure("the incident was deleted", "gone", is_final=True)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """``page`` None: there is nothing to say, ``unwanted`` tells why. ``now``: the database's clock as it was read."""

    now: datetime
    page: Page | None = None
    unwanted: Unwanted | None = None


def _nowhere(channel: str, ts: str) -> str | None:  # noqa: ARG001 - like those that know the workspace
    return None


@dataclass(frozen=True)
class Caller:
    """``clock`` is monotonic, in seconds. ``link_to``: the address of a message in Slack."""

    transactions: Transactions
    policies: Policies
    metrics: WebhookMetrics
    outgoing: Outgoing = field(default_factory=Outgoing)
    apprise: WithApprise = field(default_factory=WithApprise)
    clock: Callable[[], float] = time.monotonic
    link_to: LinkTo = _nowhere

    async def deliver(self, job: WebhookJob, *, deadline: float) -> None:
        """``deadline``: on ``clock``; from then on it is leased anew before anybody is called. Raises Unavailable."""
        webhook = self.policies.current.webhooks.get(job.name)
        if webhook is None:
            await self._fail(job, Failure("bongsu.yaml has no such webhook", "unknown"))
            return
        try:
            wanted = await self.transactions.read(lambda uow: self._look(job, uow), patience=_PATIENCE)
        except IncidentNotFound:
            await self._fail(job, _GONE)
            return
        page = wanted.page
        request = None if page is None else self._request(page, webhook, wanted.now)
        if page is None or (request is None and not _is_by_apprise(page, webhook)):
            await self._drop(job, wanted.unwanted or Unwanted.NOT_FOR_IT)
        elif await self._may_call(job, deadline):
            await self._conclude(job, await self._call(page, webhook, request, wanted.now))

    async def _look(self, job: WebhookJob, uow: UnitOfWork) -> _Wanted:
        page, incident = await page_of(job, uow, link_to=self.link_to)
        unwanted = why_unwanted(job.action, incident.status, is_begun=job.is_begun, was_told=job.was_told)
        return _Wanted(uow.now, None if unwanted else page, unwanted)

    async def _may_call(self, job: WebhookJob, deadline: float) -> bool:
        """Whether the row is ours for as long as a call may take; right before each. It is leased anew if need be."""
        while (now := self.clock()) >= deadline:
            if not await self.transactions.write(lambda uow: uow.webhooks.hold(job), patience=_PATIENCE):
                logger.warning("lost the fence", extra=_told(job, "webhook_fence_lost"))
                return False
            deadline = now + BEGIN_WITHIN_ANEW
        return True

    def _request(self, page: Page, webhook: Webhook, now: datetime) -> Request | None:
        return None if webhook.template is Template.APPRISE else render(page, webhook, at=now)

    async def _call(self, page: Page, webhook: Webhook, request: Request | None, now: datetime) -> Failure | None:
        """None: the receiver has taken it."""
        began = self.clock()
        failure = await self._try(page, webhook, request, now)
        self.metrics.called(webhook.name, failure.code if failure else "done", seconds=self.clock() - began)
        return failure

    async def _try(self, page: Page, webhook: Webhook, request: Request | None, now: datetime) -> Failure | None:
        try:
            if request is None:
                await self.apprise.send(page, webhook)
                return None
            return judge(await self.outgoing.send(request), now=now)
        except Unreachable as error:
            return Failure(str(error), error.code)
        except (Refused, AppriseMissing) as error:
            return Failure(str(error), "refused", is_final=True)

    async def _conclude(self, job: WebhookJob, failure: Failure | None) -> None:
        failpoints.passed(Failpoint.WEBHOOK_SENT)
        if failure is None:
            await self._note_sent(job)
        else:
            await self._fail(job, failure)
        failpoints.passed(Failpoint.WEBHOOK_STORED)

    async def _note_sent(self, job: WebhookJob) -> None:
        async def work(uow: UnitOfWork) -> bool:
            kept = await uow.webhooks.sent(job)
            if kept:
                await take_back(job, uow)
            return kept

        self._say(job, await self._write(work), "webhook_sent", "a webhook was told")

    async def _fail(self, job: WebhookJob, failure: Failure) -> None:
        async def work(uow: UnitOfWork) -> tuple[bool, bool]:
            wait = wait_after(failure, attempts=job.attempts, began_at=job.began_at, now=uow.now)
            if wait is None:
                kept = await uow.webhooks.give_up(job, error=failure.why)
            else:
                kept = await uow.webhooks.later(job, wait=wait, error=failure.why)
            if kept:
                await tell(job, uow, gave_up=wait is None)
            return kept, wait is None

        tracing.current().fail(failure.code)
        kept, gave_up = await self._write(work)
        if kept and gave_up:
            self.metrics.gave_up(job.name)
        action = "webhook_gave_up" if gave_up else "webhook_later"
        self._say(job, kept, action, f"a webhook was not told: {failure.why}", level=logging.WARNING)

    async def _drop(self, job: WebhookJob, reason: Unwanted) -> None:
        kept = await self._write(lambda uow: uow.webhooks.drop(job, reason=reason))
        if kept:
            self.metrics.dropped(job.name)
        self._say(job, kept, "webhook_dropped", f"a webhook need not be told: {reason.value}")

    def _say(self, job: WebhookJob, kept: bool, action: str, what: str, *, level: int = logging.INFO) -> None:
        if kept:
            logger.log(level, what, extra=_told(job, action))
        else:
            logger.warning("lost the fence", extra=_told(job, "webhook_fence_lost"))

    async def _write(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        return await self.transactions.write(work, patience=_PATIENCE)


def _is_by_apprise(page: Page, webhook: Webhook) -> bool:
    """Those whom Apprise reaches keep no incidents: they hear of pages alone."""
    return webhook.template is Template.APPRISE and page.is_trigger


def _told(job: WebhookJob, action: str) -> dict[str, object]:
    of_it = {"webhook": job.name, "call": job.id, "incident": job.incident_id, "does": job.action.value}
    return {"action": action, **of_it}
