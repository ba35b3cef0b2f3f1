"""The tables of what people say in threads, and of where cards stood. They belong to the metadata of all others."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, UniqueConstraint
from sqlalchemy.schema import SchemaItem

from db.tables import metadata
from db.types import BigInt, JsonText, LongText, UtcDateTime


def _table(name: str, *items: SchemaItem) -> Table:
    """With an id, and of a tenant."""
    key = Column("id", BigInt, primary_key=True, autoincrement=True)
    tenant = Column("tenant_id", BigInt, nullable=False)
    return Table(
        name,
        metadata,
        key,
        tenant,
        *items,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )


slack_events = _table(
    "slack_events",
    Column("event_id", String(64), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    UniqueConstraint("tenant_id", "event_id", name="uq_slack_events_event_id"),
    Index("ix_slack_events_received_at", "tenant_id", "received_at"),
)

told_messages = _table(
    "told_messages",
    Column("channel_id", String(80), nullable=False),
    Column("ts", String(32), nullable=False),
    Column("incident_id", BigInt, nullable=False),
    Column("kind", String(16), nullable=False, comment="note: a reply; entry: put on the timeline by hand"),
    Column("event_id", BigInt, comment="the event that tells it; NULL: it was taken back before it was told"),
    Column("author", String(128), nullable=False),
    Column("text", LongText, nullable=False, comment="as it is now"),
    Column("is_clipped", Boolean, nullable=False, comment="the message is longer"),
    Column("files", Integer, nullable=False),
    Column("edited_ts", String(32), nullable=False, comment="of the newest edit that was heard of; '': none"),
    Column("is_gone", Boolean, nullable=False, comment="not shown any more"),
    Column("pins", JsonText, comment="who pinned it, and when they last changed that; NULL: a note"),
    UniqueConstraint("tenant_id", "channel_id", "ts", "incident_id", "kind", name="uq_told_messages_channel_id"),
    Index("ix_told_messages_incident_id", "incident_id", "event_id"),
)

former_cards = _table(
    "former_cards",
    Column("channel_id", String(80), nullable=False),
    Column("ts", String(32), nullable=False),
    Column("incident_id", BigInt, nullable=False),
    UniqueConstraint("tenant_id", "channel_id", "ts", name="uq_former_cards_channel_id"),
    Index("ix_former_cards_incident_id", "incident_id"),
)
