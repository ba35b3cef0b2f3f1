"""A tenant's side of Slack: who it is there, what it shows, and what people press."""

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from prometheus_client import CollectorRegistry
from slack_bolt.async_app import AsyncApp

from bongsu.tenants.shared import Shared, each
from bot.bolt import build_bolt
from bot.channels import Channels
from bot.client import Identity, TokenFile, make_client
from bot.doorkeeper import Doorkeeper
from bot.groups import Groups
from bot.home import HomeKeeper, Homes
from bot.home.metrics import HomeMetrics
from bot.metrics import BotMetrics
from bot.people import Directory
from bot.publisher import Publisher
from bot.publisher.deliver import Courier
from bot.publisher.metrics import PublisherMetrics
from bot.publisher.slack import Slack
from bot.publisher.storm import StormMetrics, Storms
from db.transactions import SqlTransactions
from incidents.policy import Policies
from incidents.roles import Role
from incidents.tenants.workspaces import SlackWorkspace
from jobs.outgoing.deliver import Caller
from jobs.outgoing.loop import Sender
from jobs.outgoing.metrics import WebhookMetrics

_IDENTITY_PAUSES = (0.25, 0.5, 1.0, 1.0)
"""Seconds after each question that Slack did not answer; after the last one everything starts without it."""


@dataclass
class Workspace:
    """Nothing of it runs before ``start``. ``connection``: what was told last of how it is connected by OAuth."""

    identity: Identity
    doorkeeper: Doorkeeper
    channels: Channels
    slack: Slack
    publisher_metrics: PublisherMetrics
    publisher: Publisher
    homes: Homes
    home_keeper: HomeKeeper
    bolt: AsyncApp
    webhooks: Sender
    connection: SlackWorkspace | None = None

    @property
    def slack_ids(self) -> frozenset[str]:
        """By which Slack calls it; none where there is no workspace.

        The organisation of one that has a token of its own is not among them: the app may be installed in others of it.
        """
        if self.connection is not None:
            return frozenset() if self.connection.is_gone else frozenset({self.connection.slack_id})
        return frozenset({self.identity.team_id} if self.identity.team_id else ())

    def wake(self) -> None:
        """Something was committed."""
        each(self.publisher.wake, self.webhooks.wake)

    def hurry(self) -> None:
        """Something was committed for somebody who waits to see it."""
        each(self.publisher.hurry, self.webhooks.wake)

    async def sample(self) -> None:
        """Bring the gauges up to date."""
        await self.publisher.sample()
        await self.webhooks.sample()

    async def start(self) -> None:
        """Outgoing webhooks need no workspace; the rest begins where there is one."""
        self.webhooks.start()
        if self.identity.is_connected:
            await self._connect()

    async def follow(self, told: SlackWorkspace, tokens: "TokensOf") -> None:
        """Connect it, anew or no more, where that has changed. What has no token yet is looked at later."""
        if told == self.connection:
            return
        if told.is_gone:
            await self._disconnect()
        elif (token := await tokens.of(told)) is None:
            return
        else:
            await self._disconnect()
            self.identity.become(token)
            await self._connect()
        self.connection = told

    async def _disconnect(self) -> None:
        """What is to be shown is kept."""
        await asyncio.gather(self.publisher.stop(), self.home_keeper.stop())
        self.identity.become(None)

    async def _connect(self) -> None:
        """Links begin with the workspace's address, so that is asked for first. Slack may be away for long."""
        for pause in _IDENTITY_PAUSES:
            if await self.identity.learn():
                break
            await asyncio.sleep(pause)
        self.publisher.start()
        self.home_keeper.start()

    async def stop(self) -> None:
        """What is under way comes to its end."""
        await asyncio.gather(self.publisher.stop(), self.home_keeper.stop(), self.webhooks.stop())


class TokensOf(Protocol):
    """Where tokens are kept."""

    async def of(self, workspace: SlackWorkspace) -> str | None:
        """None: there is none yet."""


def build_workspace(
    shared: Shared,
    transactions: SqlTransactions,
    policies: Policies,
    registry: CollectorRegistry,
    *,
    token: str,
    token_file: Path | None,
) -> Workspace:
    """``token_file``: where it was read, and is read again when Slack refuses it."""
    slack = replace(shared.slack, bot_token=token, bot_token_file=token_file)
    identity = Identity(make_client(slack, shared.session))
    metrics = PublisherMetrics(registry)
    doorkeeper = Doorkeeper(Directory(identity.client), Groups(identity.client), identity)
    channels = Channels(identity.client)
    caller = Slack(identity.client, metrics, channels=channels)
    courier = Courier(transactions, caller, policies, metrics, groups=doorkeeper.groups, link_to=identity.link_to)
    publisher = Publisher(
        transactions=transactions,
        courier=courier,
        storms=Storms(transactions, policies, StormMetrics(registry)),
        metrics=metrics,
        holder=shared.holder,
        renew=TokenFile(identity.client, slack.bot_token_file).read_again,
    )
    webhook_metrics = WebhookMetrics(registry)
    calls = Caller(transactions, policies, webhook_metrics, link_to=identity.link_to)
    webhooks = Sender(transactions=transactions, caller=calls, metrics=webhook_metrics, holder=shared.holder)
    home_metrics = HomeMetrics(registry)
    homes = Homes(transactions, identity, policies, home_metrics, may_act=partial(_may_act, doorkeeper, policies))
    home_keeper = HomeKeeper(transactions, homes, home_metrics, holder=shared.holder)
    bolt = build_bolt(
        settings=slack,
        identity=identity,
        transactions=transactions,
        policies=policies,
        metrics=BotMetrics(registry),
        changed=partial(each, publisher.hurry, webhooks.wake),
        doorkeeper=doorkeeper,
        homes=homes,
    )
    return Workspace(identity, doorkeeper, channels, caller, metrics, publisher, homes, home_keeper, bolt, webhooks)


async def _may_act(doorkeeper: Doorkeeper, policies: Policies, user_id: str) -> bool:
    return await doorkeeper.may(user_id, Role.RESPONDER, policies.current.roles)
