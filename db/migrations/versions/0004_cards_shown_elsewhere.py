"""An incident may be shown in a roll-up or a digest in place of a card of its own."""

import sqlalchemy as sa
from alembic import op

from db.types import BigInt

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    comment = "the roll-up or digest of this table that shows it in place of its own"
    op.add_column("outbox", sa.Column("shown_in_id", BigInt, comment=comment))
    op.create_index("ix_outbox_shown_in_id", "outbox", ["tenant_id", "shown_in_id"])


def downgrade() -> None:
    op.drop_index("ix_outbox_shown_in_id", "outbox")
    op.drop_column("outbox", "shown_in_id")
