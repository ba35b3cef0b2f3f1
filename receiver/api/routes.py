"""All operations, and their routes on the one aiohttp application."""

from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from base.codec import dumps
from receiver.api import (
    actions,
    alerts,
    declaring,
    editing,
    episodes,
    incidents,
    keys,
    maintenance,
    merging,
    oncall,
    overrides,
    series,
    timeline,
    writing,
)
from receiver.api.cors import Cors
from receiver.api.dispatch import Dispatcher
from receiver.api.openapi import document
from receiver.api.operation import Operation
from receiver.api.pages import Pages
from receiver.api.problem import plain_problem

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OPERATIONS: tuple[Operation, ...] = (
    *incidents.OPERATIONS,
    *timeline.OPERATIONS,
    *series.OPERATIONS,
    *episodes.OPERATIONS,
    *alerts.OPERATIONS,
    *actions.OPERATIONS,
    *writing.OPERATIONS,
    *merging.OPERATIONS,
    *editing.OPERATIONS,
    *declaring.OPERATIONS,
    *maintenance.OPERATIONS,
    *oncall.OPERATIONS,
    *overrides.OPERATIONS,
    *keys.OPERATIONS,
)
BELOW = "/api/"


def add_api(app: web.Application, dispatcher: Dispatcher, cors: Cors) -> None:
    """Add every operation, its documents, and problems for paths and methods that are none."""
    for operation in OPERATIONS:
        handler = partial(dispatcher.handle, operation)
        app.router.add_route(operation.method, operation.route, handler)
        if not operation.writes:
            app.router.add_route(hdrs.METH_HEAD, operation.route, handler)
    Pages(dumps(document(OPERATIONS))).add_routes(app)
    app.middlewares.append(below_api(cors))


def below_api(cors: Cors) -> Middleware:
    """aiohttp's own errors as problems, what may be done at a path, and leave for pages of other sites."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(BELOW):
            return await handler(request)
        response = await _answered(request, handler, cors)
        for name, value in cors.headers(request).items():
            _add(response, name, value)
        response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response

    return middleware


async def _answered(request: web.Request, handler: Handler, cors: Cors) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPMethodNotAllowed as error:
        methods = {*error.allowed_methods, hdrs.METH_OPTIONS}
        if request.method == hdrs.METH_OPTIONS:
            return web.Response(status=204, headers={hdrs.ALLOW: _listed(methods), **cors.preflight(request, methods)})
        problem = plain_problem(405, "no-such-method", f"{request.method} can't be used at {request.path}")
        problem.headers[hdrs.ALLOW] = _listed(methods)
        return problem
    except web.HTTPNotFound:
        return plain_problem(404, "no-such-path", _nothing_at(request.path))


def _listed(methods: set[str]) -> str:
    return ", ".join(sorted(methods))


def _nothing_at(path: str) -> str:
    hint = ": leave out the slash at its end" if path.endswith("/") else "; /api/docs shows what there is"
    return f"there is nothing at {path}{hint}"


def _add(response: web.StreamResponse, name: str, value: str) -> None:
    """Vary may be there already."""
    before = response.headers.get(name)
    response.headers[name] = f"{before}, {value}" if before and name == hdrs.VARY else value
