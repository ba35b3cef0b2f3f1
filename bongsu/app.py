"""Everything wired together: what is built here is handed to the rooms, and nothing is built anywhere else."""

import asyncio
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import aiohttp
from aiohttp import web
from prometheus_client import CollectorRegistry

from bongsu.config_watch import ConfigMetrics, ConfigWatch
from bongsu.on_call import keep_on_call
from bongsu.organisations import OneOrganisation, SlackPeople
from bongsu.readiness import Readiness
from bongsu.settings import Settings, require_for_serving
from bongsu.showing import warnings
from bot.bolt import build_bolt
from bot.channel_watch import ChannelWatch
from bot.channels import Channels
from bot.chart import drawer
from bot.client import Identity, TokenFile, make_client, make_session
from bot.doorkeeper import Doorkeeper
from bot.endpoint import SlackEndpoint
from bot.groups import Groups
from bot.home import HomeKeeper, Homes
from bot.home.metrics import HomeMetrics
from bot.metrics import BotMetrics
from bot.people import Directory
from bot.publisher import Publisher
from bot.publisher.deliver import Courier
from bot.publisher.metrics import PublisherMetrics
from bot.publisher.pictures import Pictures
from bot.publisher.reconcile import Reconciler
from bot.publisher.slack import Slack
from bot.publisher.storm import StormMetrics, Storms
from bot.socket_mode import SocketMode
from db.engine import Engines, connect
from db.migrate import DEFAULT_TENANT_ID
from db.transactions import SqlTransactions
from incidents.policy import Policies
from incidents.roles import Role
from jobs.calendars.fetch import WebFetch
from jobs.clock import ESCALATE, LOOK, OUTSIDE, Clock
from jobs.daily_figures import DailyFigures
from jobs.digests import Digests
from jobs.escalation_watch import EVERY as LOOKED_FOR_LATE_EVERY
from jobs.escalation_watch import EscalationWatch, OverdueMetrics
from jobs.gauges import Gauges
from jobs.heartbeat_out import EVERY as SWITCH_LOOKED_AT_EVERY
from jobs.heartbeat_out import GuardedFetch, Switch, SwitchMetrics
from jobs.heartbeats import Listener
from jobs.maintenance import MaintenanceClock
from jobs.outgoing.call import Outgoing
from jobs.outgoing.deliver import Caller
from jobs.outgoing.loop import Sender
from jobs.outgoing.metrics import WebhookMetrics
from jobs.presence import EVERY, Owners
from jobs.retention import Keeper, RetentionMetrics
from jobs.rollups import RollupMetrics, Rollups
from jobs.slack_events import forget_old
from jobs.ticker import Ticker
from receiver.api.dispatch import Dispatcher
from receiver.api.limits import Limits
from receiver.api.organisation import Organisation
from receiver.api.routes import add_api
from receiver.app import add_routes
from receiver.commit import BatchLimits, Commits
from receiver.doorway import Doorway
from receiver.health import Health
from receiver.heartbeats import Pings
from receiver.intake import Intake
from receiver.metrics import ReceiverMetrics

_IDENTITY_PAUSES = (0.25, 0.5, 1.0, 1.0)
"""Seconds after each question that Slack did not answer; after the last one everything starts without it."""


@dataclass(frozen=True)
class Bongsu:
    """One process: the web application, and what runs beside it."""

    web: web.Application
    doorway: Doorway
    health: Health
    engines: Engines
    session: aiohttp.ClientSession
    identity: Identity
    publisher: Publisher
    home_keeper: HomeKeeper
    webhooks: Sender
    ticker: Ticker
    socket_mode: SocketMode | None
    config: ConfigWatch

    async def start(self) -> None:
        """Slack and the database may be away: then their parts wait, and readiness says so."""
        self.ticker.every(1.0, self.publisher.wake, name="look at the outbox")
        self.ticker.every(1.0, self.webhooks.wake, name="look at outgoing webhooks")
        self.ticker.every(5.0, self.identity.learn_once, name="learn who we are")
        self.ticker.start()
        self.webhooks.start()
        await self._know_where_we_are()
        self.publisher.start()
        self.home_keeper.start()
        if self.socket_mode is not None:
            await self.socket_mode.start()

    async def _know_where_we_are(self) -> None:
        """Before anything is shown: links begin with the address of the workspace. Slack may be away for long."""
        for pause in _IDENTITY_PAUSES:
            if await self.identity.learn():
                return
            await asyncio.sleep(pause)

    async def stop(self) -> None:
        """After the last request was answered: deliver what is under way, then let go of everything."""
        self.ticker.stop()
        if self.socket_mode is not None:
            await self.socket_mode.stop()
        await asyncio.gather(self.publisher.stop(), self.home_keeper.stop(), self.webhooks.stop())
        await self.session.close()
        await self.engines.dispose()


async def _may_act(doorkeeper: Doorkeeper, policies: Policies, user_id: str) -> bool:
    return await doorkeeper.may(user_id, Role.RESPONDER, policies.current.roles)


def _each(*wake: Callable[[], None]) -> None:
    for one in wake:
        one()


async def _sample(publisher: Publisher, webhooks: Sender) -> None:
    await publisher.sample()
    await webhooks.sample()


def _batch_limits(engines: Engines) -> BatchLimits:
    """SQLite has one writer at a time."""
    return BatchLimits(writers=1) if engines.dialect == "sqlite" else BatchLimits()


async def assemble(settings: Settings) -> Bongsu:
    """Nothing runs yet. Raises InvalidInput where a setting that serving needs is missing."""
    slack = require_for_serving(settings)
    engines, registry, ticker = connect(settings.database_url, settings.database_hosts), CollectorRegistry(), Ticker()
    policies = Policies(settings.policy)
    transactions = SqlTransactions(engines, tenant_id=DEFAULT_TENANT_ID, policies=policies)
    session = make_session()
    identity = Identity(make_client(slack, session))
    holder = f"{socket.gethostname()}:{os.getpid()}"
    publisher_metrics = PublisherMetrics(registry)
    doorkeeper = Doorkeeper(Directory(identity.client), Groups(identity.client), identity)
    channels = Channels(identity.client)
    caller = Slack(identity.client, publisher_metrics, channels=channels)
    courier = Courier(
        transactions, caller, policies, publisher_metrics, groups=doorkeeper.groups, link_to=identity.link_to
    )
    publisher = Publisher(
        transactions=transactions,
        courier=courier,
        storms=Storms(transactions, policies, StormMetrics(registry)),
        metrics=publisher_metrics,
        holder=holder,
        renew=TokenFile(identity.client, slack.bot_token_file).read_again,
    )
    webhook_metrics = WebhookMetrics(registry)
    calls = Caller(transactions, policies, webhook_metrics, link_to=identity.link_to)
    webhooks = Sender(transactions=transactions, caller=calls, metrics=webhook_metrics, holder=holder)
    wake = partial(_each, publisher.wake, webhooks.wake)
    home_metrics = HomeMetrics(registry)
    homes = Homes(transactions, identity, policies, home_metrics, may_act=partial(_may_act, doorkeeper, policies))
    home_keeper = HomeKeeper(transactions, homes, home_metrics, holder=holder)
    bolt = build_bolt(
        settings=slack,
        identity=identity,
        transactions=transactions,
        policies=policies,
        metrics=BotMetrics(registry),
        changed=partial(_each, publisher.hurry, webhooks.wake),
        doorkeeper=doorkeeper,
        homes=homes,
    )
    receiver_metrics = ReceiverMetrics(registry)
    store = Commits(
        transactions, policies, receiver_metrics, patience=settings.receiver.patience, limits=_batch_limits(engines)
    )
    doorway = Doorway(settings.receiver, receiver_metrics)
    intake = Intake(settings.receiver, store, receiver_metrics, committed=wake)
    config = ConfigWatch(settings.config, policies, transactions, ConfigMetrics(registry), changed=publisher.wake)
    health = Health(Readiness(engines).problems, warnings=partial(warnings, transactions, policies, config))
    app = web.Application()
    add_routes(app, intake=intake, health=health, registry=registry)
    Pings(settings.receiver, transactions, policies, registry).add_routes(app)
    hurry = partial(_each, publisher.hurry, webhooks.wake)
    people = SlackPeople(doorkeeper, policies)
    house = Organisation(DEFAULT_TENANT_ID, transactions, policies, people, hurry)
    add_api(app, Dispatcher(OneOrganisation(house, transactions), settings.receiver, Limits()))
    app.router.add_post("/slack/events", SlackEndpoint(bolt, slack).handle)
    fits = transactions.fits
    ticker.every(1.0, transactions.look_again, name="look whether the tables fit by now", when=lambda: not fits())
    gauges = Gauges(registry, transactions, also=partial(_sample, publisher, webhooks))
    ticker.every(10.0, gauges.sample, name="read the gauges", when=fits)
    clock = Clock(transactions, LOOK, changed=wake)
    ticker.every(1.0, clock.tick, name="look at what is due", when=fits)
    maintenance = MaintenanceClock(transactions, changed=publisher.wake)
    ticker.every(1.0, maintenance.tick, name="begin and end maintenance", when=fits)
    escalation = Clock(transactions, ESCALATE, changed=wake)
    ticker.every(1.0, escalation.tick, name="call those who are to be called", when=fits)
    outside = Clock(transactions, OUTSIDE, changed=wake)
    ticker.every(5.0, outside.tick, name="page those whom Slack does not reach", when=fits)
    overdue = EscalationWatch(transactions, policies, OverdueMetrics(registry), changed=publisher.wake)
    ticker.every(LOOKED_FOR_LATE_EVERY, overdue.look, name="look for steps that are late", when=fits)
    listener = Listener(transactions, policies, registry, changed=wake)
    ticker.every(1.0, listener.tick, name="listen for silence", when=fits)
    switch = Switch(transactions, policies, GuardedFetch(Outgoing()), SwitchMetrics(registry))
    ticker.every(SWITCH_LOOKED_AT_EVERY, switch.tick, name="say that we are alive", when=fits)
    keeper = Keeper(transactions, policies, RetentionMetrics(registry), holder=holder)
    ticker.every(600.0, keeper.run, name="delete what is old, once an hour", when=fits)
    rollups = Rollups(transactions, RollupMetrics(registry))
    ticker.every(60.0, rollups.run, name="keep the hourly sums", when=fits)
    daily = DailyFigures(transactions, policies)
    ticker.every(60.0, daily.run, name="keep the figures by day", when=fits)
    ticker.every(600.0, partial(forget_old, transactions), name="forget events of slack", when=fits)
    reconciler = Reconciler(transactions, caller, publisher_metrics, link_to=identity.link_to)
    ticker.every(5.0, reconciler.tick, name="compare a card with slack", when=fits)
    watch = ChannelWatch(transactions, channels, doorkeeper.groups, policies, changed=publisher.wake)
    ticker.every(2.0, watch.tick, name="look after the channels", when=fits)
    ticker.every(2.0, config.tick, name="read bongsu.yaml again where it has changed")
    digests = Digests(transactions, policies, changed=publisher.wake)
    ticker.every(2.0, digests.tick, name="look whether a digest is due", when=fits)
    pictures = Pictures(transactions, identity.client, policies, publisher_metrics, draw=drawer())
    ticker.every(2.0, pictures.tick, name="give digests their pictures", when=fits)
    owners = Owners(transactions, doorkeeper.directory, changed=publisher.wake)
    ticker.every(EVERY.total_seconds(), owners.run, name="look whether owners are still there", when=fits)
    fetch = WebFetch(Outgoing())
    keep_on_call(ticker, transactions, policies, fetch=fetch, people=(identity, doorkeeper), changed=publisher.wake)
    ahead = doorkeeper.groups.keep_fresh
    ticker.every(240.0, ahead, name="read slack's groups", when=lambda: bool(policies.current.roles.groups))
    socket_mode = SocketMode(bolt, app_token=slack.app_token) if slack.app_token else None
    return Bongsu(
        app, doorway, health, engines, session, identity, publisher, home_keeper, webhooks, ticker, socket_mode, config
    )
