"""Where the audit log is kept. ``db`` implements it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from incidents.audit.model import Entry, Head, NewEntry, Seal, Sealed

LAG = timedelta(seconds=60)
"""Of what is younger on a timeline the transaction may not have committed yet; each is cut off after 15 seconds."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Up to which event, by time and id, timelines were read; None: nothing was yet."""

    at: datetime
    event_id: int


@dataclass(frozen=True, slots=True)
class Chain:
    """A tenant's chain as it stands. ``told_at``: when its head was last written into our log; None: never."""

    head: Head
    reached: Reached | None = None
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """``reached``: up to where these are, those that were left out included; None: there was nothing more.

    ``read`` counts them all.
    """

    entries: tuple[NewEntry, ...] = ()
    reached: Reached | None = None
    read: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are looked for; None: any. ``since`` is included, ``until`` is not."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list has come to."""

    at: datetime
    id: int


class AuditLog(Protocol):
    """Append-only: nothing changes an entry but its sealing, and the erasure of a person."""

    @property
    def tenant_id(self) -> int: ...

    async def add(self, entries: Sequence[NewEntry]) -> None:
        """Takes no lock that anybody else waits for."""

    async def found(self, wanted: Wanted, *, before: Place | None, limit: int) -> list[Entry]:
        """Newest first, sealed or not."""

    async def chain(self) -> Chain:
        """As it stands. Takes no lock."""

    async def lock_chain(self, *, wait: bool) -> Chain | None:
        """Locked until the transaction ends; None where somebody else has it. ``wait``: until it is free."""

    async def save_chain(self, chain: Chain) -> None:
        """Of which this transaction holds the lock."""

    async def unsealed(self, *, limit: int) -> list[Entry]:
        """The first of those that wait to be sealed, by id; what only the chain's holder may write is left out."""

    async def count_unsealed(self) -> int: ...

    async def forged(self) -> list[Entry]:
        """Unsealed ones of the kinds that only the chain's holder writes, a few of them."""

    async def seal(self, sealed: Sequence[Sealed]) -> None:
        """Of which this transaction holds the chain's lock."""

    async def add_sealed(self, sealed: Sequence[tuple[NewEntry, Seal]]) -> None:
        """The same for what was not there yet."""

    async def events(self, after: Reached | None, *, until: datetime, limit: int) -> Happened:
        """What happened to incidents since then: the next of their timelines, without those that an entry tells."""

    async def sealed(self, *, after: int, until: int, limit: int) -> list[Sealed]:
        """By seq, from the one behind ``after`` up to ``until``."""

    async def reserved(self, action: str, *, until: int) -> list[Sealed]:
        """All sealed ones of this action, by seq."""

    async def newest(self, action: str) -> Sealed | None:
        """The last sealed one of this action."""

    async def seq_since(self, since: datetime) -> int | None:
        """The lowest seq of those since then; None: there is none."""

    async def seq_before(self, until: datetime) -> int | None:
        """The highest seq of those before then; None: there is none."""

    async def naming(self, words: Sequence[str], *, after: int, until: int) -> list[Sealed]:
        """By seq, of those behind ``after`` up to ``until``: whose own words have one of these in them."""

    async def replace(self, changed: Sequence[tuple[int, NewEntry, str]]) -> None:
        """By id: what they say of people now, with new salts. This transaction holds the chain's lock."""

    async def old(self, *, before: datetime, limit: int) -> list[Sealed]:
        """The first of the chain, as far as they are older."""

    async def delete(self, ids: Sequence[int]) -> None:
        """This transaction holds the chain's lock."""
