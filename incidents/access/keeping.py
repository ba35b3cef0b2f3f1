"""Ports for API keys and for requests that must be done once. ``db`` implements them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from incidents.access.model import ApiKey, NewKey


class ApiKeys(Protocol):
    async def add(self, key: NewKey, *, by: str) -> ApiKey:
        """Raises KeyNameTaken: another that is neither revoked nor expired has that name.

        The same key again (its reply was lost) is the one that was added.
        """

    async def get(self, key_id: int) -> ApiKey:
        """Raises KeyNotFound."""

    async def all(self) -> list[ApiKey]:
        """Newest first; revoked ones, too."""

    async def page(self, *, before: int | None, limit: int) -> list[ApiKey]:
        """The same, so many of those with a lower id than ``before``; None: from the newest."""

    async def named(self, name: str) -> list[ApiKey]:
        """The same, those of this name."""

    async def revoke(self, key_id: int, *, by: str) -> ApiKey:
        """Raises KeyNotFound, AlreadyRevoked."""

    async def used(self, key_id: int, *, at: datetime) -> None:
        """It opened something then."""

    async def by_digest(self, digest: str) -> ApiKey | None:
        """Whatever tenant's it is: this is how one finds out."""


IDEMPOTENT_FOR = timedelta(hours=24)
"""How long an Idempotency-Key is remembered."""


@dataclass(frozen=True, slots=True)
class DoneRequest:
    """What was answered to a request with an Idempotency-Key. ``request_sha256`` is of what it asked for."""

    request_sha256: str
    status: int
    body: str
    etag: str | None = None


class DoneRequests(Protocol):
    async def begin(self, key_id: int, idempotency_key: str, request_sha256: str) -> DoneRequest | None:
        """What was answered within ``IDEMPOTENT_FOR``; None: it is this transaction's to do.

        Whoever asks with the same key meanwhile waits for its end. Raises Conflict where another was a moment earlier.
        """

    async def end(self, key_id: int, idempotency_key: str, done: DoneRequest) -> None:
        """Remember the answer, in the transaction that does it."""

    async def forget_old(self, *, limit: int) -> int:
        """How many were deleted, so many at most, of those that are older than that."""
