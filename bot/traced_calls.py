"""Calls to Slack as spans, whoever makes them: each goes through one session, Bolt's own clients', too."""

import json
import re
from types import SimpleNamespace
from typing import Any

import aiohttp
from aiohttp import ClientResponse
from yarl import URL

from base import tracing
from base.tracing import NOTHING, Kind, Span

_METHOD = re.compile(r"/api/([a-z]+(?:\.[A-Za-z]+){1,3})")
_CODE = re.compile(r"[a-z0-9_]{1,64}")


def traced_calls() -> list[aiohttp.TraceConfig]:
    """None where nothing is traced: they have their price. So traces must be in use before a session is made."""
    if not tracing.is_on():
        return []
    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(_began)
    trace.on_request_end.append(_answered)
    trace.on_response_chunk_received.append(_read)
    trace.on_request_exception.append(_broke)
    return [trace]


async def _began(_: object, context: SimpleNamespace, sent: aiohttp.TraceRequestStartParams) -> None:
    method = method_of(sent.url)
    known = {"http.request.method": sent.method, "server.address": sent.url.host or "", "slack.method": method}
    context.span = tracing.begin(method, known, kind=Kind.CLIENT)


async def _answered(_: object, context: SimpleNamespace, told: aiohttp.TraceRequestEndParams) -> None:
    """Of what is no JSON nobody may read the body."""
    span, response = _span(context), told.response
    span.set("http.response.status_code", response.status)
    if (wait := response.headers.get("Retry-After", "")).isdecimal():
        span.set("slack.retry_after", int(wait[:9]))
    if response.status != 200 or not _is_json(response):
        span.set("slack.ok", False)
        span.fail("ratelimited" if response.status == 429 else str(response.status))
        _end(context)


async def _read(_: object, context: SimpleNamespace, told: aiohttp.TraceResponseChunkReceivedParams) -> None:
    """The whole body: the SDK reads it in one go."""
    span, answer = _span(context), _object(told.chunk)
    span.set("slack.ok", answer.get("ok") is True)
    if answer.get("ok") is not True:
        span.fail(code_of(answer.get("error")))
    _end(context)


async def _broke(_: object, context: SimpleNamespace, told: aiohttp.TraceRequestExceptionParams) -> None:
    _span(context).fail(type(told.exception).__name__)
    _end(context)


def method_of(url: URL) -> str:
    """Slack's name of it. The path of anything else may hold a secret, as a ``response_url`` does."""
    found = _METHOD.search(url.path)
    return found[1] if found and url.path.endswith(found[0]) else "slack"


def code_of(told: object) -> str:
    """Slack's code of what is wrong; what is none is not repeated."""
    return told if isinstance(told, str) and _CODE.fullmatch(told) else "other"


def _span(context: SimpleNamespace) -> Span:
    span: Span = getattr(context, "span", NOTHING)
    return span


def _end(context: SimpleNamespace) -> None:
    """Once."""
    _span(context).end()
    context.span = NOTHING


def _is_json(response: ClientResponse) -> bool:
    return response.content_type == "application/json"


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
