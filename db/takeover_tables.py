"""The table of what was taken over from another tool. It belongs to the metadata of all others."""

from sqlalchemy import Column, String, Table

from db.tables import metadata
from db.types import BigInt

imported_rows = Table(
    "imported_rows",
    metadata,
    Column("tenant_id", BigInt, primary_key=True, autoincrement=False),
    Column("origin", String(64), primary_key=True),
    Column("kind", String(16), primary_key=True, comment="alert, incident"),
    Column("their_id", String(64), primary_key=True),
    Column("our_id", BigInt, nullable=False),
    sqlite_with_rowid=False,
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
    mysql_collate="utf8mb4_bin",
)
