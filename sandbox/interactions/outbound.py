"""Sends to the bot: signed HTTP, or Socket Mode when it is connected that way."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

import aiohttp

from sandbox.settings import Settings
from sandbox.signing import signed_headers
from sandbox.socket_mode import Envelope, Sockets

Kind = Literal["interactive", "slash_commands", "events_api"]


@dataclass(frozen=True, slots=True)
class Ack:
    """What the bot answered. `status` 0: it didn't (`body` says why, `failure` in Slack's words).

    `body`: JSON if it is JSON, otherwise text.
    """

    status: int
    elapsed_ms: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    failure: str | None = None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def as_control(self) -> dict[str, Any]:
        return {"status": self.status, "elapsed_ms": self.elapsed_ms, "body": self.body}


class Outbound:
    """Holds the HTTP session; opened and closed with the application."""

    def __init__(self, settings: Settings, sockets: Sockets) -> None:
        self._settings = settings
        self._sockets = sockets
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        # Each request on a connection of its own: a bot that restarts must not look like a failure.
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        self._session = aiohttp.ClientSession(connector=connector, trust_env=False)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, kind: Kind, payload: Mapping[str, Any], *, retry_num: int = 0, retry_reason: str = "") -> Ack:
        """One attempt. Answers within Slack's limit, whatever the bot does."""
        started = time.monotonic()
        limit = self._settings.timing.acknowledge_within
        try:
            async with asyncio.timeout(limit):
                if self._sockets.connected:
                    status, body, headers = await self._by_socket(kind, payload, retry_num, retry_reason)
                else:
                    status, body, headers = await self._by_http(kind, payload, retry_num, retry_reason)
        except TimeoutError:
            problem = f"the bot did not acknowledge within {limit:g} s"
            return Ack(0, _since(started), problem, failure="http_timeout")
        except (aiohttp.ClientError, ConnectionError) as error:
            return Ack(0, _since(started), f"could not reach the bot: {error}", failure="connection_failed")
        failure = None if 200 <= status < 300 else "http_error"
        return Ack(status, _since(started), body, headers, failure)

    async def _by_socket(
        self, kind: Kind, payload: Mapping[str, Any], retry_num: int, retry_reason: str
    ) -> tuple[int, Any, Mapping[str, str]]:
        body = await self._sockets.send(Envelope(kind, payload, retry_num, retry_reason))
        return 200, "" if body is None else body, {}

    async def _by_http(
        self, kind: Kind, payload: Mapping[str, Any], retry_num: int, retry_reason: str
    ) -> tuple[int, Any, Mapping[str, str]]:
        if self._session is None:
            raise ConnectionError("the sandbox is not running")
        body, content_type = _encoded(kind, payload)
        secret = self._settings.signing_secret
        headers = signed_headers(secret, int(self._settings.timing.now()), body)
        headers |= {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
        if retry_num:
            headers |= {"X-Slack-Retry-Num": str(retry_num), "X-Slack-Retry-Reason": retry_reason}
        url = f"{self._settings.app_url}/slack/events"
        async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            return response.status, _decoded(await response.text(errors="replace")), response.headers


def _encoded(kind: Kind, payload: Mapping[str, Any]) -> tuple[bytes, str]:
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(form).encode(), "application/x-www-form-urlencoded"


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
