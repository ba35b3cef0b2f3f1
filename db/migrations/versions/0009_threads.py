"""What people say in threads: which events were heard, which messages are notes, where cards stood before."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, JsonText, LongText, UtcDateTime

revision = "0009"
down_revision = "0008"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
_EVENT = "the event that tells it; NULL: it was taken back before it was told"


def upgrade() -> None:
    op.create_table(
        "slack_events",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("event_id", sa.String(64), nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("tenant_id", "event_id", name="uq_slack_events_event_id"),
        **_MYSQL,
    )
    op.create_index("ix_slack_events_received_at", "slack_events", ["tenant_id", "received_at"])
    op.create_table(
        "told_messages",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("channel_id", sa.String(80), nullable=False),
        sa.Column("ts", sa.String(32), nullable=False),
        sa.Column("incident_id", BigInt, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False, comment="note: a reply; entry: put on the timeline by hand"),
        sa.Column("event_id", BigInt, comment=_EVENT),
        sa.Column("author", sa.String(128), nullable=False),
        sa.Column("text", LongText, nullable=False, comment="as it is now"),
        sa.Column("is_clipped", sa.Boolean, nullable=False, comment="the message is longer"),
        sa.Column("files", sa.Integer, nullable=False),
        sa.Column("edited_ts", sa.String(32), nullable=False, comment="of the newest edit that was heard of; '': none"),
        sa.Column("is_gone", sa.Boolean, nullable=False, comment="not shown any more"),
        sa.Column("pins", JsonText, comment="who pinned it, and when they last changed that; NULL: a note"),
        sa.UniqueConstraint(
            "tenant_id", "channel_id", "ts", "incident_id", "kind", name="uq_told_messages_channel_id"
        ),
        **_MYSQL,
    )
    op.create_index("ix_told_messages_incident_id", "told_messages", ["incident_id", "event_id"])
    op.create_table(
        "former_cards",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("channel_id", sa.String(80), nullable=False),
        sa.Column("ts", sa.String(32), nullable=False),
        sa.Column("incident_id", BigInt, nullable=False),
        sa.UniqueConstraint("tenant_id", "channel_id", "ts", name="uq_former_cards_channel_id"),
        **_MYSQL,
    )
    op.create_index("ix_former_cards_incident_id", "former_cards", ["incident_id"])
    op.create_index("ix_outbox_channel_id", "outbox", ["tenant_id", "channel_id", "ts"])


def downgrade() -> None:
    op.drop_index("ix_outbox_channel_id", "outbox")
    op.drop_table("former_cards")
    op.drop_table("told_messages")
    op.drop_table("slack_events")
