"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, Hash, JsonText, LongBlob, LongText, UtcDateTime

revision = "0001"
down_revision = None

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}

# Spelt out: MariaDB freezes the columns of a view made with SELECT *.
_ALERT_COLUMNS = (
    "id, tenant_id, delivery_id, incident_id, source, status, reason, series_key, fingerprint, rule_uid, alert_name, "
    "cluster, namespace, service, phase, severity, severity_raw, starts_at, ends_at, received_at, summary, labels, "
    "annotations, metric_values, raw_payload"
)


def upgrade() -> None:
    op.create_table(
        "tenants",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("slug", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        **_MYSQL,
    )

    op.create_table(
        "counters",
        sa.Column("tenant_id", BigInt, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", BigInt, nullable=False),
        **_MYSQL,
    )

    op.create_table(
        "leases",
        sa.Column("tenant_id", BigInt, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(191), primary_key=True),
        sa.Column("holder", sa.String(128), nullable=False),
        sa.Column("fence", BigInt, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        **_MYSQL,
    )

    op.create_table(
        "deliveries",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("last_seen_at", UtcDateTime, nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("request_id", sa.String(32), nullable=False),
        sa.Column("headers", JsonText, nullable=False),
        sa.Column("envelope", JsonText),
        sa.Column("body_sha256", Hash, nullable=False),
        sa.Column("newest_sha256", Hash, comment="body_sha256 on the newest processed delivery with that body, else NULL"),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("duplicate_of_id", BigInt),
        sa.Column("error", LongText),
        sa.Column("raw_body", LongBlob),
        sa.UniqueConstraint("tenant_id", "source", "newest_sha256", name="uq_deliveries_newest_sha256"),
        **_MYSQL,
    )

    op.create_table(
        "incidents",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("number", BigInt, comment="NULL only inside the transaction that opens it"),
        sa.Column("incident_key", Hash, nullable=False),
        sa.Column("open_key", Hash, sa.Computed("CASE WHEN status <> 'resolved' THEN incident_key END", persisted=False)),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("rule_uid", sa.String(255), nullable=False),
        sa.Column("alert_name", sa.String(255), nullable=False),
        sa.Column("cluster", sa.String(255), nullable=False),
        sa.Column("namespace", sa.String(255), nullable=False),
        sa.Column("service", sa.String(255), nullable=False),
        sa.Column("phase", sa.String(255), nullable=False),
        sa.Column("start_time", UtcDateTime, nullable=False),
        sa.Column("acknowledged_time", UtcDateTime),
        sa.Column("acknowledged_by", sa.String(128)),
        sa.Column("resolved_time", UtcDateTime),
        sa.Column("resolved_by", sa.String(128)),
        sa.Column("resolution", sa.String(32)),
        sa.Column("assignee", sa.String(128)),
        sa.Column("last_alert_time", UtcDateTime, nullable=False),
        sa.Column("alert_count", BigInt, nullable=False),
        sa.Column("is_noise", sa.Boolean, nullable=False),
        sa.Column("noise_reason", LongText),
        sa.Column("snoozed_until", UtcDateTime),
        sa.Column("merged_into_id", BigInt),
        sa.Column("flapping", sa.Boolean, nullable=False),
        sa.Column("blind_since", UtcDateTime),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("version", BigInt, nullable=False),
        sa.Column("batch_token", sa.String(32), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("tenant_id", "open_key", name="uq_incidents_open_key"),
        sa.UniqueConstraint("tenant_id", "number", name="uq_incidents_number"),
        **_MYSQL,
    )

    op.create_table(
        "alerts",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("delivery_id", BigInt, sa.ForeignKey("deliveries.id"), nullable=False),
        sa.Column("incident_id", BigInt, sa.ForeignKey("incidents.id")),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("series_key", Hash, nullable=False),
        sa.Column("fingerprint", sa.String(255), nullable=False),
        sa.Column("rule_uid", sa.String(255), nullable=False),
        sa.Column("alert_name", sa.String(255), nullable=False),
        sa.Column("cluster", sa.String(255), nullable=False),
        sa.Column("namespace", sa.String(255), nullable=False),
        sa.Column("service", sa.String(255), nullable=False),
        sa.Column("phase", sa.String(255), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("severity_raw", sa.String(255), nullable=False),
        sa.Column("starts_at", UtcDateTime, nullable=False),
        sa.Column("ends_at", UtcDateTime),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("summary", LongText, nullable=False),
        sa.Column("labels", JsonText, nullable=False),
        sa.Column("annotations", JsonText, nullable=False),
        sa.Column("metric_values", JsonText, nullable=False),
        sa.Column("raw_payload", JsonText, nullable=False),
        **_MYSQL,
    )

    op.create_table(
        "incident_series",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("incident_id", BigInt, sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("series_key", Hash, nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("rule_uid", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(255), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("starts_at", UtcDateTime, nullable=False),
        sa.Column("ends_at", UtcDateTime),
        sa.Column("value_fired", sa.Double),
        sa.Column("value_peak", sa.Double),
        sa.Column("value_now", sa.Double),
        sa.Column("summary", LongText, nullable=False),
        sa.Column("links", JsonText, nullable=False),
        sa.Column("last_delivery_id", BigInt, nullable=False),
        sa.Column("last_alert_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("incident_id", "series_key", name="uq_incident_series_series_key"),
        **_MYSQL,
    )

    op.create_table(
        "incident_episodes",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("incident_id", BigInt, sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("opened_reason", sa.String(32), nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("inherited", sa.Boolean, nullable=False),
        sa.Column("acknowledged_at", UtcDateTime),
        sa.Column("acknowledged_by", sa.String(128)),
        sa.Column("responded_at", UtcDateTime),
        sa.Column("responded_by", sa.String(128)),
        sa.Column("resolved_at", UtcDateTime),
        sa.Column("resolved_by", sa.String(128)),
        sa.Column("resolution", sa.String(32)),
        sa.Column("recovered_at", UtcDateTime),
        sa.UniqueConstraint("incident_id", "number", name="uq_incident_episodes_number"),
        **_MYSQL,
    )

    op.create_table(
        "incident_events",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("incident_id", BigInt, sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("data", JsonText, nullable=False),
        **_MYSQL,
    )

    op.create_table(
        "outbox",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("incident_id", BigInt, nullable=False, server_default=sa.text("0"), comment="0: of no single incident"),
        sa.Column("channel", sa.String(80), nullable=False, comment="as configured: a name or an id"),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False, comment="the event or step that it tells; '' for a card"),
        sa.Column("desired_rev", BigInt, nullable=False),
        sa.Column("sent_rev", BigInt, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("due_at", UtcDateTime, comment="NULL: nothing to do"),
        sa.Column("channel_id", sa.String(80), comment="where it really is, or is to go instead"),
        sa.Column("ts", sa.String(32), comment="Slack's id of the message; NULL until Slack has taken it"),
        sa.Column("post_started_at", UtcDateTime, comment="a post was begun then and its outcome is not known"),
        sa.Column("lease_holder", sa.String(128)),
        sa.Column("lease_until", UtcDateTime),
        sa.Column("fence", BigInt, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", LongText),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("first_sent_at", UtcDateTime),
        sa.Column("sent_at", UtcDateTime),
        sa.UniqueConstraint("tenant_id", "incident_id", "channel", "kind", "subject", name="uq_outbox_subject"),
        **_MYSQL,
    )
    op.create_index("ix_deliveries_received_at", "deliveries", ["tenant_id", "received_at"])
    op.create_index("ix_incidents_incident_key", "incidents", ["tenant_id", "incident_key", "resolved_time"])
    op.create_index("ix_incidents_status", "incidents", ["tenant_id", "status", "severity", "created_at"])
    op.create_index("ix_alerts_delivery_id", "alerts", ["delivery_id"])
    op.create_index("ix_alerts_incident_id", "alerts", ["incident_id", "received_at"])
    op.create_index("ix_alerts_received_at", "alerts", ["tenant_id", "received_at"])
    op.create_index("ix_incident_series_series_key", "incident_series", ["tenant_id", "series_key", "incident_id"])
    op.create_index("ix_incident_episodes_opened_at", "incident_episodes", ["tenant_id", "opened_at"])
    op.create_index("ix_incident_events_incident_id", "incident_events", ["incident_id", "id"])
    op.create_index("ix_incident_events_at", "incident_events", ["tenant_id", "at"])
    op.create_index("ix_outbox_due_at", "outbox", ["tenant_id", "due_at"])
    op.execute(f"CREATE VIEW grafana_alerts AS SELECT {_ALERT_COLUMNS} FROM alerts WHERE source = 'grafana'")


def downgrade() -> None:
    op.execute("DROP VIEW grafana_alerts")
    for table in (
        "outbox", "incident_events", "incident_episodes", "incident_series", "alerts", "incidents", "deliveries",
        "leases", "counters", "tenants",
    ):  # fmt: skip
        op.drop_table(table)
