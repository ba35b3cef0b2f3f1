from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.integration.sandbox.stage import TOKEN, Bot, Clock, Stage, fast, start_bot, start_sandbox

Build = Callable[..., Awaitable[Stage]]


@pytest.fixture
async def build(free_port: Callable[[], int]) -> AsyncIterator[Build]:
    """Makes a stage with options of create_app."""
    async with AsyncExitStack() as stack:

        async def make(**options: Any) -> Stage:
            bot, clock, port = Bot(), Clock(), free_port()
            bot_server = await start_bot(bot)
            stack.push_async_callback(bot_server.close)
            bot_url = str(bot_server.make_url("")).rstrip("/")
            server = await start_sandbox(bot_url, port, **{"timing": fast(clock)} | options)
            stack.push_async_callback(server.close)
            http = await stack.enter_async_context(aiohttp.ClientSession())
            url = f"http://127.0.0.1:{port}/slack"
            client = AsyncWebClient(TOKEN, base_url=f"{url}/api/", session=http, retry_handlers=[], timeout=5)
            return Stage(url, http, client, bot, clock)

        yield make


@pytest.fixture
async def stage(build: Build) -> Stage:
    return await build()
