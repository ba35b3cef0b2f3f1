"""Snoozes know their owner, and severities that people set are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
compatible_with = "0005"

_TOLD = "the gravest that alerts told; NULL: that is severity"


def upgrade() -> None:
    op.add_column("incidents", sa.Column("snoozed_by", sa.String(128)))
    op.add_column("incidents", sa.Column("snoozed_severity", sa.String(16)))
    op.add_column("incidents", sa.Column("told_severity", sa.String(16), comment=_TOLD))
    op.create_index("ix_incidents_snoozed_until", "incidents", ["tenant_id", "snoozed_until"])


def downgrade() -> None:
    op.drop_index("ix_incidents_snoozed_until", "incidents")
    for name in ("told_severity", "snoozed_severity", "snoozed_by"):
        op.drop_column("incidents", name)
