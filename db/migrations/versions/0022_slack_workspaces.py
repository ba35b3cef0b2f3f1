"""Which workspace of Slack is which tenant's, and what slack_sdk's stores keep of its installation."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import BigInt, Hash, UtcDateTime

revision = "0022"
down_revision = "0019"
compatible_with = "0005"

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def _bot_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("bot_token", sa.String(200)),
        sa.Column("bot_id", sa.String(32)),
        sa.Column("bot_user_id", sa.String(32)),
        sa.Column("bot_scopes", sa.String(1000)),
        sa.Column("bot_refresh_token", sa.String(200)),
        sa.Column("bot_token_expires_at", sa.DateTime),
    )


def upgrade() -> None:
    op.create_table(
        "slack_workspaces",
        sa.Column("tenant_id", BigInt, primary_key=True, autoincrement=False),
        sa.Column(
            "slack_id", sa.String(32), nullable=False, comment="the workspace's T…, the organisation's E…"
        ),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("installed_at", UtcDateTime, nullable=False),
        sa.Column("gone_at", UtcDateTime, comment="Slack has removed us; NULL: it has not"),
        sa.Column("gone_why", sa.String(32)),
        sa.UniqueConstraint("slack_id", name="uq_slack_workspaces_slack_id"),
        **_MYSQL,
    )
    op.create_table(
        "slack_invitations",
        sa.Column("id", BigInt, primary_key=True, autoincrement=True),
        sa.Column("tenant_id", BigInt, nullable=False),
        sa.Column(
            "digest", Hash, nullable=False, comment="of the token in the address, which is not kept"
        ),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("state", sa.String(200), comment="of the installation that was begun with it last"),
        sa.Column("used_at", UtcDateTime),
        sa.UniqueConstraint("digest", name="uq_slack_invitations_digest"),
        sa.UniqueConstraint("state", name="uq_slack_invitations_state"),
        **_MYSQL,
    )
    op.create_index("ix_slack_invitations_tenant_id", "slack_invitations", ["tenant_id", "expires_at"])
    op.create_table(
        "slack_installations",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("client_id", sa.String(32), nullable=False),
        sa.Column("app_id", sa.String(32), nullable=False),
        sa.Column("enterprise_id", sa.String(32)),
        sa.Column("enterprise_name", sa.String(200)),
        sa.Column("enterprise_url", sa.String(200)),
        sa.Column("team_id", sa.String(32)),
        sa.Column("team_name", sa.String(200)),
        *_bot_columns(),
        sa.Column("user_id", sa.String(32), nullable=False),
        sa.Column("user_token", sa.String(200)),
        sa.Column("user_scopes", sa.String(1000)),
        sa.Column("user_refresh_token", sa.String(200)),
        sa.Column("user_token_expires_at", sa.DateTime),
        sa.Column("incoming_webhook_url", sa.String(200)),
        sa.Column("incoming_webhook_channel", sa.String(200)),
        sa.Column("incoming_webhook_channel_id", sa.String(200)),
        sa.Column("incoming_webhook_configuration_url", sa.String(200)),
        sa.Column("is_enterprise_install", sa.Boolean, nullable=False),
        sa.Column("token_type", sa.String(32)),
        sa.Column("installed_at", sa.DateTime, nullable=False),
        **_MYSQL,
    )
    op.create_index(
        "slack_installations_idx",
        "slack_installations",
        ["client_id", "enterprise_id", "team_id", "user_id", "installed_at"],
    )
    op.create_table(
        "slack_bots",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("client_id", sa.String(32), nullable=False),
        sa.Column("app_id", sa.String(32), nullable=False),
        sa.Column("enterprise_id", sa.String(32)),
        sa.Column("enterprise_name", sa.String(200)),
        sa.Column("team_id", sa.String(32)),
        sa.Column("team_name", sa.String(200)),
        *_bot_columns(),
        sa.Column("is_enterprise_install", sa.Boolean, nullable=False),
        sa.Column("installed_at", sa.DateTime, nullable=False),
        **_MYSQL,
    )
    op.create_index("slack_bots_idx", "slack_bots", ["client_id", "enterprise_id", "team_id", "installed_at"])
    op.create_table(
        "slack_oauth_states",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("state", sa.String(200), nullable=False),
        sa.Column("expire_at", sa.DateTime, nullable=False),
        **_MYSQL,
    )


def downgrade() -> None:
    for table in ("slack_oauth_states", "slack_bots", "slack_installations", "slack_invitations", "slack_workspaces"):
        op.drop_table(table)
