"""The table of heartbeats. It belongs to the metadata of all others."""

from sqlalchemy import Column, Integer, String, Table, UniqueConstraint

from db.tables import metadata
from db.types import BigInt, UtcDateTime

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("name", String(64), nullable=False, comment="in bongsu.yaml"),
    Column("within_seconds", Integer, nullable=False, comment="what expected_by was reckoned with"),
    Column("created_at", UtcDateTime, nullable=False, comment="when it was first seen in bongsu.yaml"),
    Column("last_seen_at", UtcDateTime, comment="NULL: never"),
    Column("expected_by", UtcDateTime, nullable=False),
    Column("silent_since", UtcDateTime, comment="NULL: it is not silent, or nobody was told yet"),
    Column("told_at", UtcDateTime, comment="when its silence was last told"),
    Column("silence_incident_id", BigInt, comment="where it was told; that incident may be deleted since"),
    UniqueConstraint("tenant_id", "name", name="uq_heartbeats_name"),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
    mysql_collate="utf8mb4_bin",
)
