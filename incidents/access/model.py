"""API keys: what they are, what they may do, and how one is made. Pure."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

PREFIX = "bongsu_"
"""What every key begins with, so that scanners of leaked secrets know one."""
LONGEST_NAME = 64
"""Characters."""


class Scope(StrEnum):
    """What a key may be used for."""

    INGEST = "ingest"
    """Send webhooks and heartbeats."""
    READ = "read"
    """Read everything of its tenant but its keys, its audit log and the bodies of what was refused."""
    WRITE = "write"
    """Change incidents, maintenance and overrides."""
    ADMIN = "admin"
    """Keys, the audit log, and the bodies of what was refused, which it may replay."""


class KeyRole(StrEnum):
    """What a key is made for. Each stands for some scopes."""

    INGEST = "ingest"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    @property
    def scopes(self) -> frozenset[Scope]:
        return _SCOPES[self]


_SCOPES = {
    KeyRole.INGEST: frozenset({Scope.INGEST}),
    KeyRole.READ: frozenset({Scope.READ}),
    KeyRole.WRITE: frozenset({Scope.READ, Scope.WRITE}),
    KeyRole.ADMIN: frozenset(Scope),
}


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key, as stored. Its secret is not: ``digest`` is the SHA-256 of it.

    ``hint`` are its last characters, by which people recognise it. ``default_labels`` are what it says of all alerts
    that come with it, by ``incidents.policy.DEFAULTABLE``. ``last_used_at`` is right to a minute. ``expires_at`` None:
    never. ``revoked_at`` None: it is not revoked.
    """

    id: int
    tenant_id: int
    name: str
    role: KeyRole
    digest: str = field(repr=False)
    hint: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    default_labels: Mapping[str, str] = field(default_factory=dict)

    def allows(self, scope: Scope) -> bool:
        return scope in self.role.scopes

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that is to be stored. ``digest`` and ``hint`` are of a secret that ``new_secret`` made."""

    name: str
    role: KeyRole
    digest: str = field(repr=False)
    hint: str
    expires_at: datetime | None = None
    default_labels: Mapping[str, str] = field(default_factory=dict)


def new_secret() -> str:
    """256 bits from the system, which nobody guesses: so a fast digest without salt keeps it."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """Lower-case hex. Never raises: bytes that are not UTF-8 reach us from aiohttp as lone surrogates."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def hint_of(secret: str) -> str:
    return secret[-4:]
