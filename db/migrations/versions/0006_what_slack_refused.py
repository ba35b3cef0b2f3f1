"""Blocks that Slack refused are not sent again."""

import sqlalchemy as sa
from alembic import op

from db.types import Hash

revision = "0006"
down_revision = "0005"
compatible_with = "0005"


def upgrade() -> None:
    comment = "of the blocks that Slack refused; these go as plain text"
    op.add_column("outbox", sa.Column("refused_sha256", Hash, comment=comment))


def downgrade() -> None:
    op.drop_column("outbox", "refused_sha256")
