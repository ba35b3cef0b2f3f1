"""API keys, and what was answered to requests that must be done once."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, Hash, JsonText, LongText, UtcDateTime

revision = "0018"
down_revision = "0017"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("digest", Hash, nullable=False, unique=True, comment="of the secret, which is not kept"),
        sa.Column("hint", sa.String(8), nullable=False),
        sa.Column("default_labels", JsonText, comment="of alerts that come with it; NULL: none"),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("created_by", sa.String(128), nullable=False),
        sa.Column("expires_at", UtcDateTime, comment="NULL: never"),
        sa.Column("last_used_at", UtcDateTime, comment="right to a minute; NULL: never"),
        sa.Column("revoked_at", UtcDateTime),
        sa.Column("revoked_by", sa.String(128)),
        **_MYSQL,
    )
    op.create_index("ix_api_keys_name", "api_keys", ["tenant_id", "name"])
    op.create_table(
        "idempotent_requests",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("api_key_id", BigInt, nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("request_sha256", Hash, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("body", LongText, nullable=False),
        sa.Column("etag", sa.String(64)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("tenant_id", "api_key_id", "idempotency_key", name="uq_idempotent_requests_key"),
        **_MYSQL,
    )
    op.create_index("ix_idempotent_requests_created_at", "idempotent_requests", ["tenant_id", "created_at"])


def downgrade() -> None:
    op.drop_table("idempotent_requests")
    op.drop_table("api_keys")
