"""Slack without an address of one's own: the same Bolt app over a WebSocket that we open.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import contextlib
import logging
from typing import cast

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.endpoint import Dispatches

logger = logging.getLogger(__name__)


class SocketMode:
    """Connects in the background and again whenever the connection breaks: Slack may be down as we start."""

    def __init__(self, bolt: Dispatches, client: AsyncWebClient, *, app_token: str) -> None:
        self._bolt, self._client, self._app_token = bolt, client, app_token
        self._handler: AsyncSocketModeHandler | None = None
        self._connecting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns at once."""
        self._handler = AsyncSocketModeHandler(
            cast("AsyncApp", self._bolt), self._app_token, logger=logger, web_client=self._client
        )
        self._connecting = asyncio.create_task(self._handler.connect_async(), name="socket-mode")  # type: ignore[no-untyped-call]

    async def stop(self) -> None:
        """Close the connection. What Slack has sent and we have not acknowledged it tells the person itself."""
        if self._handler is None or self._connecting is None:
            return
        self._connecting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._connecting
        await self._handler.close_async()  # type: ignore[no-untyped-call]
        self._handler = None
