"""The table of control calls, and the HTTP around them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, TypeVar

from aiohttp import web

from sandbox.control import acting, breaking, changing, reading
from sandbox.control.body import Body, read_body
from sandbox.control.page_state import page_state
from sandbox.errors import Refused
from sandbox.sandbox import SANDBOX, Sandbox

Result = dict[str, Any]
Do = Callable[[Sandbox, Body], Awaitable[Result]]
T = TypeVar("T")
Look = Callable[[Sandbox, web.Request], Result]

# Many changes within this time (seconds) are one event for the page.
COALESCE_WITHIN = 0.05


def _state(sandbox: Sandbox, request: web.Request) -> Result:
    return page_state(reading.asked_user(sandbox, request), sandbox.workspace)


LOOK: Mapping[str, Look] = {
    "messages": reading.messages,
    "ephemerals": reading.ephemerals,
    "views": reading.views,
    "home": reading.home,
    "calls": reading.calls,
    "state": _state,
    "faults": lambda sandbox, _: breaking.listed(sandbox),
}

DO: Mapping[str, Do] = {
    "click": acting.click,
    "command": acting.command,
    "submit": acting.submit,
    "suggest": acting.suggest,
    "close": acting.close,
    "shortcut": acting.shortcut,
    "event": acting.event,
    "say": acting.say,
    "edit": acting.edit,
    "delete": acting.delete,
    "react": acting.react,
    "faults": breaking.faults,
    "reset": breaking.reset,
    "limits": breaking.limits,
    "token": breaking.token,
    "channel": breaking.channel,
    "people": changing.people,
    "socket": breaking.socket,
}


async def look(request: web.Request) -> web.Response:
    sandbox = request.app[SANDBOX]
    try:
        return web.json_response(_called(LOOK, request)(sandbox, request))
    except Refused as refused:
        return _refusal(refused)


async def do(request: web.Request) -> web.Response:
    sandbox = request.app[SANDBOX]
    try:
        _require_same_origin(request)
        body = await read_body(request, sandbox.workspace)
        result = await _called(DO, request)(sandbox, body)
    except Refused as refused:
        return _refusal(refused)
    sandbox.changes.notify()
    return web.json_response(result)


async def stream(request: web.Request) -> web.StreamResponse:
    """Server-Sent Events: after every change one `{"type": "changed"}`."""
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    changed = json.dumps({"type": "changed"})
    try:
        await response.write(b": connected\n\n")
        async with aclosing(request.app[SANDBOX].changes.watch()) as changes:
            async for _ in changes:
                await response.write(f"data: {changed}\n\n".encode())
                await asyncio.sleep(COALESCE_WITHIN)
    except ConnectionError:
        return response  # The page was closed.
    return response


def _called(table: Mapping[str, T], request: web.Request) -> T:
    name = request.match_info["name"]
    if name not in table:
        raise Refused(404, f"there is no control call {request.method} {name}", calls=sorted(table))
    return table[name]


def _refusal(refused: Refused) -> web.Response:
    return web.json_response({"error": refused.reason, **refused.beside}, status=refused.status)


def _require_same_origin(request: web.Request) -> None:
    """No web page from elsewhere may press buttons here while a developer has it open."""
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise Refused(403, f"control calls are not for pages of {origin}")
