"""The OpenAPI document and Swagger UI, for everybody: they tell nothing that this project does not publish.

All of it is served from here, so that it works without the Internet, and under a Content-Security-Policy that lets
the page load and call nothing else.
"""

import asyncio
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from aiohttp import ETag, hdrs, web

from receiver.api.problem import plain_problem

UI = Path(__file__).with_name("ui")
DOCUMENT = "/api/openapi.json"
DOCS = "/api/docs"
_START = "index.html"
_JSON = "application/json"
_SCRIPT = "text/javascript; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"
FILES: Mapping[str, str] = MappingProxyType(
    {
        _START: "text/html; charset=utf-8",
        "start.js": _SCRIPT,
        "swagger-ui-bundle.js": _SCRIPT,
        "swagger-ui.css": "text/css; charset=utf-8",
        "favicon-32x32.png": "image/png",
        "LICENSE": _TEXT,
        "NOTICE": _TEXT,
        "swagger-ui-bundle.js.LICENSE.txt": _TEXT,
    }
)
"""What is served, and as what."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = MappingProxyType(
    {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
)
"""``no-cache``: kept by browsers, and asked for again whether it is still the same."""


@dataclass(frozen=True, slots=True)
class _Page:
    body: bytes
    packed: bytes
    content_type: str
    etag: str

    @classmethod
    def of(cls, body: bytes, content_type: str) -> "_Page":
        return cls(body, gzip.compress(body, mtime=0), content_type, hashlib.sha256(body).hexdigest()[:16])


class Pages:
    """``document``: the OpenAPI document as JSON."""

    def __init__(self, document: str) -> None:
        self._document = document
        self._ready: dict[str, _Page] = {}

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get(DOCUMENT, self._answer_document)
        app.router.add_get(DOCS, self._answer_start)
        app.router.add_get(f"{DOCS}/", _without_slash)
        app.router.add_get(f"{DOCS}/{{name}}", self._answer_file)

    async def _answer_document(self, request: web.Request) -> web.Response:
        return _answered(request, await self._page(DOCUMENT))

    async def _answer_start(self, request: web.Request) -> web.Response:
        return _answered(request, await self._page(_START))

    async def _answer_file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in FILES:
            return plain_problem(404, "no-such-path", f"there is nothing at {request.path}")
        return _answered(request, await self._page(name))

    async def _page(self, name: str) -> _Page:
        """Read and packed when it is asked for first, beside the event loop: one is large."""
        if name not in self._ready:
            self._ready[name] = await asyncio.to_thread(self._made, name)
        return self._ready[name]

    def _made(self, name: str) -> _Page:
        if name == DOCUMENT:
            return _Page.of(self._document.encode(), _JSON)
        return _Page.of((UI / name).read_bytes(), FILES[name])


async def _without_slash(_: web.Request) -> web.Response:
    """The page's links are relative, so that it also works below a proxy's prefix."""
    raise web.HTTPPermanentRedirect("../docs")


def _answered(request: web.Request, page: _Page) -> web.Response:
    etag = ETag(page.etag, is_weak=True)  # packed or not, it says the same
    headers = {**_HEADERS, hdrs.VARY: hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE: page.content_type}
    if any(one.value in {page.etag, "*"} for one in request.if_none_match or ()):
        response = web.Response(status=304, headers=headers)
    elif "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower():
        headers[hdrs.CONTENT_ENCODING] = "gzip"
        response = web.Response(body=page.packed, headers=headers)
    else:
        response = web.Response(body=page.body, headers=headers)
    response.etag = etag
    return response
