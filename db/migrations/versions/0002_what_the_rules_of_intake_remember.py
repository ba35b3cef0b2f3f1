"""What the rules of intake remember."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, JsonText, UtcDateTime

revision = "0002"
down_revision = "0001"


def _incidents() -> list[sa.Column[Any]]:
    return [
        sa.Column("kind", sa.String(16), nullable=False, server_default="data"),
        sa.Column("firing", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("doubts", JsonText, comment="NULL: none"),
        sa.Column("acknowledged_severity", sa.String(16)),
        sa.Column("acknowledged_firing", sa.Integer),
        sa.Column("confirm_by", UtcDateTime),
        sa.Column("check_at", UtcDateTime, comment="NULL: the clock has nothing to do with it"),
        sa.Column("asked_at", UtcDateTime),
        sa.Column("reminded_episode", sa.Integer),
        sa.Column("unfollowed", BigInt, nullable=False, server_default=sa.text("0")),
        sa.Column("event_count", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("series_count", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("untold", BigInt, nullable=False, server_default=sa.text("0")),
        sa.Column("is_overflow", sa.Boolean, nullable=False, server_default=sa.text("0")),
    ]


def _series() -> list[sa.Column[Any]]:
    return [
        sa.Column("is_blind", sa.Boolean, nullable=False, server_default=sa.text("0")),
        sa.Column("doubt", sa.String(32)),
        sa.Column("ended_episode", sa.Integer),
    ]


_COUNT_WHAT_FIRES = """
UPDATE incidents SET firing = (
    SELECT COUNT(*) FROM incident_series
    WHERE incident_series.incident_id = incidents.id AND incident_series.status = 'firing'
)
"""
_COUNT_SERIES = """
UPDATE incidents SET series_count = (
    SELECT COUNT(*) FROM incident_series WHERE incident_series.incident_id = incidents.id
)
"""
_COUNT_EVENTS = """
UPDATE incidents SET event_count = (
    SELECT COUNT(*) FROM incident_events WHERE incident_events.incident_id = incidents.id
)
"""


def upgrade() -> None:
    for column in _incidents():
        op.add_column("incidents", column)
    for column in _series():
        op.add_column("incident_series", column)
    op.add_column("deliveries", sa.Column("default_labels", JsonText, comment="of the URL; NULL: none"))
    op.create_index("ix_incidents_rule_uid", "incidents", ["tenant_id", "rule_uid", "resolved_time"])
    op.create_index("ix_incidents_check_at", "incidents", ["tenant_id", "check_at"])
    op.execute(_COUNT_WHAT_FIRES)
    op.execute(_COUNT_SERIES)
    op.execute(_COUNT_EVENTS)
    op.execute("UPDATE incidents SET check_at = last_alert_time WHERE status <> 'resolved'")


def downgrade() -> None:
    op.drop_index("ix_incidents_check_at", "incidents")
    op.drop_index("ix_incidents_rule_uid", "incidents")
    op.drop_column("deliveries", "default_labels")
    for column in _series():
        op.drop_column("incident_series", column.name)
    for column in _incidents():
        op.drop_column("incidents", column.name)
