"""All operations, and their routes on the one aiohttp application."""

from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web

from receiver.api import actions, deliveries, incidents, stats
from receiver.api.dispatch import Dispatcher
from receiver.api.operation import Operation
from receiver.api.problem import plain_problem

PREFIX = "/api/v1"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OPERATIONS: tuple[Operation, ...] = (
    *incidents.OPERATIONS,
    *actions.OPERATIONS,
    *stats.OPERATIONS,
    *deliveries.OPERATIONS,
)


def add_api(app: web.Application, dispatcher: Dispatcher) -> None:
    """Add every operation, and problems for paths and methods that are none."""
    for operation in OPERATIONS:
        handler = partial(dispatcher.handle, operation)
        app.router.add_route(operation.method, PREFIX + operation.path, handler)
    app.middlewares.append(problems_below_api)


@web.middleware
async def problems_below_api(request: web.Request, handler: Handler) -> web.StreamResponse:
    """aiohttp's own errors below ``/api`` as problems."""
    try:
        return await handler(request)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as error:
        if not request.path.startswith("/api/"):
            raise
        return _nothing_there(request, error)


def _nothing_there(request: web.Request, error: web.HTTPException) -> web.Response:
    if error.status == web.HTTPNotFound.status_code:
        return plain_problem(404, "no-such-path", f"there is nothing at {request.path}")
    problem = plain_problem(405, "no-such-method", f"{request.method} can't be used at {request.path}")
    problem.headers["Allow"] = error.headers.get("Allow", "")
    return problem
