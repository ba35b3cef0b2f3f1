"""Schedules from calendars, who handed over to whom, and what is wrong with schedules."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, Hash, LongText, UtcDateTime

revision = "0015"
down_revision = "0014"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "calendars",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("schedule", sa.String(64), nullable=False, comment="its name in bongsu.yaml"),
        sa.Column(
            "source_sha256", Hash, nullable=False, comment="of what was read or tried last: URL, time zone, people"
        ),
        sa.Column("shifts", LongText, nullable=False, comment="JSON of the last good reading"),
        sa.Column("unmapped", LongText, nullable=False, comment="JSON: whom its events are about and nobody knows"),
        sa.Column("read_at", UtcDateTime, comment="the last good reading; NULL: never"),
        sa.Column("error", LongText, comment="NULL: the last reading was good"),
        sa.Column("failing_since", UtcDateTime),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("lease_until", UtcDateTime, nullable=False, comment="somebody reads it until then"),
        sa.UniqueConstraint("tenant_id", "schedule", name="uq_calendars_schedule"),
        **_MYSQL,
    )
    op.create_table(
        "handovers",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("schedule", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("person", sa.String(128), nullable=False, comment="Slack user id: who has it from then on"),
        sa.Column("previous", sa.String(128), comment="who had it; NULL: nobody is known"),
        sa.Column("until", UtcDateTime, comment="NULL: until further notice"),
        sa.UniqueConstraint("tenant_id", "schedule", "at", name="uq_handovers_at"),
        **_MYSQL,
    )
    op.create_table(
        "schedule_troubles",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False, comment="calendar, stale, unmapped, group, left"),
        sa.Column("schedule", sa.String(64), nullable=False, comment="empty: about none alone"),
        sa.Column("about", sa.String(128), nullable=False),
        sa.Column("detail", LongText, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.UniqueConstraint("tenant_id", "kind", "schedule", "about", name="uq_schedule_troubles_about"),
        **_MYSQL,
    )


def downgrade() -> None:
    op.drop_table("schedule_troubles")
    op.drop_table("handovers")
    op.drop_table("calendars")
