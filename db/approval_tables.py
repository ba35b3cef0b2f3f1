"""The table of requests for a second person. It belongs to the metadata of all others."""

from sqlalchemy import Column, Index, Integer, String, Table, UniqueConstraint

from db.tables import metadata
from db.types import BigInt, LongText, UtcDateTime

approvals = Table(
    "approvals",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("incident_id", BigInt, nullable=False),
    Column("incident_number", BigInt, nullable=False),
    Column("episode", Integer, nullable=False),
    Column("open_incident_id", BigInt, comment="incident_id while it is open, else NULL: unique with the tenant"),
    Column("wanted", String(16), nullable=False, comment="resolve, noise"),
    Column("words", LongText, nullable=False, comment="the note or reason that go with it"),
    Column("asked_by", String(128), nullable=False),
    Column("asked_via", String(64), nullable=False, comment="the API key that acted for them"),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False, comment="from then on nobody can approve it"),
    Column("event_id", BigInt, nullable=False, comment="the event that tells it"),
    Column("outcome", String(16), nullable=False),
    Column("decided_by", String(128), comment="NULL: nobody, it is open or ended by itself"),
    Column("decided_via", String(64), nullable=False),
    Column("decided_at", UtcDateTime),
    Column("reason", LongText, nullable=False, comment="why it was declined"),
    UniqueConstraint("tenant_id", "open_incident_id", name="uq_approvals_open_incident_id"),
    Index("ix_approvals_incident_id", "tenant_id", "incident_id", "asked_at"),
    Index("ix_approvals_asked_at", "tenant_id", "asked_at"),
    Index("ix_approvals_outcome", "tenant_id", "outcome", "asked_at"),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
    mysql_collate="utf8mb4_bin",
)
