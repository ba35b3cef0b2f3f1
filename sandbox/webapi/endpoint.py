"""`/api/{method}` over HTTP, faults included."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress

from aiohttp import web

from sandbox.calls import Call
from sandbox.errors import SlackError
from sandbox.faults import Fault
from sandbox.sandbox import SANDBOX, Sandbox
from sandbox.webapi.answer import Reply, answer, rate_limited
from sandbox.webapi.arguments import read_arguments
from sandbox.webapi.methods import METHODS

HTML = "<!DOCTYPE html><html><head><title>Server Error | Slack</title></head><body>503</body></html>"


async def call_method(request: web.Request) -> web.StreamResponse:
    sandbox = request.app[SANDBOX]
    method = request.match_info["method"]
    call = Call(method, sandbox.workspace.now(), {}, retry_num=request.headers.get("X-Slack-Retry-Num"))
    sandbox.calls.begin(call)
    try:
        call.args, token = await read_arguments(request)
    except SlackError as error:
        return _respond(Reply(error.answer()), call)

    if token in sandbox.workspace.teams:
        call.team = sandbox.workspace.teams[token].id

    def execute() -> Reply:
        reply = answer(method, call.args, token, sandbox.workspace)
        if method in METHODS and METHODS[method].changes:
            sandbox.changes.notify()
        return reply

    fault = sandbox.faults.take(method)
    if fault is None:
        return _respond(execute(), call)
    call.fault = fault.kind
    return await _suffer(fault, call, execute, request, sandbox)


async def _suffer(
    fault: Fault, call: Call, execute: Callable[[], Reply], request: web.Request, sandbox: Sandbox
) -> web.StreamResponse:
    if fault.stores:
        execute()
    answered = _answered(fault)
    if answered is not None:
        return _respond(answered, call)
    if fault.manner == "timeout":
        with suppress(TimeoutError):
            await asyncio.wait_for(sandbox.closing.wait(), sandbox.settings.timing.hold_for)
    elif fault.kind == "stored_late":
        sandbox.start(_later(execute, sandbox))
    return _drop(request)


def _answered(fault: Fault) -> Reply | None:
    """The faults that do answer."""
    if fault.error:
        return Reply({"ok": False, "error": fault.error})
    if fault.kind == "ratelimited":
        return rate_limited(fault.retry_after)
    if fault.manner == "http_500":
        return Reply("Internal Server Error", 500, content_type="text/plain")
    if fault.manner == "html":
        return Reply(HTML, 503, content_type="text/html")
    return None


async def _later(execute: Callable[[], Reply], sandbox: Sandbox) -> None:
    await asyncio.sleep(sandbox.settings.timing.store_late_after)
    execute()


def _drop(request: web.Request) -> web.StreamResponse:
    """Cuts the connection: the caller learns nothing. The response is never written."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _respond(reply: Reply, call: Call) -> web.Response:
    call.http_status = reply.status
    call.answer = reply.body
    text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
    return web.Response(text=text, status=reply.status, headers=dict(reply.headers), content_type=reply.content_type)
