"""Which pages of other sites may use the API from a browser: none, unless the settings name them.

https://fetch.spec.whatwg.org/#http-cors-protocol. A browser sends the key only where a page's own script does so;
cookies mean nothing here, and are never asked for.
"""

from collections.abc import Collection, Iterable

from aiohttp import hdrs, web

from receiver.api.origins import ANY

_MAY_SEND = "Authorization, Content-Type, If-Match, Idempotency-Key, On-Behalf-Of"
_MAY_READ = (
    "ETag, Location, Retry-After, Idempotent-Replayed, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, "
    "RateLimit-Policy"
)
_PREFLIGHT_SECONDS = 600


class Cors:
    """``origins``: exact ones (``https://ops.example.com``), or ``*`` for all; none: it is off."""

    def __init__(self, origins: Collection[str] = ()) -> None:
        self._origins = frozenset(origins)

    def headers(self, request: web.Request) -> dict[str, str]:
        """Of every answer, whatever its status."""
        if not self._origins:
            return {}
        if ANY in self._origins:
            return {hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: ANY, hdrs.ACCESS_CONTROL_EXPOSE_HEADERS: _MAY_READ}
        origin = request.headers.get(hdrs.ORIGIN)
        if origin not in self._origins:
            return {hdrs.VARY: hdrs.ORIGIN}
        return {
            hdrs.VARY: hdrs.ORIGIN,
            hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: origin,
            hdrs.ACCESS_CONTROL_EXPOSE_HEADERS: _MAY_READ,
        }

    def preflight(self, request: web.Request, methods: Iterable[str]) -> dict[str, str]:
        """Beside ``headers``, where a browser asks before it sends the request itself."""
        allowed = self.headers(request).get(hdrs.ACCESS_CONTROL_ALLOW_ORIGIN)
        if allowed is None or hdrs.ACCESS_CONTROL_REQUEST_METHOD not in request.headers:
            return {}
        return {
            hdrs.ACCESS_CONTROL_ALLOW_METHODS: ", ".join(sorted(methods)),
            hdrs.ACCESS_CONTROL_ALLOW_HEADERS: _MAY_SEND,
            hdrs.ACCESS_CONTROL_MAX_AGE: str(_PREFLIGHT_SECONDS),
        }
