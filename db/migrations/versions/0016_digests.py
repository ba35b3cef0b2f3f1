"""What was told in digests, and the pictures that belong below."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, JsonText, UtcDateTime

revision = "0016"
down_revision = "0015"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
_CHART_DUE_AT = "when its picture is looked after; NULL: nothing to do any more"


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("name", sa.String(128), nullable=False, comment="which digest of bongsu.yaml it is an edition of"),
        sa.Column("due_at", UtcDateTime, nullable=False, comment="where its time ends"),
        sa.Column("state", sa.String(16), nullable=False, comment="wanted (from due_at on), published, skipped"),
        sa.Column("since_at", UtcDateTime, comment="where its time begins; NULL: it is not told"),
        sa.Column("channel", sa.String(128), nullable=False, comment="as it stands in bongsu.yaml"),
        sa.Column("timezone", sa.String(64), nullable=False, comment="whose days are its days"),
        sa.Column("services", JsonText, nullable=False, comment="[]: all"),
        sa.Column("chart_due_at", UtcDateTime, comment=_CHART_DUE_AT),
        sa.Column("chart_attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("file_id", sa.String(64), comment="Slack's, of the picture"),
        sa.UniqueConstraint("tenant_id", "name", "due_at", name="uq_digests_due_at"),
        **_MYSQL,
    )
    op.create_index("ix_digests_chart_due_at", "digests", ["tenant_id", "chart_due_at"])


def downgrade() -> None:
    op.drop_table("digests")
