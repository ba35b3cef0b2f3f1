"""HTTP to this machine and to nowhere else: a load generator that went astray would be an attack."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import aiohttp

Json = dict[str, Any]
_SECONDS = 40.0
_TIMEOUT = aiohttp.ClientTimeout(total=_SECONDS)


class NotLoopbackError(AssertionError):
    """An address that is not this machine's: not one byte was sent."""


def require_loopback(url: str) -> str:
    """The URL as it is. Raises NotLoopbackError unless its host is a literal loopback address: names can lie."""
    host = urlsplit(url).hostname or ""
    try:
        is_ours = ip_address(host).is_loopback
    except ValueError:
        is_ours = False
    if not is_ours:
        raise NotLoopbackError(f"{url!r} is not on this machine")
    return url


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` 0: nobody answered."""

    status: int
    body: Json

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300


class Http:
    """Connections are kept, no proxy is asked, and no redirect is followed."""

    def __init__(self, connections: int = 64) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections), trust_env=False, timeout=_TIMEOUT
        )

    async def __aenter__(self) -> "Http":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        return await self._ask("GET", url, None, headers or {})

    async def post(self, url: str, body: object, headers: Mapping[str, str] | None = None) -> Answer:
        return await self._ask("POST", url, json.dumps(body).encode(), headers or {})

    async def _ask(self, method: str, url: str, data: bytes | None, headers: Mapping[str, str]) -> Answer:
        require_loopback(url)
        told = {"Content-Type": "application/json", **headers}
        try:
            async with self._session.request(method, url, data=data, headers=told, allow_redirects=False) as answer:
                raw = await answer.read()
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            return Answer(0, {})
        return Answer(answer.status, _object(raw))


def _object(raw: bytes) -> Json:
    try:
        told = json.loads(raw)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
