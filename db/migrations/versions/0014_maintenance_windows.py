"""Windows of maintenance, and which of them an incident stands in."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, JsonText, LongText, UtcDateTime

revision = "0014"
down_revision = "0013"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
_TABLE = "maintenance_windows"
_UNDER_WAY = "start of the occurrence that was begun and not ended; NULL: none"
_LEFT = "incidents that fired as the occurrence of left_of ended; NULL: none"
_MARK = "the window of maintenance that it stands in now; NULL: none"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("token", sa.String(64), nullable=False, comment="of the form or command that asked for it"),
        sa.Column("scope", JsonText, nullable=False, comment="by field the values that count, in lower case"),
        sa.Column("starts_at", UtcDateTime, nullable=False, comment="of the first occurrence"),
        sa.Column("ends_at", UtcDateTime, nullable=False, comment="of the first occurrence"),
        sa.Column("repeats", sa.String(16), nullable=False, comment="none, daily, weekly"),
        sa.Column("zone", sa.String(64), nullable=False, comment="in whose local time it repeats"),
        sa.Column("reason", LongText, nullable=False),
        sa.Column("channel", sa.String(80), nullable=False),
        sa.Column("created_by", sa.String(128), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime, comment="NULL: it stands"),
        sa.Column("ended_by", sa.String(128), comment="NULL: nobody, it lasted as planned"),
        sa.Column("under_way", UtcDateTime, comment=_UNDER_WAY),
        sa.Column("due_at", UtcDateTime, comment="NULL: the clock has nothing to do with it"),
        sa.Column("left_firing", JsonText, comment=_LEFT),
        sa.Column("left_of", UtcDateTime),
        sa.UniqueConstraint("tenant_id", "token", name="uq_maintenance_windows_token"),
        **_MYSQL,
    )
    op.create_index("ix_maintenance_windows_ended_at", _TABLE, ["tenant_id", "ended_at"])
    op.create_index("ix_maintenance_windows_due_at", _TABLE, ["tenant_id", "due_at"])
    op.add_column("incidents", sa.Column("maintenance_id", BigInt, comment=_MARK))
    op.create_index("ix_incidents_maintenance_id", "incidents", ["tenant_id", "maintenance_id"])


def downgrade() -> None:
    op.drop_index("ix_incidents_maintenance_id", "incidents")
    op.drop_column("incidents", "maintenance_id")
    op.drop_table(_TABLE)
