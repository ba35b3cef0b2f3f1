"""One claimed row to Slack and back: posted or updated, found again, or given back with a reason."""

import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.blocks.card import card
from bot.blocks.notice import refusals_notice
from bot.blocks.reminder import reminder
from bot.blocks.thread import thread_entry
from bot.client import SLACK_ERRORS
from bot.message import Message
from bot.publisher.late_call import LateCalls
from bot.publisher.slack import Place, Slack
from bot.publisher.verdict import Failure, Verdict, judge
from incidents.deliveries import SourceHour
from incidents.policy import Policy
from incidents.ports import Job, OutboxKind, Transactions, UnitOfWork

logger = logging.getLogger(__name__)

SETTLING = timedelta(seconds=5)
"""After an unknown outcome Slack may still be storing the message: it is looked for after this, not before."""
_LONGEST_WAIT = timedelta(minutes=5)
_NO_PLACE_WAIT = timedelta(minutes=5)
SEND_WITHIN = 2.0
"""Seconds after a row was claimed, or leased anew, in which a call to Slack about it may begin.

With 10 s for the call it ends before the lease does, of 13 s: whoever takes the row over then sees what it has done."""
SEND_WITHIN_ANEW = SEND_WITHIN + 13.0
"""The same after it was leased anew, which is for twice as long: all is slow then, perhaps the database."""
_PATIENCE = timedelta(seconds=13)
"""As long as the lease: what the database can't be told by then, is another's to find out."""
_ROOTS = (OutboxKind.CARD, OutboxKind.NOTICE)
"""What stands in a channel itself, not in a thread."""


class LockedOut(Exception):
    """Slack refuses our token or a scope is missing: whatever is tried next would be refused, too."""


@dataclass(frozen=True)
class Courier:
    """``clock`` is monotonic, in seconds."""

    transactions: Transactions
    slack: Slack
    policy: Policy
    clock: Callable[[], float] = time.monotonic

    async def deliver(self, job: Job, *, deadline: float) -> None:
        """``deadline``: on ``clock``; from then on the row is leased anew before Slack is called. Raises LockedOut."""
        try:
            place = await self._find_again(job) or await self._send(job, deadline)
        except SLACK_ERRORS as error:
            failure = judge(error)
            await self._fail(job, failure)
            if failure.verdict is Verdict.UNKNOWN:
                await self._make_good_if_late(job)
            return
        if place is not None:
            await self._note_sent(job, place)

    async def _find_again(self, job: Job) -> Place | None:
        """Where an earlier post ended in the unknown: the message, if Slack has taken it after all.

        Where the history can't be read, a duplicate is better than a loss.
        """
        if job.unknown_since is None:
            return None
        try:
            channel_id = await self._channel_id(job)
            found = await self.slack.find(job, channel_id, since=job.unknown_since) if channel_id else None
        except SLACK_ERRORS as error:
            failure = judge(error)
            if failure.verdict not in {Verdict.NO_PLACE, Verdict.LOCKED_OUT, Verdict.REFUSED}:
                raise
            logger.warning(
                "can't look for a message", extra={"action": "outbox_blind", "outbox": job.id, "error": failure.code}
            )
            return None
        logger.info(
            "looked for a message", extra={"action": "outbox_lookup", "outbox": job.id, "found": found is not None}
        )
        return found

    async def _channel_id(self, job: Job) -> str | None:
        if not job.channel.startswith("#"):
            return job.channel
        known = await self.transactions.read(lambda uow: uow.publishing.known_channel_id(job.channel))
        return known or await self.slack.channel_id(job.channel)

    async def _send(self, job: Job, deadline: float) -> Place | None:
        message = await self.transactions.read(lambda uow: self._render(job, uow), patience=_PATIENCE)
        if not await self._may_send(job, deadline):
            return None
        try:
            return await self._put(job, message)
        except SLACK_ERRORS as error:
            if judge(error).verdict is not Verdict.UNSHOWABLE or not message.blocks:
                raise
            logger.exception(
                "slack refuses our blocks, sending plain text",
                extra={"action": "outbox_plain_text", "outbox": job.id},
            )
            if not await self._may_send(job, deadline):
                return None
            return await self._put(job, replace(message, blocks=[], text=message.text[:3900]))

    async def _may_send(self, job: Job, deadline: float) -> bool:
        """Whether the row is ours for as long as a call may take; right before each. It is leased anew if need be."""
        while (now := self.clock()) >= deadline:
            if not await self.transactions.write(lambda uow: uow.publishing.hold(job), patience=_PATIENCE):
                logger.warning("lost the fence", extra={"action": "outbox_fence_lost", "outbox": job.id})
                return False
            deadline = now + SEND_WITHIN_ANEW
        return True

    async def _make_good_if_late(self, job: Job) -> None:
        """Another may have taken the row over while our call was under way."""
        try:
            channel_id = await self._channel_id(job)
        except SLACK_ERRORS:
            channel_id = None
        await LateCalls(self.transactions, self.slack).make_good(job, channel_id)

    async def _put(self, job: Job, message: Message) -> Place:
        return await (self.slack.post(job, message) if job.ts is None else self.slack.update(job, message))

    async def _render(self, job: Job, uow: UnitOfWork) -> Message:
        match job.kind:
            case OutboxKind.CARD:
                return card(await uow.views.incident(job.incident_id), reopen_window=self.policy.reopen_window)
            case OutboxKind.THREAD:
                return thread_entry(await uow.timeline.get(job.event_id), await uow.incidents.get(job.incident_id))
            case OutboxKind.REMINDER:
                return reminder(await uow.timeline.get(job.event_id), await uow.incidents.get(job.incident_id))
            case OutboxKind.NOTICE:
                hour = SourceHour.named(job.subject)
                return refusals_notice(hour, await uow.deliveries.refusals(hour.source, hour.since, hour.until))

    async def _note_sent(self, job: Job, place: Place) -> None:
        where = {"channel_id": place.channel_id, "ts": place.ts, "rev": place.rev}
        kept = await self.transactions.write(lambda uow: uow.publishing.sent(job, **where), patience=_PATIENCE)  # type: ignore[arg-type]
        if not kept:
            await self._make_good(job, place)

    async def _make_good(self, job: Job, place: Place) -> None:
        """The fence was lost meanwhile: somebody else may have shown something newer, or posted a second time."""
        logger.warning("lost the fence", extra={"action": "outbox_fence_lost", "outbox": job.id})
        ts = await self.transactions.write(lambda uow: uow.publishing.touch(job), patience=_PATIENCE)
        if job.ts is None and ts != place.ts:
            with contextlib.suppress(*SLACK_ERRORS):
                await self.slack.delete(place)

    async def _fail(self, job: Job, failure: Failure) -> None:
        told = {"action": "outbox_failed", "outbox": job.id, "verdict": failure.verdict.value, "error": failure.code}
        logger.warning("slack did not take it", extra=told)
        match failure.verdict:
            case Verdict.SLOW_DOWN:
                await self._slow_down(job, timedelta(seconds=failure.retry_after))
            case Verdict.GONE:
                await self._write(lambda uow: uow.publishing.post_anew(job))
            case Verdict.NO_PLACE:
                await self._elsewhere(job, failure)
            case Verdict.UNKNOWN:
                await self._give_back(job, max(SETTLING, _backoff(job)), failure.code, unknown=True)
            case Verdict.LOCKED_OUT:
                await self._give_back(job, timedelta(0), failure.code)
                raise LockedOut(failure.code)
            case _:
                await self._give_back(job, _backoff(job), failure.code)

    async def _slow_down(self, job: Job, wait: timedelta) -> None:
        unknown = job.unknown_since is not None

        async def work(uow: UnitOfWork) -> None:
            await uow.publishing.close_way(job, wait=wait)
            await uow.publishing.later(job, wait=wait, error="ratelimited", outcome_unknown=unknown)

        await self.transactions.write(work, patience=_PATIENCE)

    async def _elsewhere(self, job: Job, failure: Failure) -> None:
        """The channel can't take it: the default channel must, else it waits for somebody to mend the channel."""
        fallback = self.policy.default_channel
        logger.error(
            "slack has no place for it in %s: invite the app there, or correct the route",
            job.channel,
            extra={"action": "slack_channel_unusable", "channel": job.channel, "error": failure.code},
        )
        if job.kind in _ROOTS and job.ts is None and job.attempts <= 1 and job.channel != fallback:
            await self._write(lambda uow: uow.publishing.post_anew(job, channel=fallback))
        else:
            await self._give_back(job, _NO_PLACE_WAIT, failure.code)

    async def _give_back(self, job: Job, wait: timedelta, error: str, *, unknown: bool = False) -> None:
        """What was unknown before stays so, until the message was found or posted."""
        unknown = unknown or job.unknown_since is not None
        await self._write(lambda uow: uow.publishing.later(job, wait=wait, error=error, outcome_unknown=unknown))

    async def _write(self, work: Callable[[UnitOfWork], object]) -> None:
        await self.transactions.write(work, patience=_PATIENCE)  # type: ignore[arg-type]


def _backoff(job: Job) -> timedelta:
    """1 s, 2 s, 4 s … 5 min."""
    return min(timedelta(seconds=2 ** min(job.attempts - 1, 10)), _LONGEST_WAIT)
