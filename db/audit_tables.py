"""The tables of the audit log. They belong to the metadata of all others."""

from typing import Any

from sqlalchemy import Boolean, Column, Index, String, Table, UniqueConstraint

from db.tables import metadata
from db.types import BigInt, Hash, JsonText, UtcDateTime

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("seq", BigInt, comment="its place in the chain; NULL: it waits to be sealed"),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(128), nullable=False),
    Column("via", String(64), nullable=False),
    Column("origin", String(128), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("incident_id", BigInt),
    Column("event_id", BigInt, comment="of incident_events, where that tells the same"),
    Column("before", JsonText),
    Column("after", JsonText),
    Column("data", JsonText),
    Column("salt", String(32)),
    Column("digest", Hash, comment="of what it says of people, as it was when it was sealed"),
    Column("keyed", Boolean, comment="whether its hash was made with a secret"),
    Column("hash", Hash),
    UniqueConstraint("tenant_id", "seq", name="uq_audit_log_seq"),
    UniqueConstraint("tenant_id", "event_id", name="uq_audit_log_event_id"),
    Index("ix_audit_log_at", "tenant_id", "at"),
    Index("ix_audit_log_actor", "tenant_id", "actor", "at"),
    Index("ix_audit_log_action", "tenant_id", "action", "at"),
    Index("ix_audit_log_subject", "tenant_id", "subject", "at"),
    **_MYSQL,
)

audit_chains = Table(
    "audit_chains",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("seq", BigInt, nullable=False, comment="of the last entry; 0: there is none"),
    Column("hash", Hash, nullable=False),
    Column("keyed", Boolean, nullable=False),
    Column("events_at", UtcDateTime, comment="timelines were read up to this event; NULL: none was"),
    Column("events_id", BigInt),
    Column("told_at", UtcDateTime, comment="when its head was last logged"),
    UniqueConstraint("tenant_id", name="uq_audit_chains_tenant_id"),
    **_MYSQL,
)
