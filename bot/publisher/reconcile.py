"""A slow walk through the cards that Slack shows: is each still there, and does it say what the database says?"""

import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from html import unescape
from typing import Any

from bot.blocks.card import LinkTo, nowhere
from bot.client import SLACK_ERRORS
from bot.language import speaking
from bot.message import Message
from bot.publisher.content import sha256_of, unless_refused
from bot.publisher.metrics import PublisherMetrics
from bot.publisher.shown import card_now
from bot.publisher.slack import Slack, shown_rev
from bot.publisher.verdict import Verdict, judge
from incidents.errors import BongsuError
from incidents.ports import Transactions, UnitOfWork
from incidents.reconciling import ShownCard

logger = logging.getLogger(__name__)

REST = timedelta(seconds=15)
"""Between two incidents, whichever process looks at them: four a minute, and none while anything is due."""
_REST_AFTER_ALL = timedelta(minutes=5)
_REST_BLIND = timedelta(hours=1)
_EMOJI = re.compile(r":[a-z0-9_+'-]+:")


class Reconciler:
    """Any number of processes may have one: they take turns."""

    def __init__(
        self,
        transactions: Transactions,
        slack: Slack,
        metrics: PublisherMetrics,
        *,
        rest: timedelta = REST,
        link_to: LinkTo = nowhere,
    ) -> None:
        self._transactions = transactions
        self._slack = slack
        self._metrics = metrics
        self._rest = rest
        self._link_to = link_to
        self._said_blind: set[str] = set()
        self._mended: dict[int, str] = {}

    async def tick(self) -> None:
        """The cards of one incident, if it is time. What goes wrong waits for a later tick."""
        try:
            cards = await self._transactions.write(
                lambda uow: uow.reconciling.next(rest=self._rest, rest_after_all=_REST_AFTER_ALL)
            )
            for shown in cards:
                await self._look_at(shown)
        except BongsuError as error:
            logger.warning("cards are not compared", extra={"action": "reconcile_waits", "error": str(error)})

    async def _look_at(self, shown: ShownCard) -> None:
        if await self._transactions.write(lambda uow: uow.publishing.may_read()):
            return
        try:
            found = await self._slack.at(shown.channel_id, shown.ts)
        except SLACK_ERRORS as error:
            await self._could_not(shown, error)
            return
        wanted = await self._transactions.read(lambda uow: self._wanted(shown, uow))
        outcome = await self._mend(shown, found, wanted)
        self._metrics.reconciled.labels(outcome).inc()
        if outcome not in {"same", "changed"}:
            told = {"action": "reconciled", "outbox": shown.outbox_id, "outcome": outcome}
            logger.warning("slack shows a card wrongly, it is shown anew", extra=told)

    async def _wanted(self, shown: ShownCard, uow: UnitOfWork) -> Message:
        with speaking(uow.policy.language):
            wanted = await card_now(shown.incident_id, uow, link_to=self._link_to)
        return unless_refused(wanted, shown.refused_sha256)

    async def _mend(self, shown: ShownCard, found: Mapping[str, Any] | None, wanted: Message) -> str:
        """What was found; ``changed``: it has changed meanwhile, so the publisher looks after it anyway."""
        if found is None:
            mended = await self._transactions.write(lambda uow: uow.reconciling.missing(shown))
            return "missing" if mended else "changed"
        if self._is_shown(shown, found, wanted):
            return "same"
        mended = await self._transactions.write(lambda uow: uow.reconciling.differs(shown))
        return "differs" if mended else "changed"

    def _is_shown(self, shown: ShownCard, found: Mapping[str, Any], wanted: Message) -> bool:
        """By its metadata, which Slack keeps as it is; and by its letters, since Slack writes emoji and links its way.

        Where only the letters differ it is shown anew once, not each time: perhaps Slack writes more in its way.
        """
        metadata = found.get("metadata") or {}
        sha256, payload = sha256_of(wanted), metadata.get("event_payload") or {}
        if shown_rev(shown.outbox_id, metadata) != shown.rev or payload.get("sha256", sha256) != sha256:
            return False
        if letters(str(found.get("text", ""))) == letters(wanted.text) or self._mended.get(shown.outbox_id) == sha256:
            return True
        self._mended[shown.outbox_id] = sha256
        return False

    async def _could_not(self, shown: ShownCard, error: Exception) -> None:
        """Where the history can't be read that is said once, and it rests: updating each card would cost more."""
        failure = judge(error)
        self._metrics.reconciled.labels("unreadable").inc()
        if failure.verdict is Verdict.SLOW_DOWN:
            wait = timedelta(seconds=failure.retry_after)
            await self._transactions.write(lambda uow: uow.publishing.close_reads(wait=wait))
        elif failure.verdict is Verdict.LOCKED_OUT:
            await self._transactions.write(lambda uow: uow.reconciling.pause(_REST_BLIND))
        about = failure.code if failure.verdict is Verdict.LOCKED_OUT else f"{failure.code} {shown.channel_id}"
        if about not in self._said_blind:
            self._said_blind.add(about)
            told = {"action": "reconcile_blind", "channel": shown.channel_id, "error": failure.code}
            logger.warning("cards can't be compared with slack: its history can't be read", extra=told)


def letters(text: str) -> str:
    """Only letters and digits, without names of emoji."""
    return "".join(char for char in _EMOJI.sub("", unescape(text)) if char.isalnum())
