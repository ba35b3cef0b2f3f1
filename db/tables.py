"""The tables. Every row belongs to a tenant. The migrations build the same; a test compares the two."""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Computed,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)

from db.types import BigInt, Hash, JsonText, LongBlob, LongText, UtcDateTime

metadata = MetaData(
    naming_convention={
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_1_name)s",
        "ix": "ix_%(table_name)s_%(column_1_name)s",
    }
)

# Default collations hold 'Abc', 'abc ' and 'Ábc' equal; SQLite doesn't. Keys must mean the same on both.
_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def _tenant() -> Column[int]:
    return Column("tenant_id", BigInt, nullable=False)


def _id() -> Column[int]:
    return Column("id", BigInt, primary_key=True, autoincrement=True)


tenants = Table(
    "tenants",
    metadata,
    _id(),
    Column("slug", String(64), nullable=False, unique=True),
    Column("name", String(255), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    **_MYSQL,
)

counters = Table(
    "counters",
    metadata,
    Column("tenant_id", BigInt, primary_key=True, autoincrement=False),
    Column("name", String(64), primary_key=True),
    Column("value", BigInt, nullable=False),
    **_MYSQL,
)

leases = Table(
    "leases",
    metadata,
    Column("tenant_id", BigInt, primary_key=True, autoincrement=False),
    Column("name", String(191), primary_key=True),
    Column("holder", String(128), nullable=False),
    Column("fence", BigInt, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    **_MYSQL,
)

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    _tenant(),
    Column("received_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("source", String(32), nullable=False),
    Column("request_id", String(32), nullable=False),
    Column("headers", JsonText, nullable=False),
    Column("envelope", JsonText),
    Column("body_sha256", Hash, nullable=False),
    Column("newest_sha256", Hash, comment="body_sha256 on the newest processed delivery with that body, else NULL"),
    Column("status", String(16), nullable=False),
    Column("duplicate_of_id", BigInt),
    Column("error", LongText),
    Column("raw_body", LongBlob),
    UniqueConstraint("tenant_id", "source", "newest_sha256", name="uq_deliveries_newest_sha256"),
    Index("ix_deliveries_received_at", "tenant_id", "received_at"),
    **_MYSQL,
)

incidents = Table(
    "incidents",
    metadata,
    _id(),
    _tenant(),
    Column("number", BigInt, comment="NULL only inside the transaction that opens it"),
    Column("incident_key", Hash, nullable=False),
    Column("open_key", Hash, Computed("CASE WHEN status <> 'resolved' THEN incident_key END", persisted=False)),
    Column("title", String(500), nullable=False),
    Column("status", String(16), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("source", String(32), nullable=False),
    Column("rule_uid", String(255), nullable=False),
    Column("alert_name", String(255), nullable=False),
    Column("cluster", String(255), nullable=False),
    Column("namespace", String(255), nullable=False),
    Column("service", String(255), nullable=False),
    Column("phase", String(255), nullable=False),
    Column("start_time", UtcDateTime, nullable=False),
    Column("acknowledged_time", UtcDateTime),
    Column("acknowledged_by", String(128)),
    Column("resolved_time", UtcDateTime),
    Column("resolved_by", String(128)),
    Column("resolution", String(32)),
    Column("assignee", String(128)),
    Column("last_alert_time", UtcDateTime, nullable=False),
    Column("alert_count", BigInt, nullable=False),
    Column("is_noise", Boolean, nullable=False),
    Column("noise_reason", LongText),
    Column("snoozed_until", UtcDateTime),
    Column("merged_into_id", BigInt),
    Column("flapping", Boolean, nullable=False),
    Column("blind_since", UtcDateTime),
    Column("episode", Integer, nullable=False),
    Column("version", BigInt, nullable=False),
    Column("batch_token", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("tenant_id", "open_key", name="uq_incidents_open_key"),
    UniqueConstraint("tenant_id", "number", name="uq_incidents_number"),
    Index("ix_incidents_incident_key", "tenant_id", "incident_key", "resolved_time"),
    Index("ix_incidents_status", "tenant_id", "status", "severity", "created_at"),
    **_MYSQL,
)

alerts = Table(
    "alerts",
    metadata,
    _id(),
    _tenant(),
    Column("delivery_id", BigInt, ForeignKey("deliveries.id"), nullable=False),
    Column("incident_id", BigInt, ForeignKey("incidents.id")),
    Column("source", String(32), nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("series_key", Hash, nullable=False),
    Column("fingerprint", String(255), nullable=False),
    Column("rule_uid", String(255), nullable=False),
    Column("alert_name", String(255), nullable=False),
    Column("cluster", String(255), nullable=False),
    Column("namespace", String(255), nullable=False),
    Column("service", String(255), nullable=False),
    Column("phase", String(255), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("severity_raw", String(255), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),
    Column("received_at", UtcDateTime, nullable=False),
    Column("summary", LongText, nullable=False),
    Column("labels", JsonText, nullable=False),
    Column("annotations", JsonText, nullable=False),
    Column("metric_values", JsonText, nullable=False),
    Column("raw_payload", JsonText, nullable=False),
    Index("ix_alerts_delivery_id", "delivery_id"),
    Index("ix_alerts_incident_id", "incident_id", "received_at"),
    Index("ix_alerts_received_at", "tenant_id", "received_at"),
    **_MYSQL,
)

incident_series = Table(
    "incident_series",
    metadata,
    _id(),
    _tenant(),
    Column("incident_id", BigInt, ForeignKey("incidents.id"), nullable=False),
    Column("series_key", Hash, nullable=False),
    Column("source", String(32), nullable=False),
    Column("rule_uid", String(255), nullable=False),
    Column("fingerprint", String(255), nullable=False),
    Column("name", String(255), nullable=False),
    Column("status", String(16), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),
    Column("value_fired", Double),
    Column("value_peak", Double),
    Column("value_now", Double),
    Column("summary", LongText, nullable=False),
    Column("links", JsonText, nullable=False),
    Column("last_delivery_id", BigInt, nullable=False),
    Column("last_alert_at", UtcDateTime, nullable=False),
    UniqueConstraint("incident_id", "series_key", name="uq_incident_series_series_key"),
    Index("ix_incident_series_series_key", "tenant_id", "series_key", "incident_id"),
    **_MYSQL,
)

incident_episodes = Table(
    "incident_episodes",
    metadata,
    _id(),
    _tenant(),
    Column("incident_id", BigInt, ForeignKey("incidents.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("opened_reason", String(32), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("inherited", Boolean, nullable=False),
    Column("acknowledged_at", UtcDateTime),
    Column("acknowledged_by", String(128)),
    Column("responded_at", UtcDateTime),
    Column("responded_by", String(128)),
    Column("resolved_at", UtcDateTime),
    Column("resolved_by", String(128)),
    Column("resolution", String(32)),
    Column("recovered_at", UtcDateTime),
    UniqueConstraint("incident_id", "number", name="uq_incident_episodes_number"),
    Index("ix_incident_episodes_opened_at", "tenant_id", "opened_at"),
    **_MYSQL,
)

incident_events = Table(
    "incident_events",
    metadata,
    _id(),
    _tenant(),
    Column("incident_id", BigInt, ForeignKey("incidents.id"), nullable=False),
    Column("episode", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(128), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("data", JsonText, nullable=False),
    Index("ix_incident_events_incident_id", "incident_id", "id"),
    Index("ix_incident_events_at", "tenant_id", "at"),
    **_MYSQL,
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    _tenant(),
    Column("incident_id", BigInt, nullable=False, server_default=text("0"), comment="0: of no single incident"),
    Column("channel", String(80), nullable=False, comment="as configured: a name or an id"),
    Column("kind", String(16), nullable=False),
    Column("subject", String(64), nullable=False, comment="the event or step that it tells; '' for a card"),
    Column("desired_rev", BigInt, nullable=False),
    Column("sent_rev", BigInt, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("due_at", UtcDateTime, comment="NULL: nothing to do"),
    Column("channel_id", String(80), comment="where it really is, or is to go instead"),
    Column("ts", String(32), comment="Slack's id of the message; NULL until Slack has taken it"),
    Column("post_started_at", UtcDateTime, comment="a post was begun then and its outcome is not known"),
    Column("lease_holder", String(128)),
    Column("lease_until", UtcDateTime),
    Column("fence", BigInt, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", LongText),
    Column("created_at", UtcDateTime, nullable=False),
    Column("first_sent_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    UniqueConstraint("tenant_id", "incident_id", "channel", "kind", "subject", name="uq_outbox_subject"),
    Index("ix_outbox_due_at", "tenant_id", "due_at"),
    **_MYSQL,
)
