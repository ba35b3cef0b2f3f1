"""Saying that we are alive to a dead man's switch elsewhere, which calls people when it hears nothing more."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from prometheus_client import CollectorRegistry, Gauge

from incidents.errors import BongsuError
from incidents.escalation.overdue import overdue
from incidents.heartbeats.model import DeadMansSwitch
from incidents.policy import Policies
from incidents.ports import Transactions, UnitOfWork
from incidents.rules.dead_mans_switch import Withheld, withheld
from jobs.outgoing.call import Outgoing, Request
from jobs.outgoing.errors import Redirected, Refused, Unreachable

logger = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks whether it is time."""
_EARLY = timedelta(seconds=EVERY)
_MOST_BYTES = 4096


class FetchFailed(BongsuError):
    """The call was not made, or nobody answered in time. It says nothing of the URL but its host."""


class Fetch(Protocol):
    """Who makes the call."""

    async def fetch(self, url: str, *, allow_private: bool) -> int:
        """GET it, following nothing; the status of the answer. Raises FetchFailed."""


class GuardedFetch:
    """To an address that was looked at, and to no other. Where a redirect leads is not told: it may hold the secret."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    async def fetch(self, url: str, *, allow_private: bool) -> int:
        request = Request("GET", url, allow_private=allow_private, most_bytes=_MOST_BYTES)
        try:
            return (await self._outgoing.send(request)).status
        except Redirected as error:
            raise FetchFailed("it answered with a redirect, which is not followed") from error
        except (Refused, Unreachable) as error:
            raise FetchFailed(str(error)) from error


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
            await self._call(switch)

    def _withhold(self, why: Withheld, **more: str) -> None:
        self._metrics.says(why)
        told = {"action": "heartbeat_withheld", "reason": why.value, **more}
        logger.warning("the dead man's switch is not called", extra=told)

    async def _call(self, switch: DeadMansSwitch) -> None:
        """The URL is a secret: it stands in no log."""
        try:
            status = await self._fetch.fetch(switch.url, allow_private=switch.allow_private)
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
    late, since = await overdue(uow), await uow.heartbeats.unseen_since()
    return _Turn(is_ours=True, why_not=withheld(overdue_steps=late.steps, waiting_since=since, now=uow.now))
