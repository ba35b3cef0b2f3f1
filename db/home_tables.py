"""The table of App Homes. It belongs to the metadata of all others."""

from sqlalchemy import Column, Index, Integer, String, Table, UniqueConstraint

from db.tables import metadata
from db.types import BigInt, Hash, UtcDateTime

app_homes = Table(
    "app_homes",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("user_id", String(128), nullable=False),
    Column("language", String(16), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("page", Integer, nullable=False),
    Column("world", Hash, comment="what it was rendered from; NULL: it is to be shown anew"),
    Column("content_sha256", Hash, comment="of what Slack shows; NULL: not known"),
    Column("view_hash", String(64), comment="Slack's name of what it shows; NULL: not known"),
    Column("not_before", UtcDateTime, comment="it failed, and is tried again then"),
    Column("failures", Integer, nullable=False),
    UniqueConstraint("tenant_id", "user_id", name="uq_app_homes_user_id"),
    Index("ix_app_homes_opened_at", "tenant_id", "opened_at"),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
    mysql_collate="utf8mb4_bin",
)
