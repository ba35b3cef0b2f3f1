from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry

from bot.client import make_client
from bot.groups import Groups
from bot.publisher.deliver import Courier
from bot.publisher.metrics import PublisherMetrics
from bot.publisher.reconcile import Reconciler
from bot.publisher.slack import Slack
from bot.settings import SlackSettings
from db.engine import connect
from db.migrate import DEFAULT_TENANT_ID, migrate
from incidents.policy import Policies, Policy
from sandbox.app import create_app
from sandbox.settings import Timing
from tests.integration.publisher.stage import ANSWERS_WITHIN, Clock, Hand, Stage, Timed
from tests.migrated import unsynced

Build = Callable[..., Awaitable[Stage]]


@pytest.fixture
async def build(migrated_sqlite_url: str, free_port: Callable[[], int]) -> AsyncIterator[Build]:
    """Call it for a database, a sandbox Slack and some publishers on one clock, which nobody but the test moves."""
    async with AsyncExitStack() as stack:

        async def make(
            *, url: str = migrated_sqlite_url, publishers: int = 1, policy: Policy | None = None, **options: Any
        ) -> Stage:
            clock, policy, port = Clock(), policy or Policy(), free_port()
            sandbox_url = f"http://127.0.0.1:{port}"
            timing = Timing(now=clock.time, hold_for=2 * ANSWERS_WITHIN, store_late_after=0.05)
            app = create_app(
                app_url="http://127.0.0.1:9", signing_secret="s", public_url=sandbox_url, timing=timing, **options
            )
            server = TestServer(app, port=port)
            await server.start_server()
            stack.push_async_callback(server.close)
            hands, registry, policies = [], CollectorRegistry(), Policies(policy)
            metrics = PublisherMetrics(registry)
            for number in range(publishers):
                engines = unsynced(connect(url))
                stack.push_async_callback(engines.dispose)
                if number == 0 and url != migrated_sqlite_url:
                    await migrate(engines)
                session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWERS_WITHIN))
                await stack.enter_async_context(session)
                client = make_client(SlackSettings("xoxb-test", "s", api_url=f"{sandbox_url}/api/"), session)
                transactions = Timed(engines, clock, policy, tenant_id=DEFAULT_TENANT_ID)
                slack = Slack(client, metrics, clock=clock.monotonic)
                courier = Courier(
                    transactions, slack, policies, metrics, clock.monotonic, Groups(client, clock=clock.monotonic)
                )
                hands.append(Hand(f"publisher-{number}", transactions, courier, client))
            http = await stack.enter_async_context(aiohttp.ClientSession())
            reconciler = Reconciler(hands[0].transactions, hands[0].courier.slack, metrics)
            return Stage(clock, hands, policy, sandbox_url, http, registry, metrics, reconciler)

        yield make


@pytest.fixture
async def stage(build: Build) -> Stage:
    return await build()
