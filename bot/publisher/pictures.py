"""Pictures below digests: drawn in a thread, and uploaded once the digest's message stands.

Normally each once. Where nobody knows whether Slack has taken one it is uploaded again: a second picture does no harm.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks.chart_text import chart_in_words, chart_title
from bot.chart import Draw
from bot.client import SLACK_ERRORS
from bot.language import speaking
from bot.publisher.metrics import PublisherMetrics
from bot.publisher.verdict import Failure, Verdict, judge
from incidents.clock.lookout import Lookout
from incidents.digests.model import WantedChart
from incidents.digests.report import Trend, past_of, trend_of
from incidents.errors import BongsuError
from incidents.policy import Policies
from incidents.ports import Transactions, UnitOfWork

logger = logging.getLogger(__name__)

_LEASE = timedelta(minutes=2)
"""Drawing takes a second or two, and each of the three calls at most ten."""
_MOST_ATTEMPTS = 5
_WAIT = timedelta(seconds=20)
_LATER = frozenset({Verdict.UNKNOWN, Verdict.NOT_SENT, Verdict.SLOW_DOWN})
_METHOD = "files_upload_v2"


class Pictures:
    """Any number of processes may have one. ``draw`` None: there is nothing to draw with.

    ``lookout``: whoever looks for others, too; None: it looks for itself.
    """

    def __init__(
        self,
        transactions: Transactions,
        client: AsyncWebClient,
        policies: Policies,
        metrics: PublisherMetrics,
        *,
        draw: Draw | None,
        lookout: Lookout | None = None,
    ) -> None:
        self._transactions = transactions
        self._first_look = lookout.over(_any_chart) if lookout is not None else self._is_due
        self._client = client
        self._policies = policies
        self._metrics = metrics
        self._draw = draw
        self._has_said = False

    async def tick(self) -> None:
        """All that are due. Where the database is away they wait for a later tick."""
        try:
            is_due = await self._first_look()
            while is_due:
                wanted = await self._transactions.write(lambda uow: uow.digests.take_chart(lease=_LEASE))
                if wanted is None:
                    return
                await self._give(wanted)
                is_due = await self._is_due()
        except BongsuError as error:
            logger.warning("pictures wait", extra={"action": "pictures_wait", "error": str(error)})

    async def _is_due(self) -> bool:
        return await self._transactions.read(_any_chart)

    async def _give(self, wanted: WantedChart) -> None:
        if self._draw is None:
            self._say_once("matplotlib is not installed, so digests have no pictures: install bongsu[charts]")
            await self._done(wanted, file_id=None)
            return
        trend = await self._trend(wanted)
        picture = await asyncio.to_thread(self._draw, trend)
        try:
            file_id = await self._upload(wanted, trend, picture)
        except SLACK_ERRORS as error:
            await self._failed(wanted, judge(error))
            return
        await self._done(wanted, file_id=file_id)

    async def _trend(self, wanted: WantedChart) -> Trend:
        policy, edition = self._policies.current, wanted.edition
        past = await self._transactions.read(lambda uow: past_of(edition, uow))
        return await asyncio.to_thread(trend_of, edition, past, policy.reopen_window)

    async def _upload(self, wanted: WantedChart, trend: Trend, picture: bytes) -> str:
        """Slack's id of the file."""
        with speaking(self._policies.current.language):
            title, told = chart_title(trend), chart_in_words(trend)
        started, outcome = time.monotonic(), "ok"
        try:
            response = await self._client.files_upload_v2(
                content=picture,
                filename=f"digest-{wanted.edition.id}.png",
                title=title,
                alt_txt=told,
                channel=wanted.channel_id,
                thread_ts=wanted.ts,
            )
        except SLACK_ERRORS as error:
            outcome = judge(error).code
            raise
        finally:
            self._metrics.called(_METHOD, outcome, seconds=time.monotonic() - started)
        return _file_id(response.data if isinstance(response.data, dict) else {})

    async def _failed(self, wanted: WantedChart, failure: Failure) -> None:
        told = {"action": "picture_failed", "digest": wanted.edition.id, "error": failure.code}
        if failure.verdict in _LATER and wanted.attempts < _MOST_ATTEMPTS:
            logger.warning("slack did not take a picture", extra=told)
            wait = max(_WAIT * wanted.attempts, timedelta(seconds=failure.retry_after))
            await self._transactions.write(lambda uow: uow.digests.chart_later(wanted.edition.id, wait=wait))
            return
        if failure.code == "missing_scope":
            self._say_once("digests have no pictures: the app lacks the scope files:write, see docs/slack-app.md")
        else:
            logger.warning("slack will not take a picture: its digest goes without", extra=told)
        await self._done(wanted, file_id=None)

    async def _done(self, wanted: WantedChart, *, file_id: str | None) -> None:
        await self._transactions.write(lambda uow: uow.digests.chart_done(wanted.edition.id, file_id=file_id))

    def _say_once(self, what: str) -> None:
        if not self._has_said:
            logger.warning(what, extra={"action": "no_pictures"})
        self._has_said = True


def _file_id(told: Mapping[str, Any]) -> str:
    files = told.get("files") or []
    return str(files[0].get("id", "")) if files else ""


async def _any_chart(uow: UnitOfWork) -> bool:
    return await uow.digests.any_chart()
