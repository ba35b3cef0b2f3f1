"""When each heartbeat was last heard of."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, UtcDateTime

revision = "0017"
down_revision = "0016"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
_INCIDENT = "where it was told; that incident may be deleted since"


def upgrade() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("name", sa.String(64), nullable=False, comment="in bongsu.yaml"),
        sa.Column("within_seconds", sa.Integer, nullable=False, comment="what expected_by was reckoned with"),
        sa.Column("created_at", UtcDateTime, nullable=False, comment="when it was first seen in bongsu.yaml"),
        sa.Column("last_seen_at", UtcDateTime, comment="NULL: never"),
        sa.Column("expected_by", UtcDateTime, nullable=False),
        sa.Column("silent_since", UtcDateTime, comment="NULL: it is not silent, or nobody was told yet"),
        sa.Column("told_at", UtcDateTime, comment="when its silence was last told"),
        sa.Column("silence_incident_id", BigInt, comment=_INCIDENT),
        sa.UniqueConstraint("tenant_id", "name", name="uq_heartbeats_name"),
        **_MYSQL,
    )


def downgrade() -> None:
    op.drop_table("heartbeats")
