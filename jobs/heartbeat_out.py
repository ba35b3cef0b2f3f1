"""Saying that we are alive to a dead man's switch elsewhere, which calls people when it hears nothing more."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import aiohttp
from prometheus_client import CollectorRegistry, Gauge

from incidents.errors import BongsuError
from incidents.escalation.overdue import overdue
from incidents.policy import Policies
from incidents.ports import Transactions, UnitOfWork
from incidents.rules.dead_mans_switch import Withheld, withheld

logger = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks whether it is time."""
_EARLY = timedelta(seconds=EVERY)
_WITHIN_SECONDS = 10.0


class FetchFailed(BongsuError):
    """Nobody answered, or not in time."""


class Fetch(Protocol):
    """Who makes the call."""

    async def fetch(self, url: str) -> int:
        """GET it, following nothing; the status of the answer. Raises FetchFailed."""


class PlainFetch:
    """Over a session that somebody else closes."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def fetch(self, url: str) -> int:
        within = aiohttp.ClientTimeout(total=_WITHIN_SECONDS)
        try:
            async with self._session.get(url, timeout=within, allow_redirects=False) as response:
                return response.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise FetchFailed(f"no answer ({type(error).__name__})") from error


class SwitchMetrics:
    """Made once, on the registry that it is handed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.last = Gauge(
            "bongsu_heartbeat_last_success_timestamp_seconds",
            "When this process last called the dead man's switch and was answered",
            registry=registry,
        )
        self.withheld = Gauge(
            "bongsu_heartbeat_withheld",
            f"1 while this process does not call it, by reason: {', '.join(Withheld)}",
            ["reason"],
            registry=registry,
        )

    def says(self, why: Withheld | None) -> None:
        for reason in Withheld:
            self.withheld.labels(reason.value).set(reason is why)


@dataclass(frozen=True, slots=True)
class _Turn:
    is_ours: bool
    why_not: Withheld | None


class Switch:
    """Any number of processes may have one: one of them calls, as often as is configured."""

    def __init__(self, transactions: Transactions, policies: Policies, fetch: Fetch, metrics: SwitchMetrics) -> None:
        self._transactions = transactions
        self._policies = policies
        self._fetch = fetch
        self._metrics = metrics

    async def tick(self) -> None:
        """Call it, if it is time, it is ours to do, and all is well."""
        switch = self._policies.current.heartbeat
        if switch is None:
            return
        rest = max(switch.every - _EARLY, timedelta(seconds=1))
        try:
            turn = await self._transactions.write(lambda uow: _turn(uow, rest))
        except BongsuError as error:
            self._withhold(Withheld.DATABASE, error=str(error))
            return
        if turn.is_ours and turn.why_not is not None:
            self._withhold(turn.why_not)
        elif turn.is_ours:
            self._metrics.says(None)
            await self._call(switch.url)

    def _withhold(self, why: Withheld, **more: str) -> None:
        self._metrics.says(why)
        told = {"action": "heartbeat_withheld", "reason": why.value, **more}
        logger.warning("the dead man's switch is not called", extra=told)

    async def _call(self, url: str) -> None:
        """The URL is a secret: it stands in no log."""
        try:
            status = await self._fetch.fetch(url)
        except FetchFailed as error:
            logger.warning("the dead man's switch", extra={"action": "heartbeat_failed", "error": str(error)})
            return
        if 200 <= status < 300:
            self._metrics.last.set_to_current_time()
            return
        logger.warning("the dead man's switch refused", extra={"action": "heartbeat_failed", "http_status": status})


async def _turn(uow: UnitOfWork, rest: timedelta) -> _Turn:
    """Taking it writes: where nothing can be written, nobody has it."""
    if not await uow.heartbeats.take_turn(rest=rest):
        return _Turn(is_ours=False, why_not=None)
    late, since = await overdue(uow), await uow.publishing.waiting_since()
    return _Turn(is_ours=True, why_not=withheld(overdue_steps=late.steps, waiting_since=since, now=uow.now))
