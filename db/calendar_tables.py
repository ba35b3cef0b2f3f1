"""The tables of schedules' calendars, handovers and troubles. They belong to the metadata of all others."""

from typing import Any

from sqlalchemy import Column, String, Table, UniqueConstraint

from db.tables import metadata
from db.types import BigInt, Hash, LongText, UtcDateTime

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def _id() -> Column[int]:
    return Column("id", BigInt, primary_key=True, autoincrement=True)


calendars = Table(
    "calendars",
    metadata,
    _id(),
    Column("tenant_id", BigInt, nullable=False),
    Column("schedule", String(64), nullable=False, comment="its name in bongsu.yaml"),
    Column("source_sha256", Hash, nullable=False, comment="of what was read or tried last: URL, time zone, people"),
    Column("shifts", LongText, nullable=False, comment="JSON of the last good reading"),
    Column("unmapped", LongText, nullable=False, comment="JSON: whom its events are about and nobody knows"),
    Column("read_at", UtcDateTime, comment="the last good reading; NULL: never"),
    Column("error", LongText, comment="NULL: the last reading was good"),
    Column("failing_since", UtcDateTime),
    Column("due_at", UtcDateTime, nullable=False),
    Column("lease_until", UtcDateTime, nullable=False, comment="somebody reads it until then"),
    UniqueConstraint("tenant_id", "schedule", name="uq_calendars_schedule"),
    **_MYSQL,
)

handovers = Table(
    "handovers",
    metadata,
    _id(),
    Column("tenant_id", BigInt, nullable=False),
    Column("schedule", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("person", String(128), nullable=False, comment="Slack user id: who has it from then on"),
    Column("previous", String(128), comment="who had it; NULL: nobody is known"),
    Column("until", UtcDateTime, comment="NULL: until further notice"),
    UniqueConstraint("tenant_id", "schedule", "at", name="uq_handovers_at"),
    **_MYSQL,
)

schedule_troubles = Table(
    "schedule_troubles",
    metadata,
    _id(),
    Column("tenant_id", BigInt, nullable=False),
    Column("kind", String(16), nullable=False, comment="calendar, stale, unmapped, group, left"),
    Column("schedule", String(64), nullable=False, comment="empty: about none alone"),
    Column("about", String(128), nullable=False),
    Column("detail", LongText, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    UniqueConstraint("tenant_id", "kind", "schedule", "about", name="uq_schedule_troubles_about"),
    **_MYSQL,
)
