"""Each request by an id that its log lines and its answer carry, and as a span where traces are wanted."""

import os
import re
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from base import log_context, tracing
from base.tracing import Kind, Span

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADER = "X-Request-Id"
"""Whose id it is: of whoever sent it where it is well-formed, else ours."""
OURS = web.RequestKey("request_id_of_ours", str)
"""Always ours: by it a delivery is told from all others, which no sender may decide."""
_WELL_FORMED = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")
_RANDOM_BITS = (1 << 128) - 1 & ~(0xF << 76) & ~(0b11 << 62)
_VERSION_4 = 4 << 76 | 0b10 << 62
_METHODS = hdrs.METH_ALL
_UNTRACED = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines; none of it is anybody's work."""


@web.middleware
async def known_by_id(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost middleware, so that whatever is logged of a request names it."""
    ours = request[OURS] = _new_id()
    told = request.headers.get(HEADER, "")
    request_id = told if told and _WELL_FORMED.fullmatch(told) else ours
    with log_context.bound(request_id=request_id):
        try:
            response = await (_traced(request, handler) if tracing.is_on() else handler(request))
        except web.HTTPException as error:
            error.headers[HEADER] = request_id
            raise
    if not response.prepared:
        response.headers[HEADER] = request_id
    return response


def _new_id() -> str:
    """The hex digits of a random UUID, https://www.rfc-editor.org/rfc/rfc9562#section-5.4.

    Half of what ``uuid.uuid4`` takes goes into an object that nobody wants.
    """
    random = int.from_bytes(os.urandom(16), "big")
    return f"{random & _RANDOM_BITS | _VERSION_4:032x}"


async def _traced(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Paths may name anything: routes don't. Names are of https://opentelemetry.io/docs/specs/semconv/http/http-spans/"""
    route = _route(request)
    if route in _UNTRACED:
        return await handler(request)
    method = request.method if request.method in _METHODS else "_OTHER"
    known = {"http.request.method": method, "url.scheme": request.scheme, **({"http.route": route} if route else {})}
    name = f"{'HTTP' if method == '_OTHER' else method} {route}".rstrip()
    thrown: web.HTTPException | None = None
    with tracing.span(name, known, kind=Kind.SERVER, parent=request.headers.get("traceparent")) as span:
        try:
            response = await handler(request)
        except web.HTTPException as error:
            response = thrown = error
        _answered(span, response.status)
    if thrown is not None:
        raise thrown
    return response


def _answered(span: Span, status: int) -> None:
    span.set("http.response.status_code", status)
    if status >= 500:
        span.fail(str(status))


def _route(request: web.Request) -> str:
    """As it was added, such as ``/webhooks/{source}``; "" where there is none."""
    resource = request.match_info.route.resource
    return "" if resource is None else resource.canonical
