"""The table of what was told in digests. It belongs to the metadata of all others."""

from sqlalchemy import Column, Index, Integer, String, Table, UniqueConstraint

from db.tables import metadata
from db.types import BigInt, JsonText, UtcDateTime

digests = Table(
    "digests",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("name", String(128), nullable=False, comment="which digest of bongsu.yaml it is an edition of"),
    Column("due_at", UtcDateTime, nullable=False, comment="where its time ends"),
    Column("state", String(16), nullable=False, comment="wanted (from due_at on), published, skipped"),
    Column("since_at", UtcDateTime, comment="where its time begins; NULL: it is not told"),
    Column("channel", String(128), nullable=False, comment="as it stands in bongsu.yaml"),
    Column("timezone", String(64), nullable=False, comment="whose days are its days"),
    Column("services", JsonText, nullable=False, comment="[]: all"),
    Column("chart_due_at", UtcDateTime, comment="when its picture is looked after; NULL: nothing to do any more"),
    Column("chart_attempts", Integer, nullable=False, server_default="0"),
    Column("file_id", String(64), comment="Slack's, of the picture"),
    UniqueConstraint("tenant_id", "name", "due_at", name="uq_digests_due_at"),
    Index("ix_digests_chart_due_at", "tenant_id", "chart_due_at"),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
    mysql_collate="utf8mb4_bin",
)
