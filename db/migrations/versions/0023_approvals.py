"""Requests for a second person, and which incidents wait for one."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, LongText, UtcDateTime

revision = "0023"
down_revision = "0022"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
_OPEN = "incident_id while it is open, else NULL: unique with the tenant"
_UNTIL = "until then a second person may confirm what was asked; NULL: nothing was"


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("incident_id", BigInt, nullable=False),
        sa.Column("incident_number", BigInt, nullable=False),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("open_incident_id", BigInt, comment=_OPEN),
        sa.Column("wanted", sa.String(16), nullable=False, comment="resolve, noise"),
        sa.Column("words", LongText, nullable=False, comment="the note or reason that go with it"),
        sa.Column("asked_by", sa.String(128), nullable=False),
        sa.Column("asked_via", sa.String(64), nullable=False, comment="the API key that acted for them"),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("until", UtcDateTime, nullable=False, comment="from then on nobody can approve it"),
        sa.Column("event_id", BigInt, nullable=False, comment="the event that tells it"),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("decided_by", sa.String(128), comment="NULL: nobody, it is open or ended by itself"),
        sa.Column("decided_via", sa.String(64), nullable=False),
        sa.Column("decided_at", UtcDateTime),
        sa.Column("reason", LongText, nullable=False, comment="why it was declined"),
        sa.UniqueConstraint("tenant_id", "open_incident_id", name="uq_approvals_open_incident_id"),
        **_MYSQL,
    )
    op.create_index("ix_approvals_incident_id", "approvals", ["tenant_id", "incident_id", "asked_at"])
    op.create_index("ix_approvals_asked_at", "approvals", ["tenant_id", "asked_at"])
    op.create_index("ix_approvals_outcome", "approvals", ["tenant_id", "outcome", "asked_at"])
    op.add_column("incidents", sa.Column("approval_until", UtcDateTime, comment=_UNTIL))
    op.add_column("incidents", sa.Column("approved_by", sa.String(128), comment="the second person; NULL: there was none"))


def downgrade() -> None:
    op.drop_column("incidents", "approved_by")
    op.drop_column("incidents", "approval_until")
    op.drop_table("approvals")
