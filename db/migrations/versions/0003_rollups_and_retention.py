"""Hourly rollups, and the indexes by which the past is found."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, Hash, UtcDateTime

revision = "0003"
down_revision = "0002"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "alert_rollups",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("hour", UtcDateTime, nullable=False),
        sa.Column("dimensions", Hash, nullable=False, comment="of rule_uid, service, cluster and severity, in full"),
        sa.Column("rule_uid", sa.String(255), nullable=False),
        sa.Column("service", sa.String(255), nullable=False),
        sa.Column("cluster", sa.String(255), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("alerts", BigInt, nullable=False),
        sa.Column("incidents", BigInt, nullable=False),
        sa.Column("reopened", BigInt, nullable=False),
        sa.Column("resolved_untouched", BigInt, nullable=False),
        sa.UniqueConstraint("tenant_id", "hour", "dimensions", name="uq_alert_rollups_dimensions"),
        **_MYSQL,
    )
    op.create_index("ix_incident_episodes_resolved_at", "incident_episodes", ["tenant_id", "resolved_at"])
    op.create_index("ix_incidents_resolved_time", "incidents", ["tenant_id", "resolved_time"])
    op.create_index("ix_incidents_merged_into_id", "incidents", ["tenant_id", "merged_into_id"])


def downgrade() -> None:
    op.drop_index("ix_incidents_merged_into_id", "incidents")
    op.drop_index("ix_incidents_resolved_time", "incidents")
    op.drop_index("ix_incident_episodes_resolved_at", "incident_episodes")
    op.drop_table("alert_rollups")
