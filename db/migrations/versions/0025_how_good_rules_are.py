"""How good rules are, by day; days that can still be counted are counted anew."""

import sqlalchemy as sa
from alembic import op

from db.types import BigInt

revision = "0025"
down_revision = "0024"
compatible_with = "0005"

_QUALITY = (
    "acted_on", "ended", "stale", "recoveries_told", "false_recoveries", "flapping", "marked_noise", "marked_real",
)  # fmt: skip
_TELLS = "NULL: that day was counted by a version that did not count it"


def upgrade() -> None:
    for name in _QUALITY:
        op.add_column("daily_rules", sa.Column(name, BigInt, comment=_TELLS))
    # Whoever counts next begins with the first day of which there still is anything.
    op.execute("DELETE FROM counters WHERE name = 'figures:days'")


def downgrade() -> None:
    for name in reversed(_QUALITY):
        op.drop_column("daily_rules", name)
