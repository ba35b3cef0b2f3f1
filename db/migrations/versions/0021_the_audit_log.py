"""The audit log, and the heads of its chains."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, Hash, JsonText, UtcDateTime

revision = "0021"
down_revision = "0020"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("seq", BigInt, comment="its place in the chain; NULL: it waits to be sealed"),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("via", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(128), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("incident_id", BigInt),
        sa.Column("event_id", BigInt, comment="of incident_events, where that tells the same"),
        sa.Column("before", JsonText),
        sa.Column("after", JsonText),
        sa.Column("data", JsonText),
        sa.Column("salt", sa.String(32)),
        sa.Column("digest", Hash, comment="of what it says of people, as it was when it was sealed"),
        sa.Column("keyed", sa.Boolean, comment="whether its hash was made with a secret"),
        sa.Column("hash", Hash),
        sa.UniqueConstraint("tenant_id", "seq", name="uq_audit_log_seq"),
        sa.UniqueConstraint("tenant_id", "event_id", name="uq_audit_log_event_id"),
        **_MYSQL,
    )
    for column in ("actor", "action", "subject"):
        op.create_index(f"ix_audit_log_{column}", "audit_log", ["tenant_id", column, "at"])
    op.create_index("ix_audit_log_at", "audit_log", ["tenant_id", "at"])
    op.create_table(
        "audit_chains",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("seq", BigInt, nullable=False, comment="of the last entry; 0: there is none"),
        sa.Column("hash", Hash, nullable=False),
        sa.Column("keyed", sa.Boolean, nullable=False),
        sa.Column("events_at", UtcDateTime, comment="timelines were read up to this event; NULL: none was"),
        sa.Column("events_id", BigInt),
        sa.Column("told_at", UtcDateTime, comment="when its head was last logged"),
        sa.UniqueConstraint("tenant_id", name="uq_audit_chains_tenant_id"),
        **_MYSQL,
    )
    # What happened before there was an audit log stands on the timelines alone.
    op.execute(
        "INSERT INTO audit_chains (tenant_id, seq, hash, keyed, events_at, events_id) "
        "SELECT tenant_id, 0, '', 0, MAX(at), MAX(id) FROM incident_events GROUP BY tenant_id"
    )


def downgrade() -> None:
    op.drop_table("audit_chains")
    op.drop_table("audit_log")
