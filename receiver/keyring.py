"""The API keys that this process has seen, so that no request waits for the database to tell whose a key is.

A key is looked up when it is first seen, then in the background as long as it is used. What was told more than
``OLDEST_SECONDS`` ago is told anew before it counts, so a key that any process has revoked is refused by all within
five seconds. While the database is away what was told last goes on counting: nothing can be stored then anyway, and
webhooks are held until it is back.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from incidents.access.model import ApiKey
from incidents.errors import Unavailable
from incidents.ports import Transactions, UnitOfWork

FRESH_SECONDS = 2.0
OLDEST_SECONDS = 4.0
UNKNOWN_SECONDS = 1.0
"""So long it is remembered that there is no such key: one that is made meanwhile opens nothing before."""
AWAY_SECONDS = 2.0
"""After the database could not be asked: until then nobody waits for it again."""

MOST_KNOWN = 4096
MOST_UNKNOWN = 1024
USE_WRITTEN_EVERY = timedelta(minutes=1)
"""At most. What is written is the time of the use, by the database's clock."""

_UNKNOWN_AT_ONCE = 8
"""So many keys that were never seen are looked up at a time: whoever guesses takes no more of the database."""
_PATIENCE = timedelta(seconds=2)
_AGAIN_PATIENCE = timedelta(seconds=1)


class Keys(Protocol):
    """What the ways in need. ``Keyring`` is the real one."""

    async def find(self, digest: str, *, patience: timedelta = ...) -> ApiKey | None:
        """Whatever tenant's it is, revoked and expired ones, too; None: there is none. Raises Unavailable."""


@dataclass(slots=True)
class _Told:
    """``at`` is when it was asked, ``away_at`` when it was last asked in vain, both in monotonic seconds.

    ``now`` is what the database's clock said then.
    """

    key: ApiKey
    at: float
    now: datetime
    away_at: float = float("-inf")


@dataclass(frozen=True, slots=True, order=True)
class _Use:
    """``at`` is when it opened something, in monotonic seconds."""

    tenant_id: int
    key_id: int
    at: float


class Keyring:
    """One for each process. ``transactions`` are any tenant's, ``of`` gives those of a certain one.

    ``monotonic`` is in seconds.
    """

    def __init__(
        self,
        transactions: Transactions,
        of: Callable[[int], Transactions],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transactions = transactions
        self._of = of
        self._monotonic = monotonic
        self._known: OrderedDict[str, _Told] = OrderedDict()
        self._unknown: OrderedDict[str, float] = OrderedDict()
        self._asking: dict[str, asyncio.Task[_Told | None]] = {}
        self._turns = asyncio.Semaphore(_UNKNOWN_AT_ONCE)
        self._uses: dict[int, _Use] = {}
        self._written: dict[int, float] = {}

    async def find(self, digest: str, *, patience: timedelta = _PATIENCE) -> ApiKey | None:
        """As ``Keys`` says. ``patience`` is how long one that was never seen is asked for."""
        told = await self._find(digest, patience)
        if told is None:
            return None
        self._note_use(told)
        return told.key

    def forget(self, key_id: int) -> None:
        """It was changed: the next one who shows it is told what the database says."""
        for digest in [digest for digest, told in self._known.items() if told.key.id == key_id]:
            del self._known[digest]
            self._asking.pop(digest, None)

    async def write_uses(self) -> None:
        """Of each key that was used, when it last was: once a minute at most. A later call tries again what fails."""
        uses, self._uses = sorted(self._uses.values()), {}
        for tenant_id, some in groupby(uses, key=attrgetter("tenant_id")):
            await self._write(tenant_id, list(some))
        old = self._monotonic() - USE_WRITTEN_EVERY.total_seconds()
        self._written = {key_id: at for key_id, at in self._written.items() if at > old}

    async def _find(self, digest: str, patience: timedelta) -> _Told | None:
        told, now = self._known.get(digest), self._monotonic()
        if told is None:
            if now - self._unknown.get(digest, float("-inf")) < UNKNOWN_SECONDS:
                return None
            return await asyncio.shield(self._ask(digest, patience, in_turn=True))
        self._known.move_to_end(digest)
        if now - told.at < FRESH_SECONDS:
            return told
        asking = self._ask(digest, _AGAIN_PATIENCE)
        if now - told.at < OLDEST_SECONDS or now - told.away_at < AWAY_SECONDS:
            return told
        try:
            return await asyncio.shield(asking)
        except Unavailable:
            told.away_at = self._monotonic()
            return told

    def _ask(self, digest: str, patience: timedelta, *, in_turn: bool = False) -> asyncio.Task[_Told | None]:
        """However many show the same key, the database is asked once."""
        asking = self._asking.get(digest)
        if asking is None:
            asking = asyncio.create_task(self._look_up(digest, patience, in_turn=in_turn), name="look up an API key")
            asking.add_done_callback(_look_at)
            self._asking[digest] = asking
        return asking

    async def _look_up(self, digest: str, patience: timedelta, *, in_turn: bool) -> _Told | None:
        """What was forgotten meanwhile is not remembered again."""
        this, at = asyncio.current_task(), self._monotonic()
        try:
            key, now = await (self._read_in_turn(digest, patience) if in_turn else self._read(digest, patience))
            told = None if key is None else _Told(key, at, now)
            if self._asking.get(digest) is this:
                self._remember(digest, told, at)
            return told
        finally:
            if self._asking.get(digest) is this:
                del self._asking[digest]

    async def _read_in_turn(self, digest: str, patience: timedelta) -> tuple[ApiKey | None, datetime]:
        try:
            await asyncio.wait_for(self._turns.acquire(), patience.total_seconds())
        except TimeoutError as error:
            raise Unavailable("too many unknown API keys are being looked up") from error
        try:
            return await self._read(digest, patience)
        finally:
            self._turns.release()

    async def _read(self, digest: str, patience: timedelta) -> tuple[ApiKey | None, datetime]:
        """And the database's clock."""

        async def work(uow: UnitOfWork) -> tuple[ApiKey | None, datetime]:
            return await uow.api_keys.by_digest(digest), uow.now

        return await self._transactions.read(work, patience=patience)

    def _remember(self, digest: str, told: _Told | None, at: float) -> None:
        if told is None:
            self._known.pop(digest, None)
            self._unknown[digest] = at
            self._unknown.move_to_end(digest)
        else:
            self._unknown.pop(digest, None)
            self._known[digest] = told
        if len(self._unknown) > MOST_UNKNOWN:
            self._unknown.popitem(last=False)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)

    def _note_use(self, told: _Told) -> None:
        """Unless it opens nothing, or that was written a moment ago: here, or as the key tells by another process."""
        key, seconds = told.key, self._monotonic()
        now = told.now + timedelta(seconds=seconds - told.at)
        here = self._written.get(key.id)
        was_here = here is not None and seconds - here < USE_WRITTEN_EVERY.total_seconds()
        was_elsewhere = key.last_used_at is not None and now - key.last_used_at < USE_WRITTEN_EVERY
        if key.is_valid(now) and not (was_here or was_elsewhere):
            self._uses[key.id] = _Use(key.tenant_id, key.id, seconds)

    async def _write(self, tenant_id: int, uses: Collection[_Use]) -> None:
        async def work(uow: UnitOfWork) -> None:
            for use in uses:
                ago = timedelta(seconds=self._monotonic() - use.at)
                await uow.api_keys.used(use.key_id, at=uow.now - ago)

        try:
            await self._of(tenant_id).write(work, patience=_AGAIN_PATIENCE)
        except Unavailable:
            self._uses = {**{use.key_id: use for use in uses}, **self._uses}
        else:
            self._written.update({use.key_id: self._monotonic() for use in uses})


def _look_at(task: asyncio.Task[_Told | None]) -> None:
    """Where nobody waits, nobody else asks how it ended: a later one will find out."""
    if not task.cancelled():
        task.exception()
