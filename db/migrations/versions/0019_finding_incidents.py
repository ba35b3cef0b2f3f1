"""Indexes for lists of incidents, and the words by which they are found."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt

revision = "0019"
down_revision = "0018"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
_LISTED_BY = {
    "ix_incidents_start_time": [],
    "ix_incidents_severity": ["severity"],
    "ix_incidents_service": ["service"],
    "ix_incidents_namespace": ["namespace"],
    "ix_incidents_cluster": ["cluster"],
    "ix_incidents_assignee": ["assignee"],
}


def upgrade() -> None:
    for name, columns in _LISTED_BY.items():
        op.create_index(name, "incidents", ["tenant_id", *columns, "start_time"])
    op.create_table(
        "incident_words",
        sa.Column("tenant_id", BigInt, primary_key=True, autoincrement=False),
        sa.Column("word", sa.String(64), primary_key=True),
        sa.Column("incident_id", BigInt, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
        **_MYSQL,
    )
    op.create_index("ix_incident_words_incident_id", "incident_words", ["incident_id", "word"])


def downgrade() -> None:
    op.drop_table("incident_words")
    for name in _LISTED_BY:
        op.drop_index(name, "incidents")
