"""What dashboards read: alerts by namespace and phase, too; days by place in full, with how long what took."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, UtcDateTime

revision = "0024"
down_revision = "0023"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
_COUNTS = (
    "alerts", "opened", "ended", "acknowledged_in_5min", "known_in_5min", "acknowledged_in_15min", "known_in_15min",
    "recovered", "recovered_untouched", "recoveries_told", "false_recoveries", "noise", "merged", "stale", "no_data",
    "source_error", "series_missing", "paused", "rule_deleted", "rule_changed",
)  # fmt: skip


def upgrade() -> None:
    for name in ("namespace", "phase"):
        op.add_column("alert_rollups", sa.Column(name, sa.String(255), nullable=False, server_default=sa.text("''")))
    op.create_index("ix_alert_rollups_service", "alert_rollups", ["tenant_id", "service", "hour"])
    op.create_table(
        "daily_places",
        *_head(),
        sa.Column("day", UtcDateTime, nullable=False, comment="its beginning, UTC"),
        *_place(),
        *(sa.Column(name, BigInt, nullable=False) for name in _COUNTS),
        *(column for name in ("mtta", "mttr", "close") for column in _sum(name)),
        **_MYSQL,
    )
    op.create_index("ix_daily_places_day", "daily_places", ["tenant_id", "day"])
    op.create_table(
        "daily_times",
        *_head(),
        sa.Column("grouped_by", sa.String(16), nullable=False, comment="severity: of all places; place: of one"),
        sa.Column("figure", sa.String(8), nullable=False, comment="mtta, mttr, close"),
        sa.Column("day", UtcDateTime, nullable=False, comment="its beginning, UTC"),
        *_place(),
        sa.Column("seconds", sa.Double, nullable=False, comment="within 2 per cent"),
        sa.Column("n", BigInt, nullable=False, comment="how many took as long"),
        **_MYSQL,
    )
    op.create_index("ix_daily_times_day", "daily_times", ["tenant_id", "grouped_by", "figure", "day"])
    for part in ("service", "cluster"):
        columns = ["tenant_id", "grouped_by", part, "figure", "day"]
        op.create_index(f"ix_daily_times_{part}", "daily_times", columns)
    op.create_table(
        "hourly_alerts",
        *_head(),
        sa.Column("hour", UtcDateTime, nullable=False, comment="its beginning, UTC"),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("alerts", BigInt, nullable=False, comment="of all places; alert_rollups has them apart"),
        sa.Column("incidents", BigInt, nullable=False),
        sa.Column("reopened", BigInt, nullable=False),
        sa.UniqueConstraint("tenant_id", "hour", "severity", name="uq_hourly_alerts_hour"),
        **_MYSQL,
    )


def _head() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
    ]


def _place() -> list[sa.Column[Any]]:
    return [
        sa.Column("cluster", sa.String(255), nullable=False),
        sa.Column("namespace", sa.String(255), nullable=False),
        sa.Column("service", sa.String(255), nullable=False),
        sa.Column("phase", sa.String(255), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
    ]


def _sum(name: str) -> list[sa.Column[Any]]:
    return [
        sa.Column(f"{name}_n", BigInt, nullable=False),
        sa.Column(f"{name}_seconds", sa.Double, nullable=False, comment="together"),
    ]


def downgrade() -> None:
    for table in ("hourly_alerts", "daily_times", "daily_places"):
        op.drop_table(table)
    op.drop_index("ix_alert_rollups_service", "alert_rollups")
    for name in ("phase", "namespace"):
        op.drop_column("alert_rollups", name)
