"""The table of windows of maintenance. It belongs to the metadata of all others."""

from sqlalchemy import Column, Index, String, Table, UniqueConstraint

from db.tables import metadata
from db.types import BigInt, JsonText, LongText, UtcDateTime

maintenance_windows = Table(
    "maintenance_windows",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("token", String(64), nullable=False, comment="of the form or command that asked for it"),
    Column("scope", JsonText, nullable=False, comment="by field the values that count, in lower case"),
    Column("starts_at", UtcDateTime, nullable=False, comment="of the first occurrence"),
    Column("ends_at", UtcDateTime, nullable=False, comment="of the first occurrence"),
    Column("repeats", String(16), nullable=False, comment="none, daily, weekly"),
    Column("zone", String(64), nullable=False, comment="in whose local time it repeats"),
    Column("reason", LongText, nullable=False),
    Column("channel", String(80), nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, comment="NULL: it stands"),
    Column("ended_by", String(128), comment="NULL: nobody, it lasted as planned"),
    Column("under_way", UtcDateTime, comment="start of the occurrence that was begun and not ended; NULL: none"),
    Column("due_at", UtcDateTime, comment="NULL: the clock has nothing to do with it"),
    Column("left_firing", JsonText, comment="incidents that fired as the occurrence of left_of ended; NULL: none"),
    Column("left_of", UtcDateTime),
    UniqueConstraint("tenant_id", "token", name="uq_maintenance_windows_token"),
    Index("ix_maintenance_windows_ended_at", "tenant_id", "ended_at"),
    Index("ix_maintenance_windows_due_at", "tenant_id", "due_at"),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
    mysql_collate="utf8mb4_bin",
)
