"""The table of who has taken a schedule over. It belongs to the metadata of all others."""

from sqlalchemy import Column, Index, String, Table

from db.tables import metadata
from db.types import BigInt, UtcDateTime

schedule_overrides = Table(
    "schedule_overrides",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("schedule", String(64), nullable=False, comment="its name in bongsu.yaml"),
    Column("person", String(128), nullable=False, comment="Slack user id"),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False, comment="when it was ended, if it was; starts_at: it never began"),
    Column("created_by", String(128), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_by", String(128), comment="NULL: nobody, it lasted as planned"),
    Index("ix_schedule_overrides_ends_at", "tenant_id", "ends_at"),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
    mysql_collate="utf8mb4_bin",
)
