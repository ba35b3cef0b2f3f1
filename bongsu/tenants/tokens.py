"""The tokens of workspaces that were connected by OAuth, as slack_sdk's store keeps them."""

import logging

from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from sqlalchemy.exc import DBAPIError

from bongsu.tenants.shared import Shared
from incidents.tenants.workspaces import SlackWorkspace

logger = logging.getLogger(__name__)

_AN_ORGANISATION = "E"
"""How the ids of Slack's organisations begin; workspaces' begin with a T."""


class Tokens:
    """In the same database as all else, by the same engine."""

    def __init__(self, shared: Shared) -> None:
        self.store = AsyncSQLAlchemyInstallationStore(shared.slack.client_id or "", shared.engines.write, logger=logger)

    async def of(self, workspace: SlackWorkspace) -> str | None:
        """Its newest; None: there is none, or the database is away."""
        try:
            return await self._newest(workspace.slack_id)
        except (DBAPIError, OSError) as error:
            logger.warning("a token can't be read", extra={"action": "slack_token_unread", "error": str(error)[:200]})
            return None

    async def _newest(self, slack_id: str) -> str | None:
        c = self.store.bots.c
        place = c.enterprise_id == slack_id if slack_id.startswith(_AN_ORGANISATION) else c.team_id == slack_id
        is_org = slack_id.startswith(_AN_ORGANISATION)
        query = (
            self.store.bots.select()
            .where(c.client_id == self.store.client_id, place, c.is_enterprise_install == is_org)
            .where(c.bot_token.is_not(None))
            .order_by(c.installed_at.desc(), c.id.desc())
            .limit(1)
        )
        async with self.store.engine.connect() as connection:
            row = (await connection.execute(query)).mappings().first()
        return None if row is None else str(row["bot_token"])

    async def forget(self, slack_id: str) -> None:
        """Slack takes them no more."""
        is_org = slack_id.startswith(_AN_ORGANISATION)
        try:
            async with self.store.engine.begin() as connection:
                for table in (self.store.bots, self.store.installations):
                    place = table.c.enterprise_id if is_org else table.c.team_id
                    await connection.execute(
                        table.delete().where(table.c.client_id == self.store.client_id, place == slack_id)
                    )
        except (DBAPIError, OSError) as error:
            logger.warning("a token can't be deleted", extra={"action": "slack_token_kept", "error": str(error)[:200]})
