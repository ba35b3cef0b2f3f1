"""Which rows of another tool were taken over, so that none is taken twice."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt

revision = "0026"
down_revision = "0025"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "imported_rows",
        sa.Column("tenant_id", BigInt, primary_key=True, autoincrement=False),
        sa.Column("origin", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True, comment="alert, incident"),
        sa.Column("their_id", sa.String(64), primary_key=True),
        sa.Column("our_id", BigInt, nullable=False),
        sqlite_with_rowid=False,
        **_MYSQL,
    )


def downgrade() -> None:
    op.drop_table("imported_rows")
