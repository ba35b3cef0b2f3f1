"""One connection: aiohttp's, which waits for ever, with a deadline for each thing that its peer must do."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, cast

from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.http_exceptions import LineTooLong

from base.codec import dumps
from receiver.answers import RETRY_AFTER_SECONDS, answer
from receiver.body import stop_reading
from receiver.doorway import Doorway, Reason, peer_of

logger = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

KEEPALIVE_SECONDS = 3630.0
"""An idle connection is closed after this time. Longer than the hour for which Envoy keeps one, let alone Go's 90 s: if
we closed first, a request that is just being sent would be lost. Where room is needed, idle ones are closed earlier."""
_LINGERING_SECONDS = 5.0
"""For the rest of a body that was answered before its end: whoever still sends would not see the answer otherwise."""
LARGEST_LINE = 8190
"""Bytes of the request line and of each header."""
MOST_HEADERS = 128
_NO_HTTP = {"error": "this is no valid HTTP/1.1 request; TLS is not spoken here"}
_BODY_GRACE = timedelta(seconds=2)
"""The webhooks end a late body themselves, and keep its start."""


class Connection(web.RequestHandler):
    """A protocol of ``server``, to be made by ``asyncio``'s ``create_server``. The app needs ``introduce``."""

    __slots__ = (
        "_answered", "_answering", "_clock", "_doorway", "_due",
        "_handled", "_heard", "_its_loop", "_late_for", "_works", "peer",
    )  # fmt: skip

    def __init__(self, doorway: Doorway, server: web.Server, *, loop: asyncio.AbstractEventLoop) -> None:
        options: dict[str, Any] = {
            "access_log": None,
            "auto_decompress": False,
            "keepalive_timeout": KEEPALIVE_SECONDS,
            "lingering_time": _LINGERING_SECONDS,
            "max_line_size": LARGEST_LINE,
            "max_field_size": LARGEST_LINE,
            "max_headers": MOST_HEADERS,
        }
        super().__init__(server, loop=loop, **options)
        self.peer = ""
        self._doorway = doorway
        self._its_loop = loop
        self._clock: asyncio.TimerHandle | None = None
        self._due: float | None = None
        self._late_for = Reason.HEADER_TIMEOUT
        self._handled: web.BaseRequest | None = None
        self._heard = False
        self._answered = 0
        self._answering = False
        self._works = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.peer = peer_of(transport.get_extra_info("peername"))
        if self._doorway.enter(self) is not None:
            _part(cast("asyncio.Transport", transport), _FULL)
            return
        super().connection_made(transport)
        self._give(self._doorway.settings.header_timeout, Reason.HEADER_TIMEOUT)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._remove_clock()
        self._doorway.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        requests, was_body = self._requests, self._is_body_arriving
        super().data_received(data)
        if self._requests > requests and self._is_body_arriving:
            self._body_breaks()
        elif self._requests > requests:
            self._request_arrived()
        elif was_body:
            self._settle()
        elif data and not self._heard:
            self._header_begins()

    def handles(self, request: web.BaseRequest) -> None:
        """A request, whose body may still be arriving, begins to be handled."""
        self._handled, self._heard = request, False
        if self._is_body_arriving:
            self._give(self._doorway.settings.body_timeout + _BODY_GRACE, Reason.BODY_TIMEOUT)
        self._settle()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """The answer is written as fast as its peer reads."""
        self._answering = True
        self._settle()
        self._give(self._doorway.settings.answer_timeout, Reason.ANSWER_TIMEOUT)
        try:
            return await super().finish_response(request, resp, start_time)
        finally:
            self._stop_clock()
            self._answering = False
            self._answered += 1
            if not self._is_body_arriving:
                self._handled = None
            if self._heard and not self._is_under_way:
                self._give(self._doorway.settings.header_timeout, Reason.HEADER_TIMEOUT)
            self._settle()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """aiohttp logs a traceback for each byte that is no HTTP, and repeats the bytes, credentials too."""
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        self._doorway.closes(self, Reason.NOT_HTTP)
        logger.info("this is no HTTP request: %s", type(exc).__name__, extra=self._facts(Reason.NOT_HTTP))
        response = _too_long() if isinstance(exc, LineTooLong) else answer(_NO_HTTP, status=400)
        response.force_close()
        return response

    @property
    def awaits_body(self) -> bool:
        """Whether a request is being handled whose body is still arriving."""
        return self._is_body_arriving and self._is_under_way and not self._answering

    def make_room(self, reason: Reason) -> None:
        """As ``doorway.Visitor`` says. Whoever has begun a request is told why nothing becomes of it."""
        self._end(reason, _FULL)

    @property
    def _requests(self) -> int:
        """How many requests have arrived, headers complete.

        The private attribute, because aiohttp tells nobody else: a middleware is called turns of the loop later, and in
        between a complete request could be taken for an idle connection and closed.
        """
        return self._request_count

    @property
    def _is_under_way(self) -> bool:
        return self._requests > self._answered

    @property
    def _is_body_arriving(self) -> bool:
        return self._handled is not None and not self._handled.content.is_eof()

    def _request_arrived(self) -> None:
        self._handled, self._heard = None, False
        if not self._answering:
            self._stop_clock()
        self._settle()

    def _body_breaks(self) -> None:
        """aiohttp answers a broken chunk after the request whose body waits for it; here that request hears of it."""
        stop_reading(cast("web.BaseRequest", self._handled), web.RequestPayloadError("broken chunk"))
        self._settle()

    def _header_begins(self) -> None:
        self._heard = True
        if self._is_under_way or self._due is not None:
            return
        self._give(self._doorway.settings.header_timeout, Reason.HEADER_TIMEOUT)
        self._doorway.waits(self)

    def _settle(self) -> None:
        """Tell the doorway where work begins or ends."""
        works = self._is_under_way and not (self._answering or self._is_body_arriving)
        if works == self._works:
            return
        self._works = works
        if works:
            self._stop_clock()
            self._doorway.works(self)
        else:
            self._doorway.waits(self)

    def _give(self, time: timedelta, reason: Reason) -> None:
        """The peer has so long; then the connection ends.

        A clock that runs is kept where it rings no later than that: it looks then what is due, so that most requests
        neither begin nor end one.
        """
        self._due, self._late_for = self._its_loop.time() + time.total_seconds(), reason
        if self._clock is not None and self._clock.when() > self._due:
            self._remove_clock()
        if self._clock is None:
            self._clock = self._its_loop.call_at(self._due, self._ring)

    def _stop_clock(self) -> None:
        """Nothing is due any more."""
        self._due = None

    def _remove_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _ring(self) -> None:
        rang_for, self._clock = self._clock, None
        if rang_for is None or self._due is None:
            return
        if rang_for.when() < self._due:
            self._clock = self._its_loop.call_at(self._due, self._ring)
            return
        self._doorway.closes(self, self._late_for)
        self._end(self._late_for, _LATE)

    def _end(self, reason: Reason, farewell: bytes) -> None:
        """Only who has begun a request, and has no answer yet, is told anything: nobody else would understand it."""
        logger.debug("a connection was closed: %s", reason.value, extra=self._facts(reason))
        self._stop_clock()
        transport = self.transport
        if transport is not None:
            _part(transport, farewell if (self._heard or self._is_under_way) and not self._answering else b"")
        self.force_close()

    def _facts(self, reason: Reason) -> dict[str, Any]:
        return {"action": "connection_closed", "reason": reason.value, "peer": self.peer}


@web.middleware
async def introduce(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Each request to its connection."""
    if isinstance(request.protocol, Connection):
        request.protocol.handles(request)
    return await handler(request)


def _part(transport: asyncio.Transport, farewell: bytes) -> None:
    """Close without waiting for anybody to read."""
    if farewell:
        transport.write(farewell)
    if transport.get_write_buffer_size():
        transport.abort()
    else:
        transport.close()


def _too_long() -> web.Response:
    return answer({"error": f"the request line and each header may have {LARGEST_LINE} bytes"}, status=431)


def _raw(status: str, error: str, *more: str) -> bytes:
    """An answer for a connection that has no request to answer."""
    body = dumps({"error": error})
    head = [f"HTTP/1.1 {status}", "Content-Type: application/json; charset=utf-8", *more, "Connection: close"]
    return "\r\n".join([*head, f"Content-Length: {len(body.encode())}", "", body]).encode()


_LATE = _raw("408 Request Timeout", "the request did not arrive in time")
_FULL = _raw(
    "503 Service Unavailable",
    "too many connections are open; send it again in a moment",
    f"Retry-After: {RETRY_AFTER_SECONDS}",
)
