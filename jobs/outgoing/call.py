"""One call to somebody outside: to an address that was looked at, and to no other.

The host is resolved here, once. What is connected to is what was looked at: the connector resolves nothing by itself,
so that a name that means another address a moment later leads nowhere else.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from types import MappingProxyType

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from base import tracing
from base.tracing import Kind
from jobs.outgoing.addresses import Address, refuse, refuse_url, written_address
from jobs.outgoing.errors import Redirected, Refused, Unreachable

SECONDS = 10.0
"""For all of it, the look-up of the name included."""
_MOST_BYTES = 64 * 1024
_LONGEST_PLACE = 200

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
"""All addresses of a host. Raises OSError."""


@dataclass(frozen=True, slots=True)
class Request:
    """``allow_private``: it may lead to a private or loopback address. ``most_bytes``: of the answer's body."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    allow_private: bool = False
    most_bytes: int = _MOST_BYTES


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers`` by any spelling of their names. ``is_cut``: the body was longer than was asked for."""

    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes = b""
    is_cut: bool = False

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """Its body, whatever stands in it."""
        return self.body.decode("utf-8", "replace")


async def look_up(host: str, port: int) -> Sequence[Address]:
    """What the system's resolver says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(place[0]) for *_, place in found))


class Outgoing:
    """Makes calls, each over a connection of its own, without cookies, proxies or redirects."""

    def __init__(self, *, seconds: float = SECONDS, resolve: Resolve = look_up) -> None:
        self._seconds = seconds
        self._resolve = resolve

    async def send(self, request: Request) -> Answer:
        """Raises Refused before a byte has left, or for a redirect; and Unreachable."""
        url = refuse_url(request.url, allow_private=request.allow_private)
        known = {"http.request.method": request.method, "server.address": url.host or ""}
        with tracing.step(request.method, known, kind=Kind.CLIENT) as span:
            answer = await self._sent(request, url)
            span.set("http.response.status_code", answer.status)
            if answer.status >= 400:
                span.fail(str(answer.status))
        return answer

    async def _sent(self, request: Request, url: URL) -> Answer:
        try:
            async with asyncio.timeout(self._seconds):
                addresses = await self._addresses(url, request)
                return await self._call(request, url, addresses)
        except TimeoutError as error:
            raise Unreachable(f"it did not answer within {self._seconds:g} s", "timeout") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"the call broke off ({_told(error)})", "unreachable") from error

    async def _addresses(self, url: URL, request: Request) -> Sequence[Address]:
        host = url.raw_host or ""
        literal = written_address(host)
        if literal is not None:
            return [literal]
        try:
            found = await self._resolve(host, url.port or 0)
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"'{host}' has no address ({_told(error)})", "no_address") from error
        if not found:
            raise Unreachable(f"'{host}' has no address", "no_address")
        refuse(found, allow_private=request.allow_private)
        return found

    async def _call(self, request: Request, url: URL, addresses: Sequence[Address]) -> Answer:
        connector = aiohttp.TCPConnector(
            resolver=_Pinned(addresses), socket_factory=only(addresses), use_dns_cache=False, force_close=True
        )
        async with (
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                trust_env=False,
                auto_decompress=False,
                skip_auto_headers=("Accept-Encoding", "Content-Type"),
            ) as session,
            session.request(
                request.method, url, headers=_headers(request), data=request.body or None, allow_redirects=False
            ) as answer,
        ):
            if 300 <= answer.status < 400:
                raise _redirected(answer)
            return await _answer(answer, request.most_bytes)


class _Pinned(AbstractResolver):
    """Says of any host what it was told, which was looked at."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._addresses = addresses

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - all families are wanted
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=str(one), port=port, family=family_of(one), proto=0, flags=0)
            for one in self._addresses
        ]

    async def close(self) -> None:
        """There is nothing to let go of."""


def family_of(one: Address) -> socket.AddressFamily:
    return socket.AF_INET if one.version == 4 else socket.AF_INET6


def only(addresses: Sequence[Address]) -> Callable[..., socket.socket]:
    """Makes sockets for connections to these, and for no others: whatever else chooses where to connect to."""

    def made(place: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        family, kind, protocol, _, where = place
        if ip_address(str(where[0])) not in addresses:
            raise Refused(f"{where[0]} is not what was looked at")
        return socket.socket(family, kind, protocol)

    return made


def _headers(request: Request) -> CIMultiDict[str]:
    """No compression: an answer of a few bytes could become a very long one."""
    return CIMultiDict({"User-Agent": "Bongsu", "Accept-Encoding": "identity"} | dict(request.headers))


def _redirected(answer: aiohttp.ClientResponse) -> Redirected:
    told = answer.headers.get("Location", "")
    where = "".join(char for char in told if char.isprintable())[:_LONGEST_PLACE] or "nowhere"
    return Redirected(
        f"it answered {answer.status} and leads to {where}, which is not followed", "write the address at its end"
    )


async def _answer(answer: aiohttp.ClientResponse, most_bytes: int) -> Answer:
    body = bytearray()
    async for some in answer.content.iter_any():
        body += some
        if len(body) > most_bytes:
            break
    headers: CIMultiDictProxy[str] = answer.headers
    return Answer(answer.status, headers, bytes(body[:most_bytes]), len(body) > most_bytes)


def _told(error: Exception) -> str:
    return str(error) or type(error).__name__
