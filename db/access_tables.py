"""The tables of API keys, and of requests that must be done once. They belong to the metadata of all others."""

from typing import Any

from sqlalchemy import Column, Index, Integer, String, Table, UniqueConstraint

from db.tables import metadata
from db.types import BigInt, Hash, JsonText, LongText, UtcDateTime

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("digest", Hash, nullable=False, unique=True, comment="of the secret, which is not kept"),
    Column("hint", String(8), nullable=False),
    Column("default_labels", JsonText, comment="of alerts that come with it; NULL: none"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("expires_at", UtcDateTime, comment="NULL: never"),
    Column("last_used_at", UtcDateTime, comment="right to a minute; NULL: never"),
    Column("revoked_at", UtcDateTime),
    Column("revoked_by", String(128)),
    Index("ix_api_keys_name", "tenant_id", "name"),
    **_MYSQL,
)

idempotent_requests = Table(
    "idempotent_requests",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("api_key_id", BigInt, nullable=False),
    Column("idempotency_key", String(255), nullable=False),
    Column("request_sha256", Hash, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", LongText, nullable=False),
    Column("etag", String(64)),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("tenant_id", "api_key_id", "idempotency_key", name="uq_idempotent_requests_key"),
    Index("ix_idempotent_requests_created_at", "tenant_id", "created_at"),
    **_MYSQL,
)
