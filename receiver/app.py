"""The routes of this room on the one aiohttp application, and how mistakes are answered."""

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, disable_created_metrics, generate_latest

from receiver.answers import answer, refusal
from receiver.errors import BodyBroken, SenderGone
from receiver.health import Health
from receiver.intake import Intake
from receiver.request_ids import known_by_id

logger = logging.getLogger(__name__)

INTAKE = web.AppKey("intake", Intake)
HEALTH = web.AppKey("health", Health)
REGISTRY = web.AppKey("registry", CollectorRegistry)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_routes(app: web.Application, *, intake: Intake, health: Health, registry: CollectorRegistry) -> None:
    """Add the webhooks, ``/healthz``, ``/readyz`` and ``/metrics``, and answer every error of the app in JSON.

    The server must be run with ``auto_decompress=False`` (see ``body``).
    """
    # One series more for each counter and histogram, which nobody asks for.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    app[INTAKE], app[HEALTH], app[REGISTRY] = intake, health, registry
    app.middlewares.extend((known_by_id, errors_in_json))
    for path in ("/webhooks/{source}", "/webhooks/{source}/"):
        app.router.add_post(path, intake.receive)
        app.router.add_put(path, intake.receive)
    app.router.add_get("/healthz", health.alive)
    app.router.add_get("/readyz", health.readiness)
    app.router.add_get("/metrics", _metrics)


async def _metrics(request: web.Request) -> web.Response:
    text = generate_latest(request.app[REGISTRY])
    return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})


@web.middleware
async def errors_in_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """aiohttp's own errors as JSON, and a 500 with a traceback in the log for what nobody foresaw."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400 or error.content_type == "application/json":
            raise
        return _as_json(request, error)
    except web.RequestPayloadError:
        return refusal(BodyBroken("the body is not what Transfer-Encoding says"))
    except Exception as error:  # the outermost place there is: whatever it was, its sender is answered and we know
        if isinstance(error, ConnectionError) and request.transport is None:
            return refusal(SenderGone())
        logger.exception("%s failed", request.path, extra={"action": "request_failed", "method": request.method})
        return answer({"error": "something went wrong here; it has been logged"}, status=500)


def _as_json(request: web.Request, error: web.HTTPException) -> web.Response:
    told = {404: f"there is nothing at {request.path}", 405: f"{request.method} can't be used at {request.path}"}
    allowed = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
    return answer({"error": told.get(error.status, error.reason)}, status=error.status, headers=allowed)
