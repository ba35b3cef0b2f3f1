"""Which trace asked for what goes out: so that it goes on in the process that sends it."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
compatible_with = "0005"

_NEWEST = "the trace of the newest change; NULL: it is shown, or was not traced"
_ASKED = "the trace that asked for it; NULL: it was not traced"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("traceparent", sa.String(55), comment=_NEWEST))
    op.add_column("outgoing_webhooks", sa.Column("traceparent", sa.String(55), comment=_ASKED))


def downgrade() -> None:
    op.drop_column("outgoing_webhooks", "traceparent")
    op.drop_column("outbox", "traceparent")
