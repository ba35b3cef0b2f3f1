"""A sandbox that listens, a bot that records what it is sent, and hands to drive both."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.app import create_app
from sandbox.settings import Timing

SECRET = "signing-secret"
TOKEN = "xoxb-test"

Json = dict[str, Any]
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Clock:
    """Runs with real time, and can be put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        return time.time() + self.ahead

    def advance(self, seconds: float) -> None:
        self.ahead += seconds


@dataclass(frozen=True)
class Received:
    """One request that the bot got."""

    headers: dict[str, str]
    raw: bytes
    form: Json
    json: Json


@dataclass
class Bot:
    """Answers with an empty 200 unless told otherwise."""

    received: list[Received] = field(default_factory=list)
    answer: Answer | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        is_json = request.content_type == "application/json"
        form = {} if is_json else dict(await request.post())
        json = await request.json() if is_json else {}
        self.received.append(Received(dict(request.headers), raw, form, json))
        return await self.answer(request) if self.answer else web.Response()

    def answers(self, *, status: int = 200, **response: Any) -> None:
        """`json=…` or `text=…`, the same to everything."""

        async def answer(request: web.Request) -> web.Response:
            if "json" in response:
                return web.json_response(response["json"], status=status)
            return web.Response(text=response.get("text", ""), status=status)

        self.answer = answer

    @property
    def last(self) -> Received:
        return self.received[-1]


@dataclass
class Stage:
    url: str
    http: aiohttp.ClientSession
    client: AsyncWebClient
    bot: Bot
    clock: Clock

    async def do(self, call: str, **body: Any) -> Json:
        status, answer = await self.attempt(call, **body)
        assert status == 200, answer
        return answer

    async def attempt(self, call: str, **body: Any) -> tuple[int, Json]:
        async with self.http.post(f"{self.url}/_control/{call}", json=body) as response:
            return response.status, await response.json()

    async def see(self, call: str, **query: str) -> Json:
        async with self.http.get(f"{self.url}/_control/{call}", params=query) as response:
            answer: Json = await response.json()
            assert response.status == 200, answer
            return answer

    async def messages(self, channel: str = "#incidents") -> list[Json]:
        found: list[Json] = (await self.see("messages", channel=channel))["messages"]
        return found

    async def ephemerals(self, user: str = "U0ALICE") -> list[Json]:
        found: list[Json] = (await self.see("ephemerals", user=user))["ephemerals"]
        return found

    async def views(self, user: str = "U0ALICE") -> list[Json]:
        found: list[Json] = (await self.see("views", user=user))["views"]
        return found

    async def post(self, **message: Any) -> str:
        """The ts of a new message of the bot."""
        answer = await self.client.chat_postMessage(**{"channel": "#incidents", "text": "hi"} | message)
        return str(answer["ts"])

    async def trigger(self, user: str = "U0ALICE") -> str:
        """A fresh trigger_id of that person."""
        await self.do("command", user=user, channel="#incidents", command="/incident", text="")
        return str(self.bot.last.form["trigger_id"])

    async def open_modal(self, view: Json, user: str = "U0ALICE") -> Json:
        answer = await self.client.views_open(trigger_id=await self.trigger(user), view=view)
        opened: Json = answer["view"]
        return opened


async def eventually(what: Callable[[], Awaitable[Any]], within: float = 5.0) -> Any:
    """The first true answer of `what`."""
    async with asyncio.timeout(within):
        while True:
            if found := await what():
                return found
            await asyncio.sleep(0.002)


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(action_id: str = "ack", value: str = "1") -> Json:
    return {"type": "button", "action_id": action_id, "value": value, "text": plain("Press")}


def actions(*elements: Json, **fields: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **fields}


def modal(*blocks: Json, **fields: Any) -> Json:
    return {"type": "modal", "title": plain("Note"), "submit": plain("Save"), "blocks": list(blocks), **fields}


def asks(block_id: str, **element: Any) -> Json:
    given = {"type": "plain_text_input", "action_id": f"{block_id}_text", **element}
    return {"type": "input", "block_id": block_id, "label": plain(block_id), "element": given}


async def start_bot(bot: Bot) -> TestServer:
    app = web.Application()
    app.router.add_post("/slack/events", bot.handle)
    server = TestServer(app)
    await server.start_server()
    return server


async def start_sandbox(bot_url: str, port: int, **options: Any) -> TestServer:
    """Mounted below /slack, as the demo mounts it."""
    public_url = f"http://127.0.0.1:{port}/slack"
    app = create_app(**{"app_url": bot_url, "signing_secret": SECRET, "public_url": public_url} | options)
    house = web.Application()
    house.add_subapp("/slack", app)
    server = TestServer(house, port=port)
    await server.start_server()
    return server


def fast(clock: Clock) -> Timing:
    """Slack's rules with nothing to wait for."""
    return Timing(
        now=clock.now,
        acknowledge_within=0.25,
        event_retries=(0.0, 0.01, 0.02),
        hold_for=0.2,
        store_late_after=0.05,
    )
