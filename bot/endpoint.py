"""``POST /slack/events``: whatever arrives there is answered by a 4xx or handed to Bolt, never by a 500 of its own."""

import json
import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Protocol

from aiohttp import web
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.replays import Answer, Replays, key_of
from bot.settings import SlackSettings
from bot.signature import flaw

LARGEST_BODY = 4 * 1024 * 1024
"""An edit of 40,000 characters carries them four times, before and after, as text and as blocks, escaped."""
_MALFORMED = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What Bolt raises as it reads a body that is no payload of Slack's."""

logger = logging.getLogger(__name__)


class Dispatches(Protocol):
    """A Bolt app, or what stands before several."""

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse: ...


class SlackEndpoint:
    """Its ``handle`` takes clicks, forms, commands and events. ``wall``: seconds since 1970."""

    def __init__(self, bolt: Dispatches, settings: SlackSettings, *, wall: Callable[[], float] = time.time) -> None:
        self._bolt, self._secret, self._wall = bolt, settings.signing_secret, wall
        self._replays = Replays(time.monotonic)

    async def handle(self, request: web.Request) -> web.Response:
        answer = await self._answer(request)
        return web.Response(status=answer.status, body=answer.body, content_type=answer.content_type, charset="utf-8")

    async def _answer(self, request: web.Request) -> Answer:
        if not self._secret:
            return _refusal(HTTPStatus.NOT_FOUND, "Slack reaches this Bongsu by Socket Mode: no signing secret is set")
        body = await _read(request)
        if body is None:
            return _refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body has at most {LARGEST_BODY} bytes")
        wrong = flaw(request.headers, body, secret=self._secret, now=self._wall())
        if wrong is not None:
            logger.warning("request not from slack", extra={"action": "slack_request", "error": wrong})
            return _refusal(HTTPStatus.UNAUTHORIZED, wrong)
        key = key_of(body, request.headers["X-Slack-Signature"])
        return await self._replays.once(key, lambda: self._dispatch(request, body))

    async def _dispatch(self, request: web.Request, body: bytes) -> Answer:
        """Listeners run apart, with an error handler of their own: what is raised here is about the payload's shape."""
        try:
            bolt_request = AsyncBoltRequest(
                body=body.decode("utf-8"),
                query=request.query_string,
                headers={name: value for name, value in request.headers.items() if not _is_bolts_own(name)},
            )
            _require_objects(bolt_request.body)
            return _as_answer(await self._bolt.async_dispatch(bolt_request))
        except _MALFORMED as error:
            logger.warning("slack payload unreadable", extra={"action": "slack_request", "error": repr(error)})
            return _refusal(HTTPStatus.BAD_REQUEST, "the body is not a payload of Slack's in UTF-8")


def _require_objects(payload: dict[str, Any]) -> None:
    """Bolt takes for granted that an event and a view are objects where they are given. Raises TypeError."""
    for name in ("event", "view"):
        if not isinstance(payload.get(name, {}), dict):
            raise TypeError(f"{name} is no object")


def _as_answer(response: BoltResponse) -> Answer:
    [content_type, *_] = response.headers.get("content-type", ["text/plain"])
    return Answer(response.status, response.body.encode(), content_type.partition(";")[0])


async def _read(request: web.Request) -> bytes | None:
    """The body; None where it is larger than any of Slack's."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _is_bolts_own(name: str) -> bool:
    """Headers by which Bolt talks to itself on other platforms."""
    return name.lower().startswith("x-slack-bolt-")


def _refusal(status: HTTPStatus, why: str) -> Answer:
    return Answer(status, json.dumps({"error": why}).encode(), "application/json")
