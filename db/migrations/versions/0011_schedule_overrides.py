"""Who has taken a schedule over, from when until when."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, UtcDateTime

revision = "0011"
down_revision = "0010"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
_ENDS_AT = "when it was ended, if it was; starts_at: it never began"


def upgrade() -> None:
    op.create_table(
        "schedule_overrides",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("schedule", sa.String(64), nullable=False, comment="its name in bongsu.yaml"),
        sa.Column("person", sa.String(128), nullable=False, comment="Slack user id"),
        sa.Column("starts_at", UtcDateTime, nullable=False),
        sa.Column("ends_at", UtcDateTime, nullable=False, comment=_ENDS_AT),
        sa.Column("created_by", sa.String(128), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("ended_by", sa.String(128), comment="NULL: nobody, it lasted as planned"),
        **_MYSQL,
    )
    op.create_index("ix_schedule_overrides_ends_at", "schedule_overrides", ["tenant_id", "ends_at"])


def downgrade() -> None:
    op.drop_table("schedule_overrides")
