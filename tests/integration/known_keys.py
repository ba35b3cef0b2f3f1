"""``receiver.keyring.Keys`` without a database."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from incidents.access.model import ApiKey, KeyRole, digest_of, hint_of, new_secret
from incidents.errors import Unavailable


@dataclass
class KnownKeys:
    """By digest. ``asked`` counts; while ``away`` it can't be told."""

    keys: dict[str, ApiKey] = field(default_factory=dict)
    asked: int = 0
    away: bool = False

    def add(self, role: KeyRole = KeyRole.INGEST, *, tenant_id: int = 1, **more: Any) -> str:
        """A new key's secret."""
        secret, at = new_secret(), datetime.now(UTC) - timedelta(days=1)
        told = {"name": f"key-{len(self.keys) + 1}", **more}
        key = ApiKey(
            id=len(self.keys) + 1, tenant_id=tenant_id, role=role, digest=digest_of(secret), hint=hint_of(secret),
            created_at=at, created_by="test", **told,
        )  # fmt: skip
        self.keys[key.digest] = key
        return secret

    async def find(self, digest: str, *, patience: timedelta = timedelta(seconds=2)) -> ApiKey | None:
        self.asked += 1
        if self.away:
            raise Unavailable("connection refused")
        return self.keys.get(digest)
