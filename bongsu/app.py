"""Everything wired together: what is built here is handed to the rooms, and nothing is built anywhere else.

What each tenant has of its own is built in ``bongsu/tenants``.
"""

import os
import socket
from dataclasses import dataclass
from functools import partial

import aiohttp
from aiohttp import web
from prometheus_client import CollectorRegistry

from bongsu.organisations import AllOrganisations
from bongsu.process_metrics import READY_LOOKED_AT_EVERY, LoopLag, ProcessMetrics
from bongsu.readiness import Readiness
from bongsu.settings import Settings, require_for_serving
from bongsu.tenants import (
    LOOKED_FOR_EVERY,
    AllStores,
    FiguresOfAll,
    Shared,
    Switchboard,
    Tenants,
    Tokens,
    add_installs,
    build_part,
)
from bot.client import make_session
from bot.endpoint import SlackEndpoint
from bot.socket_mode import SocketMode
from db.engine import Engines, connect
from db.watch import DatabaseWatch
from jobs.ticker import Ticker
from receiver.api.cors import Cors
from receiver.api.dispatch import Dispatcher
from receiver.api.limits import Limits, Tries
from receiver.api.metrics import ApiMetrics
from receiver.api.routes import OPERATIONS, add_api
from receiver.app import add_routes
from receiver.doorway import Doorway
from receiver.health import Health
from receiver.heartbeats import Pings
from receiver.intake import Intake
from receiver.keyring import Keyring
from receiver.metrics import ReceiverMetrics


@dataclass(frozen=True)
class Bongsu:
    """One process: the web application, and what runs beside it."""

    web: web.Application
    doorway: Doorway
    health: Health
    engines: Engines
    session: aiohttp.ClientSession
    tenants: Tenants
    ticker: Ticker
    socket_mode: SocketMode | None
    keyring: Keyring
    process: ProcessMetrics
    lag: LoopLag

    async def start(self) -> None:
        """Slack and the database may be away: then their parts wait, and readiness says so."""
        self.ticker.every(LOOKED_FOR_EVERY, self.tenants.look, name="look for new tenants")
        self.ticker.every(10.0, self.keyring.write_uses, name="write when keys were used")
        self.ticker.every(READY_LOOKED_AT_EVERY, self.process.look, name="look whether this process can work")
        self.ticker.start()
        self.lag.start()
        await self.tenants.start()
        if self.socket_mode is not None:
            await self.socket_mode.start()

    async def stop(self) -> None:
        """After the last request was answered: deliver what is under way, then let go of everything."""
        self.ticker.stop()
        await self.lag.stop()
        if self.socket_mode is not None:
            await self.socket_mode.stop()
        await self.tenants.stop()
        await self.keyring.write_uses()
        await self.session.close()
        await self.engines.dispose()

    def read_settings_again(self) -> None:
        """Somebody has sent SIGHUP."""
        self.tenants.read_settings_again()


async def assemble(settings: Settings) -> Bongsu:
    """Nothing runs yet. Raises InvalidInput where a setting that serving needs is missing."""
    slack = require_for_serving(settings)
    registry, figures = CollectorRegistry(), FiguresOfAll()
    watch = DatabaseWatch(registry, slow=settings.slow_query)
    engines = connect(settings.database_url, settings.database_hosts, watch=watch)
    session, receiver_metrics = make_session(), ReceiverMetrics(registry)
    registry.register(figures)
    holder = f"{socket.gethostname()}:{os.getpid()}"
    shared = Shared(settings, slack, engines, session, holder, receiver_metrics)
    tokens = Tokens(shared)
    tenants = Tenants(partial(build_part, shared), figures, tokens)
    default = tenants.default
    ticker = Ticker(default.ticker.metrics)
    keyring = Keyring(tenants.transactions, lambda tenant_id: tenants.of(tenant_id).transactions)
    organisations = AllOrganisations(tenants, keyring)
    doorway = Doorway(settings.receiver, receiver_metrics)
    stores = AllStores(tenants)
    intake = Intake(settings.receiver, stores, receiver_metrics, keys=keyring, committed=tenants.wake)
    health = Health(Readiness(engines).problems, warnings=tenants.warnings)
    app = web.Application()
    add_routes(app, intake=intake, health=health, registry=registry)
    Pings(settings.receiver, organisations, keyring, registry).add_routes(app)
    limits, api_metrics = Limits(settings.receiver), ApiMetrics(registry, (one.name for one in OPERATIONS))
    api = Dispatcher(organisations, settings.receiver, limits, Tries(), api_metrics)
    add_api(app, api, Cors(settings.receiver.api_cors_origins))
    switchboard = Switchboard(tenants, has_installs=slack.has_installs)
    app.router.add_post("/slack/events", SlackEndpoint(switchboard, slack).handle)
    add_installs(app, shared, tenants, tokens)
    client = default.workspace.identity.client
    socket_mode = SocketMode(switchboard, client, app_token=slack.app_token) if slack.app_token else None
    process = ProcessMetrics(registry, database=engines.dialect, problems=health.problems)
    return Bongsu(
        app, doorway, health, engines, session, tenants, ticker, socket_mode, keyring, process, LoopLag(registry)
    )
