import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry

from bot.bolt import build_bolt
from bot.client import Identity, make_client, make_session
from bot.endpoint import SlackEndpoint
from bot.home import Homes
from bot.home.metrics import HomeMetrics
from bot.metrics import BotMetrics
from bot.settings import SlackSettings
from db.engine import Engines, connect
from db.migrate import DEFAULT_TENANT_ID
from db.transactions import SqlTransactions
from incidents.policy import Policies, Policy
from sandbox.app import create_app
from tests.integration.bot.workspace import SECRET, Doors, Workspace, listeners_at_rest
from tests.migrated import unsynced


@pytest.fixture
def policy() -> Policy:
    """A module of tests may have another."""
    return Policy()


@pytest.fixture
async def workspace(migrated_sqlite_url: str, free_port: Callable[[], int], policy: Policy) -> AsyncIterator[Workspace]:
    """Bolt, the endpoint, SQLite and the sandbox, all listening."""
    async with AsyncExitStack() as stack:
        yield await build(migrated_sqlite_url, free_port, policy, stack)


@pytest.fixture
async def workspace_anywhere(
    migrated_url: str, free_port: Callable[[], int], policy: Policy
) -> AsyncIterator[Workspace]:
    """The same on SQLite and on MariaDB."""
    async with AsyncExitStack() as stack:
        yield await build(migrated_url, free_port, policy, stack)


async def build(url: str, free_port: Callable[[], int], policy: Policy, stack: AsyncExitStack) -> Workspace:
    port, bot_port = free_port(), free_port()
    sandbox_url = f"http://127.0.0.1:{port}"
    settings = SlackSettings("xoxb-test", SECRET, api_url=f"{sandbox_url}/api/")
    session = await stack.enter_async_context(make_session())
    identity = Identity(make_client(settings, session))
    registry, woken = CollectorRegistry(), list[int]()
    metrics, home_metrics = BotMetrics(registry), HomeMetrics(registry)

    async def start_bot(port: int) -> tuple[TestServer, Doors, Engines, Homes]:
        engines = unsynced(connect(url))
        stack.push_async_callback(engines.dispose)
        doors = Doors(SqlTransactions(engines, tenant_id=DEFAULT_TENANT_ID, policies=Policies(policy)))
        homes = Homes(doors, identity, Policies(policy), home_metrics)
        bolt = build_bolt(
            settings=settings,
            identity=identity,
            transactions=doors,
            policies=Policies(policy),
            metrics=metrics,
            changed=lambda: woken.append(1),
            homes=homes,
        )
        house = web.Application()
        house.router.add_post("/slack/events", SlackEndpoint(bolt, settings).handle)
        bot = TestServer(house, port=port)
        await bot.start_server()
        stack.push_async_callback(bot.close)
        return bot, doors, engines, homes

    bot, doors, engines, homes = await start_bot(bot_port)
    slack = create_app(app_url=f"http://127.0.0.1:{bot_port}", signing_secret=SECRET, public_url=sandbox_url)
    sandbox = TestServer(slack, port=port)
    await sandbox.start_server()
    stack.push_async_callback(sandbox.close)
    assert await identity.learn()

    async def another_bot() -> TestServer:
        return (await start_bot(free_port()))[0]

    stack.push_async_callback(listeners_at_rest)  # what they use is about to be closed
    given = (sandbox_url, bot, session, identity.client, doors, registry, woken, homes, home_metrics)
    return Workspace(*given, engines, another_bot)


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
