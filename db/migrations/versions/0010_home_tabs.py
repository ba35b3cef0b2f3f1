"""Who has opened their Home tab, and what Slack shows there."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, Hash, UtcDateTime

revision = "0010"
down_revision = "0009"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "app_homes",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("user_id", sa.String(128), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("world", Hash, comment="what it was rendered from; NULL: it is to be shown anew"),
        sa.Column("content_sha256", Hash, comment="of what Slack shows; NULL: not known"),
        sa.Column("view_hash", sa.String(64), comment="Slack's name of what it shows; NULL: not known"),
        sa.Column("not_before", UtcDateTime, comment="it failed, and is tried again then"),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.UniqueConstraint("tenant_id", "user_id", name="uq_app_homes_user_id"),
        **_MYSQL,
    )
    op.create_index("ix_app_homes_opened_at", "app_homes", ["tenant_id", "opened_at"])


def downgrade() -> None:
    op.drop_table("app_homes")
