"""One claimed row to Slack and back: posted or updated, found again, or given back with a reason."""

import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from base import failpoints, tracing
from base.failpoints import Failpoint
from bot.blocks.call import call
from bot.blocks.card import LinkTo, nowhere
from bot.blocks.digest import digest
from bot.blocks.opening_mention import mentions, opening_mention
from bot.blocks.reminder import reminder
from bot.blocks.rollup import SERVICES, WORST, rollup
from bot.blocks.thread import thread_entry
from bot.client import SLACK_ERRORS
from bot.groups import Groups
from bot.language import speaking
from bot.message import Message
from bot.publisher.approvals import approval_question
from bot.publisher.content import sha256_of, unless_refused
from bot.publisher.crossing import with_links
from bot.publisher.late_call import LateCalls
from bot.publisher.metrics import PublisherMetrics
from bot.publisher.notices import notice, tell_of_channel
from bot.publisher.pages import page
from bot.publisher.reports import report_message
from bot.publisher.shown import as_card
from bot.publisher.slack import Place, Slack
from bot.publisher.verdict import STANDS, Failure, Verdict, judge
from incidents.escalation.coming import coming
from incidents.model import EventKind
from incidents.outages import Outage
from incidents.outbox import Job, OutboxKind, Priority
from incidents.policy import Policies, Policy
from incidents.ports import Transactions, UnitOfWork
from incidents.rules.still_matters import still_matters
from incidents.schedules.now import with_people
from incidents.storms import storm_named

logger = logging.getLogger(__name__)

SETTLING = timedelta(seconds=5)
"""After an unknown outcome Slack may still be storing the message: it is looked for after this, not before."""
_LONGEST_WAIT = timedelta(minutes=5)
_LONGEST_SILENCE = timedelta(seconds=30)
"""Where Slack does not answer: that it is back must be noticed before this counts as an outage."""
_NO_PLACE_WAIT = timedelta(minutes=1)
"""So often it is tried whether somebody has mended the default channel."""
SEND_WITHIN = 2.0
"""Seconds after a row was claimed, or leased anew, in which a call to Slack about it may begin.

With 10 s for the call it ends before the lease does, of 13 s: whoever takes the row over then sees what it has done."""
SEND_WITHIN_ANEW = SEND_WITHIN + 13.0
"""The same after it was leased anew, which is for twice as long: all is slow then, perhaps the database."""
_PATIENCE = timedelta(seconds=13)
"""As long as the lease: what the database can't be told by then, is another's to find out."""
_MENTIONING = (OutboxKind.REMINDER, OutboxKind.ROLLUP, OutboxKind.PAGE)
_ROOTS = (
    OutboxKind.CARD, OutboxKind.NOTICE, OutboxKind.DIGEST, OutboxKind.ROLLUP, OutboxKind.PAGE, OutboxKind.REPORT,
)  # fmt: skip
"""What stands in a channel itself, not in a thread."""


class LockedOut(Exception):
    """Slack refuses our token or a scope is missing: whatever is tried next would be refused, too."""


class NotYet(Exception):
    """Nothing was sent: its turn comes after ``wait``."""

    def __init__(self, wait: timedelta, why: str) -> None:
        super().__init__(why)
        self.wait = wait


@dataclass(frozen=True)
class Courier:
    """``clock`` is monotonic, in seconds. ``groups`` None: a group that is named by its handle is only named.

    ``link_to`` tells the address of a message: (channel id, ts).
    """

    transactions: Transactions
    slack: Slack
    policies: Policies
    metrics: PublisherMetrics
    clock: Callable[[], float] = time.monotonic
    groups: Groups | None = None
    link_to: LinkTo = nowhere

    async def deliver(self, job: Job, *, deadline: float) -> None:
        """``deadline``: on ``clock``; from then on the row is leased anew before Slack is called. Raises LockedOut."""
        try:
            place = await self._find_again(job) or await self._send(job, deadline)
        except NotYet as not_yet:
            await self._give_back(job, not_yet.wait, str(not_yet))
            return
        except SLACK_ERRORS as error:
            failure = judge(error)
            await self._fail(job, failure)
            if failure.verdict is Verdict.UNKNOWN:
                await LateCalls(self.transactions, self.slack).make_good(job, lambda: self._channel_if_told(job))
            return
        if place is not None:
            failpoints.passed(Failpoint.PUBLISHER_POSTED if job.ts is None else Failpoint.PUBLISHER_UPDATED)
            await self._note_sent(job, place)

    async def _find_again(self, job: Job) -> Place | None:
        """Where an earlier post ended in the unknown: the message, if Slack has taken it after all.

        Where the history can't be read, a duplicate is better than a loss.
        """
        if job.unknown_since is None:
            return None
        if wait := await self.transactions.write(lambda uow: uow.publishing.may_read(), patience=_PATIENCE):
            raise NotYet(wait, "looking for messages has its pace, too")
        try:
            channel_id = await self._channel_id(job)
            found = await self.slack.find(job, channel_id, since=job.unknown_since) if channel_id else None
        except SLACK_ERRORS as error:
            failure = judge(error)
            if failure.verdict is Verdict.SLOW_DOWN:
                wait = timedelta(seconds=failure.retry_after)
                await self._write(lambda uow: uow.publishing.close_reads(wait=wait))
                raise NotYet(wait, failure.code) from error
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
        with tracing.step(f"render {job.kind.value}"):
            message = None if _is_shown(job) else await self._message(job)
        if message is None:
            await self._write(lambda uow: uow.outages.rest(job.id, fence=job.fence, rev=job.rev))
            return None
        if not await self._may_send(job, deadline):
            return None
        try:
            return await self._put(job, message)
        except SLACK_ERRORS as error:
            if judge(error).verdict is not Verdict.UNSHOWABLE or not message.blocks:
                raise
            await self._fall_to_plain_text(job, message, error)
            return None

    async def _message(self, job: Job) -> Message | None:
        """What to show, None: nothing. Raises NotYet where Slack wants no such call now."""
        policy = self.policies.current
        if self.groups is not None and job.kind in _MENTIONING:
            await self.groups.unknown(policy.mentions)
        if job.kind is OutboxKind.DIGEST:
            missed = await self.transactions.write(lambda uow: uow.outages.missed(job.id), patience=_PATIENCE)
            with speaking(policy.language):
                message = digest(missed) if missed.total else None
            closed = await self.transactions.read(lambda uow: uow.publishing.closed_for(job), patience=_PATIENCE)
        else:
            message, closed = await self.transactions.read(lambda uow: self._look(job, uow, policy), patience=_PATIENCE)
        if closed:
            raise NotYet(closed, "ratelimited")
        return message and unless_refused(message, job.refused_sha256)

    async def _look(self, job: Job, uow: UnitOfWork, policy: Policy) -> tuple[Message | None, timedelta]:
        if job.kind is OutboxKind.CARD:
            return await self._card(job, uow, policy)
        return await self._render(job, uow, policy), await uow.publishing.closed_for(job)

    async def _card(self, job: Job, uow: UnitOfWork, policy: Policy) -> tuple[Message, timedelta]:
        view = await uow.views.incident(job.incident_id)
        next_step, closed = await uow.together(coming(view.incident, uow), uow.publishing.closed_for(job))
        with speaking(policy.language):
            return as_card(view, next_step, uow.policy, link_to=self.link_to), closed

    async def _fall_to_plain_text(self, job: Job, message: Message, error: Exception) -> None:
        """As a call of its own, with a turn of its own; it stays plain while it says the same."""
        told = {"action": "outbox_plain_text", "outbox": job.id, "error": str(error)}
        logger.error("slack refuses our blocks, sending plain text", extra=told)
        self.metrics.plain_text.labels(job.kind.value).inc()
        await self._write(lambda uow: uow.publishing.plain(job, refused_sha256=sha256_of(message)))

    async def _may_send(self, job: Job, deadline: float) -> bool:
        """Whether the row is ours for as long as a call may take; right before each. It is leased anew if need be."""
        while (now := self.clock()) >= deadline:
            if not await self.transactions.write(lambda uow: uow.publishing.hold(job), patience=_PATIENCE):
                logger.warning("lost the fence", extra={"action": "outbox_fence_lost", "outbox": job.id})
                return False
            deadline = now + SEND_WITHIN_ANEW
        return True

    async def _channel_if_told(self, job: Job) -> str | None:
        try:
            return await self._channel_id(job)
        except SLACK_ERRORS:
            return None

    async def _put(self, job: Job, message: Message) -> Place:
        return await (self.slack.post(job, message) if job.ts is None else self.slack.update(job, message))

    async def _render(self, job: Job, uow: UnitOfWork, policy: Policy) -> Message | None:
        """In the workspace's language, whoever has asked for it."""
        with speaking(policy.language):
            return await self._rendered(job, uow, policy)

    async def _rendered(self, job: Job, uow: UnitOfWork, policy: Policy) -> Message | None:
        """What is no card."""
        match job.kind:
            case OutboxKind.THREAD:
                event = await with_links(await uow.timeline.get(job.event_id), uow, self.link_to)
                return thread_entry(event, await uow.incidents.get(job.incident_id))
            case OutboxKind.REMINDER:
                return await self._reminder(job, uow)
            case OutboxKind.NOTICE:
                return await notice(job.subject, uow, policy, self.link_to)
            case OutboxKind.ROLLUP:
                storm = await uow.storms.view(storm_named(job.subject), worst=WORST, services=SERVICES)
                named = policy.mentioned_in(storm.storm.channel)
                people = await with_people(named, policy, uow, at=storm.storm.began_at)
                return rollup(storm, mention=self._mention(people))
            case OutboxKind.PAGE:
                return await page(job, uow, mention=self._mention, link_to=self.link_to)
            case OutboxKind.REPORT:
                return await report_message(job, uow, policy, self.link_to)
            case _:
                raise LookupError(f"nothing is known of a {job.kind.value}")

    async def _reminder(self, job: Job, uow: UnitOfWork) -> Message | None:
        event, incident = await uow.timeline.get(job.event_id), await uow.incidents.get(job.incident_id)
        if event.kind is EventKind.APPROVAL_ASKED:
            return await approval_question(event, incident, uow)
        if event.kind not in {EventKind.OPENED, EventKind.ESCALATED}:
            return reminder(event, incident)
        if job.ts is None and not still_matters(event, incident):
            return None
        if event.kind is EventKind.ESCALATED:
            return call(event, incident, mention=self._mention(event.data.get("mention", ())))
        return opening_mention(incident, mention=self._mention(event.data.get("notify", ())))

    def _mention(self, named: Iterable[str]) -> str:
        return mentions(named, self.groups.ids if self.groups is not None else {})

    async def _note_sent(self, job: Job, place: Place) -> None:
        async def work(uow: UnitOfWork) -> tuple[bool, Outage | None, timedelta | None]:
            kept = await uow.publishing.sent(job, channel_id=place.channel_id, ts=place.ts, rev=place.rev)
            if kept and job.kind is OutboxKind.CARD and job.ts is None:
                await _show_the_way_there(job.incident_id, uow)
            over = await uow.outages.ended() if job.away else None
            return kept, over, None if job.wanted_at is None else uow.now - job.wanted_at

        kept, over, delay = await self.transactions.write(work, patience=_PATIENCE)
        if over is not None:
            told = {"action": "slack_back", "since": str(over.since), "until": str(over.until)}
            logger.warning("slack is back, each channel is told what it missed", extra=told)
        if not kept:
            await self._make_good(job, place)
        elif delay is not None:
            self.metrics.delay.labels(job.kind.value).observe(delay.total_seconds())

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
        tracing.current().fail(failure.code)
        match failure.verdict:
            case Verdict.SLOW_DOWN:
                await self._slow_down(job, timedelta(seconds=failure.retry_after))
            case Verdict.GONE:
                await self._anew(job, failure)
            case Verdict.NO_PLACE:
                await self._elsewhere(job, failure)
            case Verdict.UNKNOWN | Verdict.NOT_SENT | Verdict.LOCKED_OUT:
                await self._unanswered(job, failure)
            case _:
                await self._give_back(job, _after_refusal(job), failure.code)

    async def _slow_down(self, job: Job, wait: timedelta) -> None:
        unknown = job.unknown_since is not None

        async def work(uow: UnitOfWork) -> None:
            await uow.publishing.close_way(job, wait=wait)
            await uow.publishing.later(job, wait=wait, error="ratelimited", outcome_unknown=unknown)

        await self.transactions.write(work, patience=_PATIENCE)

    async def _anew(self, job: Job, failure: Failure) -> None:
        if job.ts is None:
            await self._below_no_card(job, failure)
            return
        if failure.code in STANDS:
            with contextlib.suppress(*SLACK_ERRORS):
                await self.slack.delete(Place(job.channel, job.ts, job.rev))
        await self._write(lambda uow: uow.publishing.post_anew(job))

    async def _below_no_card(self, job: Job, failure: Failure) -> None:
        """The card is gone, or its channel: an update finds that out and makes a new one, which this then follows."""

        async def work(uow: UnitOfWork) -> None:
            await uow.publishing.touch_card(job)
            await uow.publishing.later(job, wait=_backoff(job), error=failure.code, outcome_unknown=False)

        await self._write(work)

    async def _unanswered(self, job: Job, failure: Failure) -> None:
        """Slack did not answer, or only that we may not. Raises LockedOut."""
        locked_out, sent = failure.verdict is Verdict.LOCKED_OUT, failure.verdict is Verdict.UNKNOWN
        unknown = sent or job.unknown_since is not None

        async def work(uow: UnitOfWork) -> None:
            is_outage = await uow.outages.failed(failure.code, locked_out=locked_out)
            wait = timedelta(0) if is_outage or locked_out else min(_backoff(job), _LONGEST_SILENCE)
            settled = max(wait, SETTLING) if sent else wait
            await uow.publishing.later(job, wait=settled, error=failure.code, outcome_unknown=unknown)

        await self._write(work)
        if locked_out:
            raise LockedOut(failure.code)

    async def _elsewhere(self, job: Job, failure: Failure) -> None:
        """The channel can't take it: the default channel must, else it waits for somebody to mend the channel."""
        channel, is_news = await self.transactions.write(
            lambda uow: self._find_a_place(job, failure, uow), patience=_PATIENCE
        )
        self.metrics.no_place.labels(failure.code).inc()
        logger.log(
            logging.ERROR if is_news else logging.WARNING,
            "slack has no place for it in %s: invite the app there, or correct the route",
            channel,
            extra={"action": "slack_channel_unusable", "channel": channel, "error": failure.code},
        )

    async def _find_a_place(self, job: Job, failure: Failure, uow: UnitOfWork) -> tuple[str, bool]:
        policy = self.policies.current
        fallback = policy.default_channel
        channel, is_news = await uow.publishing.unusable(job, code=failure.code)
        if job.kind not in _ROOTS:
            await uow.publishing.touch_card(job)
            await uow.publishing.later(job, wait=_backoff(job), error=failure.code, outcome_unknown=False)
        elif channel != fallback:
            await uow.publishing.post_anew(job, channel=fallback)
        elif job.ts is None:
            await uow.publishing.nowhere(job, wait=_NO_PLACE_WAIT, error=failure.code)
        else:
            await uow.publishing.later(job, wait=_NO_PLACE_WAIT, error=failure.code, outcome_unknown=False)
        await tell_of_channel(channel, uow, admins=policy.channel_for_admins, is_news=is_news)
        return channel, is_news

    async def _give_back(self, job: Job, wait: timedelta, error: str, *, unknown: bool = False) -> None:
        """What was unknown before stays so, until the message was found or posted."""
        unknown = unknown or job.unknown_since is not None
        await self._write(lambda uow: uow.publishing.later(job, wait=wait, error=error, outcome_unknown=unknown))

    async def _write(self, work: Callable[[UnitOfWork], object]) -> None:
        await self.transactions.write(work, patience=_PATIENCE)  # type: ignore[arg-type]


def _is_shown(job: Job) -> bool:
    """By another message; or it is a digest, which is written once and for all."""
    return (job.ts is None and job.shown_elsewhere) or (job.kind is OutboxKind.DIGEST and job.ts is not None)


def _after_refusal(job: Job) -> timedelta:
    """Tries while Slack was away say little of a message; but a digest that it won't have must hold nobody up."""
    was_tried_for_others = job.away and job.kind is not OutboxKind.DIGEST
    return min(_backoff(job), _LONGEST_SILENCE) if was_tried_for_others else _backoff(job)


def _backoff(job: Job) -> timedelta:
    """1 s, 2 s, 4 s … 5 min."""
    return min(timedelta(seconds=2 ** min(job.attempts - 1, 10)), _LONGEST_WAIT)


async def _show_the_way_there(incident_id: int, uow: UnitOfWork) -> None:
    """Cards of what was merged into it have a button that leads to its card, which has an address only now."""
    merged = await uow.merges.merged_into([incident_id])
    await uow.outbox.touch_cards((one.id for one in merged), priority=Priority.UPDATE)
