"""Where clicks, modals and commands meet the use cases: within Slack's three seconds, or with an honest answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from base import failpoints
from base.failpoints import Failpoint
from bot import clicked
from bot.answers import NoAnswer, outcome, sentence
from bot.client import Identity
from bot.home import Homes
from bot.metrics import BotMetrics
from bot.people import Directory
from incidents.errors import BongsuError
from incidents.model import Actor
from incidents.policy import Policies, Policy
from incidents.ports import Transactions, UnitOfWork

T = TypeVar("T")
Work = Callable[[UnitOfWork], Awaitable[T]]

PATIENCE = timedelta(seconds=2)
"""How long a write is tried while the database is away."""
DEADLINE_SECONDS = 2.5
"""Slack waits 3 s; the answer has to travel, too."""


@dataclass(frozen=True)
class Desk:
    """What every listener needs. ``changed`` wakes the publisher; ``now`` is this process's clock, aware."""

    transactions: Transactions
    changed: Callable[[], None]
    policies: Policies
    identity: Identity
    metrics: BotMetrics
    now: Callable[[], datetime]
    directory: Directory
    homes: Homes

    @property
    def policy(self) -> Policy:
        """As it is now: take it once for what belongs together."""
        return self.policies.current

    async def do(self, work: Work[T]) -> T:
        """Commit it, then wake the publisher. Raises NoAnswer where the database hangs, and what ``work`` raises.

        Not where what was clicked is something else by now: see ``bot.clicked``, which raises that.
        """
        work = failpoints.at_the_end_of(clicked.compared(work), Failpoint.ACTION_STORED)
        done = await _in_time(self.transactions.write(work, patience=PATIENCE))
        failpoints.passed(Failpoint.ACTION_COMMITTED)
        self.changed()
        return done

    async def look(self, work: Work[T], *, seconds: float = DEADLINE_SECONDS) -> T:
        """One snapshot. Raises NoAnswer, Unavailable, what ``work`` raises, and what ``bot.clicked`` does."""
        return await _in_time(self.transactions.read(clicked.compared(work)), seconds)

    async def attempt(self, kind: str, name: str, work: Work[object], *, by: Actor) -> str | None:
        """Do it and count it. None where it was done, else what to tell the person."""
        return (await self.try_to(kind, name, work, by=by)).problem

    async def try_to(self, kind: str, name: str, work: Work[T], *, by: Actor) -> "Tried[T]":
        """The same, for where it is told what was done, too."""
        started = time.monotonic()
        tried: Tried[T]
        became = "done"
        try:
            tried = Tried(done=await self.do(work))
        except BongsuError as error:
            tried, became = Tried(problem=sentence(error, to=by.id, now=self.now())), outcome(error)
        self.metrics.handled(kind, name, became, seconds=time.monotonic() - started)
        return tried


@dataclass(frozen=True, slots=True)
class Tried(Generic[T]):
    """``problem`` is what to tell the person, None where it was done; then ``done`` is what came of it."""

    problem: str | None = None
    done: T | None = None


async def _in_time(work: Awaitable[T], seconds: float = DEADLINE_SECONDS) -> T:
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError as error:
        raise NoAnswer from error
