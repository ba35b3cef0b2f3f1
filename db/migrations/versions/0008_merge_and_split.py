"""Incidents are merged and split by hand, and both can be undone."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, Hash

revision = "0008"
down_revision = "0007"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
_GOES_TO = "where alerts of this key go while it is open"
_MERGED = "the incident of this key that was merged into it"
_SPLIT_FROM = "the incident that people took its series out of"
_MERGED_FROM = "the merged incident that it is of, and goes back to"


def upgrade() -> None:
    op.create_table(
        "key_aliases",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column("incident_key", Hash, nullable=False),
        sa.Column("incident_id", BigInt, nullable=False, comment=_GOES_TO),
        sa.Column("merged_id", BigInt, nullable=False, comment=_MERGED),
        sa.UniqueConstraint("tenant_id", "merged_id", name="uq_key_aliases_merged_id"),
        **_MYSQL,
    )
    op.create_index("ix_key_aliases_incident_key", "key_aliases", ["tenant_id", "incident_key"])
    op.create_index("ix_key_aliases_incident_id", "key_aliases", ["tenant_id", "incident_id"])
    op.add_column("incidents", sa.Column("split_from_id", BigInt, comment=_SPLIT_FROM))
    op.add_column("incident_series", sa.Column("merged_from_id", BigInt, comment=_MERGED_FROM))


def downgrade() -> None:
    op.drop_column("incident_series", "merged_from_id")
    op.drop_column("incidents", "split_from_id")
    op.drop_table("key_aliases")
