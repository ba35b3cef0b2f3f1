"""What is planned to happen to incidents that nobody takes; and the newest row of a series is found at once."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, UtcDateTime

revision = "0012"
down_revision = "0011"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "escalation_steps",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("incident_id", BigInt, sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer, nullable=False, comment="counts all of the episode, from 1"),
        sa.Column("timer", sa.String(16), nullable=False, comment="page, ask_owner, still_open"),
        sa.Column("policy", sa.String(64), nullable=False, comment="its name in bongsu.yaml"),
        sa.Column("position", sa.Integer, nullable=False, comment="the step of the policy, from 1; 0: it is no page"),
        sa.Column("round", sa.Integer, nullable=False, comment="from 1; 0: it is no page"),
        sa.Column("began_at", UtcDateTime, nullable=False, comment="when the round did"),
        sa.Column("planned_for", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, comment="NULL: nothing to do any more"),
        sa.Column("state", sa.String(16), nullable=False, comment="planned, done, cancelled"),
        sa.Column("done_at", UtcDateTime),
        sa.Column("reason", sa.String(32), comment="why it was cancelled, or done before its time"),
        sa.Column("event_id", BigInt, comment="what tells it on the timeline"),
        sa.Column("told_in_id", BigInt, comment="the row of outbox whose message tells it with others"),
        sa.UniqueConstraint("tenant_id", "incident_id", "episode", "step", name="uq_escalation_steps_step"),
        **_MYSQL,
    )
    op.create_index("ix_escalation_steps_due_at", "escalation_steps", ["tenant_id", "due_at"])
    op.create_index("ix_escalation_steps_told_in_id", "escalation_steps", ["tenant_id", "told_in_id"])
    op.add_column("incidents", sa.Column("confirm_reason", sa.String(32), comment="NULL: it worsened"))
    op.create_index("ix_incident_series_newest", "incident_series", ["tenant_id", "series_key", "id"])
    op.drop_index("ix_incident_series_series_key", "incident_series")


def downgrade() -> None:
    op.drop_column("incidents", "confirm_reason")
    op.create_index("ix_incident_series_series_key", "incident_series", ["tenant_id", "series_key", "incident_id"])
    op.drop_index("ix_incident_series_newest", "incident_series")
    op.drop_table("escalation_steps")
