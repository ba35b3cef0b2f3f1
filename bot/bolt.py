"""The Bolt app: which request of Slack's goes to which listener."""

import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.logger.messages import warning_client_prioritized_and_token_skipped, warning_token_skipped

from bot.client import Identity
from bot.desk import Desk
from bot.doorkeeper import Doorkeeper
from bot.groups import Groups
from bot.home import Homes
from bot.listeners import guard, people, register
from bot.metrics import BotMetrics
from bot.people import Directory
from bot.settings import SlackSettings
from incidents.policy import Policies
from incidents.ports import Transactions

_ABOUT_TOKENS = {warning_client_prioritized_and_token_skipped(), warning_token_skipped()}


def build_bolt(
    *,
    settings: SlackSettings,
    identity: Identity,
    transactions: Transactions,
    policies: Policies,
    metrics: BotMetrics,
    changed: Callable[[], None],
    homes: Homes,
    doorkeeper: Doorkeeper | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncApp:
    """``changed`` is called after each commit, to wake the publisher. Calls to Slack go through identity's client.

    ``doorkeeper`` None: it has its own, and its own knowledge of people and groups.
    """
    doorkeeper = doorkeeper or Doorkeeper(Directory(identity.client), Groups(identity.client), identity)

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return identity.authorization(enterprise_id, team_id)

    app = AsyncApp(
        name="bongsu",
        logger=_logger(),
        client=identity.client,
        # Without one of ours Bolt would take the empty secret, with which anybody can sign.
        signing_secret=settings.signing_secret or secrets.token_urlsafe(32),
        authorize=authorize,
    )
    desk = Desk(transactions, changed, policies, identity, metrics, now, doorkeeper.directory, homes)
    guard.register(app, desk, doorkeeper)
    people.register(app, desk, doorkeeper.groups)
    register(app, desk)
    return app


def _logger() -> logging.Logger:
    """Bolt's, without its advice on tokens: ours come from ``authorize`` on purpose."""
    logger = logging.getLogger("slack_bolt.bongsu")
    logger.addFilter(_worth_reading)
    return logger


def _worth_reading(record: logging.LogRecord) -> bool:
    return record.getMessage() not in _ABOUT_TOKENS
