"""The table of incidents' words, by which text is searched. It belongs to the metadata of all others.

A table of our own rather than a full-text index: it is the same on each database, has no stop words, takes words of one
letter, and knows tenants.
"""

from typing import Any

from sqlalchemy import Column, Index, String, Table

from db.tables import metadata
from db.types import BigInt
from incidents.search.words import LONGEST_WORD

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}

incident_words = Table(
    "incident_words",
    metadata,
    Column("tenant_id", BigInt, primary_key=True, autoincrement=False),
    Column("word", String(LONGEST_WORD), primary_key=True),
    Column("incident_id", BigInt, primary_key=True, autoincrement=False),
    Index("ix_incident_words_incident_id", "incident_id", "word"),
    sqlite_with_rowid=False,
    **_MYSQL,
)
