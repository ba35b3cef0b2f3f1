"""The tables of Slack workspaces: which tenant's each is, and what slack_sdk's stores keep of its installation.

The latter have the columns that slack_sdk gives them, whose code reads and writes them; a test compares the two.
"""

from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, String, Table, UniqueConstraint, func

from db.tables import metadata
from db.types import BigInt, Hash, UtcDateTime

_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}

slack_workspaces = Table(
    "slack_workspaces",
    metadata,
    Column("tenant_id", BigInt, primary_key=True, autoincrement=False),
    Column("slack_id", String(32), nullable=False, comment="the workspace's T…, the organisation's E…"),
    Column("name", String(255), nullable=False),
    Column("installed_at", UtcDateTime, nullable=False),
    Column("gone_at", UtcDateTime, comment="Slack has removed us; NULL: it has not"),
    Column("gone_why", String(32)),
    UniqueConstraint("slack_id", name="uq_slack_workspaces_slack_id"),
    **_MYSQL,
)

slack_invitations = Table(
    "slack_invitations",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("digest", Hash, nullable=False, comment="of the token in the address, which is not kept"),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("state", String(200), comment="of the installation that was begun with it last"),
    Column("used_at", UtcDateTime),
    UniqueConstraint("digest", name="uq_slack_invitations_digest"),
    UniqueConstraint("state", name="uq_slack_invitations_state"),
    Index("ix_slack_invitations_tenant_id", "tenant_id", "expires_at"),
    **_MYSQL,
)


def _bot_columns() -> tuple[Column[Any], ...]:
    return (
        Column("bot_token", String(200)),
        Column("bot_id", String(32)),
        Column("bot_user_id", String(32)),
        Column("bot_scopes", String(1000)),
        Column("bot_refresh_token", String(200)),
        Column("bot_token_expires_at", DateTime),
    )


slack_installations = Table(
    "slack_installations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("client_id", String(32), nullable=False),
    Column("app_id", String(32), nullable=False),
    Column("enterprise_id", String(32)),
    Column("enterprise_name", String(200)),
    Column("enterprise_url", String(200)),
    Column("team_id", String(32)),
    Column("team_name", String(200)),
    *_bot_columns(),
    Column("user_id", String(32), nullable=False),
    Column("user_token", String(200)),
    Column("user_scopes", String(1000)),
    Column("user_refresh_token", String(200)),
    Column("user_token_expires_at", DateTime),
    Column("incoming_webhook_url", String(200)),
    Column("incoming_webhook_channel", String(200)),
    Column("incoming_webhook_channel_id", String(200)),
    Column("incoming_webhook_configuration_url", String(200)),
    Column("is_enterprise_install", Boolean, default=False, nullable=False),
    Column("token_type", String(32)),
    Column("installed_at", DateTime, nullable=False, default=func.now()),
    Index("slack_installations_idx", "client_id", "enterprise_id", "team_id", "user_id", "installed_at"),
    **_MYSQL,
)

slack_bots = Table(
    "slack_bots",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("client_id", String(32), nullable=False),
    Column("app_id", String(32), nullable=False),
    Column("enterprise_id", String(32)),
    Column("enterprise_name", String(200)),
    Column("team_id", String(32)),
    Column("team_name", String(200)),
    *_bot_columns(),
    Column("is_enterprise_install", Boolean, default=False, nullable=False),
    Column("installed_at", DateTime, nullable=False, default=func.now()),
    Index("slack_bots_idx", "client_id", "enterprise_id", "team_id", "installed_at"),
    **_MYSQL,
)

slack_oauth_states = Table(
    "slack_oauth_states",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("state", String(200), nullable=False),
    Column("expire_at", DateTime, nullable=False),
    **_MYSQL,
)

OF_SLACK_SDK = (slack_installations, slack_bots, slack_oauth_states)
"""Written by slack_sdk, which knows workspaces and no tenants."""
