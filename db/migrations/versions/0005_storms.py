"""Storms: many new incidents of one channel are shown in one roll-up."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, Hash, UtcDateTime

revision = "0005"
down_revision = "0004"
compatible_with = "0004"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
_UNDER_WAY = "the channel while it is under way, else NULL: one at a time"
_ROLLUP = "the outbox row of its roll-up; NULL only inside the transaction that begins it"


def upgrade() -> None:
    op.create_table(
        "storms",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("channel", sa.String(80), nullable=False),
        sa.Column("open_channel", sa.String(80), comment=_UNDER_WAY),
        sa.Column("rollup_id", BigInt, comment=_ROLLUP),
        sa.Column("began_at", UtcDateTime, nullable=False),
        sa.Column("last_new_at", UtcDateTime, nullable=False),
        sa.Column("hot_at", UtcDateTime, nullable=False, comment="when the rate was last above the limit"),
        sa.Column("looked_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("settled_at", UtcDateTime, comment="NULL: it must be looked at again"),
        sa.Column("coming", sa.Integer, nullable=False, comment="cards that were on their way at looked_at"),
        sa.Column("looks", Hash, comment="what its roll-up was last asked to show; NULL: nothing yet"),
        sa.UniqueConstraint("tenant_id", "open_channel", name="uq_storms_open_channel"),
        **_MYSQL,
    )
    op.create_index("ix_storms_settled_at", "storms", ["tenant_id", "settled_at"])
    op.create_index("ix_storms_rollup_id", "storms", ["tenant_id", "rollup_id"])
    op.create_table(
        "storm_incidents",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("storm_id", BigInt, nullable=False),
        sa.Column("outbox_id", BigInt, nullable=False, comment="the incident's card in the storm's channel"),
        sa.Column("incident_id", BigInt, nullable=False),
        sa.Column("since_rev", BigInt, nullable=False, comment="the roll-up's revision that first showed it like this"),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.UniqueConstraint("storm_id", "outbox_id", name="uq_storm_incidents_outbox_id"),
        **_MYSQL,
    )
    op.create_index("ix_storm_incidents_incident_id", "storm_incidents", ["tenant_id", "incident_id"])
    op.create_index("ix_outbox_created_at", "outbox", ["tenant_id", "kind", "created_at", "channel"])


def downgrade() -> None:
    op.drop_index("ix_outbox_created_at", "outbox")
    op.drop_table("storm_incidents")
    op.drop_table("storms")
