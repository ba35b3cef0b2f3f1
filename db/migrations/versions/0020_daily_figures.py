"""Figures by day, and an index by which deliveries are listed by what became of them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, Hash, LongText, UtcDateTime

revision = "0020"
down_revision = "0019"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
_COUNTS = (
    "alerts", "opened", "ended", "acknowledged_in_5min", "known_in_5min", "acknowledged_in_15min", "known_in_15min",
    "recovered", "recovered_untouched", "recoveries_told", "false_recoveries", "noise", "merged", "stale", "no_data",
    "source_error", "series_missing", "paused", "rule_deleted", "rule_changed",
)  # fmt: skip
_BY_DAY = ("tenant_id", "grouped_by", "day", "severity", "cluster", "service")


def upgrade() -> None:
    op.create_table(
        "daily_figures",
        *_head(),
        *(sa.Column(name, BigInt, nullable=False) for name in _COUNTS),
        *(column for name in ("mtta", "mttr", "close") for column in _times(name)),
        sa.Column("packed", LongText, nullable=False, comment="incidents/daily/packed.py: all of it, for answers"),
        sa.UniqueConstraint("tenant_id", "dimensions", "day", name="uq_daily_figures_dimensions"),
        **_MYSQL,
    )
    op.create_index("ix_daily_figures_day", "daily_figures", [*_BY_DAY])
    op.create_table(
        "daily_rules",
        *_head(),
        sa.Column("rule_uid", sa.String(255), nullable=False),
        sa.Column("rule_name", sa.String(255), nullable=False),
        sa.Column("occurrences", BigInt, nullable=False),
        sa.Column("alerts", BigInt, nullable=False),
        sa.UniqueConstraint("tenant_id", "dimensions", "day", name="uq_daily_rules_dimensions"),
        **_MYSQL,
    )
    op.create_index("ix_daily_rules_day", "daily_rules", [*_BY_DAY])
    op.create_index("ix_deliveries_status", "deliveries", ["tenant_id", "source", "status", "received_at"])


def _head() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("day", UtcDateTime, nullable=False, comment="its beginning, UTC"),
        sa.Column("dimensions", Hash, nullable=False, comment="of all that follows but the figures, in full"),
        sa.Column("grouped_by", sa.String(32), nullable=False, comment="all, service, service,cluster …: what is not NULL"),
        sa.Column("service", sa.String(255), comment="NULL: all of them"),
        sa.Column("cluster", sa.String(255), comment="NULL: all of them"),
        sa.Column("severity", sa.String(16), comment="NULL: all of them"),
    ]


def _times(name: str) -> list[sa.Column[Any]]:
    return [
        sa.Column(f"{name}_n", BigInt, nullable=False),
        sa.Column(f"{name}_seconds", sa.Double, nullable=False, comment="together"),
        sa.Column(f"{name}_median", sa.Double, comment="seconds, within 2 per cent; NULL: fewer than five"),
        sa.Column(f"{name}_p90", sa.Double, comment="seconds, within 2 per cent; NULL: fewer than five"),
    ]


def downgrade() -> None:
    op.drop_index("ix_deliveries_status", "deliveries")
    op.drop_table("daily_rules")
    op.drop_table("daily_figures")
