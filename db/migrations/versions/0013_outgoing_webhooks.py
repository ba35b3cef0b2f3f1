"""Pages that go out of Slack: which webhook is to be told what, and what has become of it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, UtcDateTime

revision = "0013"
down_revision = "0012"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "outgoing_webhooks",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("incident_id", BigInt, sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("event_id", BigInt, nullable=False, comment="because of what: an id of incident_events"),
        sa.Column("name", sa.String(255), nullable=False, comment="the webhook's in bongsu.yaml"),
        sa.Column("action", sa.String(16), nullable=False, comment="trigger, acknowledge, unacknowledge, resolve"),
        sa.Column("idempotency_key", sa.String(64), nullable=False, comment="the same at every try"),
        sa.Column("due_at", UtcDateTime, comment="NULL: nothing to do any more"),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False, comment="grows with every claim"),
        sa.Column("lease_holder", sa.String(128)),
        sa.Column("lease_until", UtcDateTime),
        sa.Column(
            "began_at", UtcDateTime, comment="when it was first claimed; NULL: the receiver has heard nothing of it"
        ),
        sa.Column("sent_at", UtcDateTime),
        sa.Column(
            "gave_up_at", UtcDateTime, comment="when it was given up, or dropped because it did not matter any more"
        ),
        sa.Column("last_error", sa.Text),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("tenant_id", "event_id", "name", "action", name="uq_outgoing_webhooks_event_id"),
        **_MYSQL,
    )
    op.create_index("ix_outgoing_webhooks_due_at", "outgoing_webhooks", ["tenant_id", "due_at"])
    op.create_index("ix_outgoing_webhooks_incident_id", "outgoing_webhooks", ["tenant_id", "incident_id", "id"])
    op.create_index("ix_outgoing_webhooks_began_at", "outgoing_webhooks", ["tenant_id", "began_at"])


def downgrade() -> None:
    op.drop_table("outgoing_webhooks")
