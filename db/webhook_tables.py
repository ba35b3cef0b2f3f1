"""The table of calls to outgoing webhooks. It belongs to the metadata of all others."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from db.tables import metadata
from db.types import BigInt, UtcDateTime

outgoing_webhooks = Table(
    "outgoing_webhooks",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("incident_id", BigInt, ForeignKey("incidents.id"), nullable=False),
    Column("event_id", BigInt, nullable=False, comment="because of what: an id of incident_events"),
    Column("name", String(255), nullable=False, comment="the webhook's in bongsu.yaml"),
    Column("action", String(16), nullable=False, comment="trigger, acknowledge, unacknowledge, resolve"),
    Column("idempotency_key", String(64), nullable=False, comment="the same at every try"),
    Column("due_at", UtcDateTime, comment="NULL: nothing to do any more"),
    Column("attempts", Integer, nullable=False),
    Column("fence", Integer, nullable=False, comment="grows with every claim"),
    Column("lease_holder", String(128)),
    Column("lease_until", UtcDateTime),
    Column("began_at", UtcDateTime, comment="when it was first claimed; NULL: the receiver has heard nothing of it"),
    Column("sent_at", UtcDateTime),
    Column("gave_up_at", UtcDateTime, comment="when it was given up, or dropped because it did not matter any more"),
    Column("last_error", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("traceparent", String(55), comment="the trace that asked for it; NULL: it was not traced"),
    UniqueConstraint("tenant_id", "event_id", "name", "action", name="uq_outgoing_webhooks_event_id"),
    Index("ix_outgoing_webhooks_due_at", "tenant_id", "due_at"),
    Index("ix_outgoing_webhooks_incident_id", "tenant_id", "incident_id", "id"),
    Index("ix_outgoing_webhooks_began_at", "tenant_id", "began_at"),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
    mysql_collate="utf8mb4_bin",
)
