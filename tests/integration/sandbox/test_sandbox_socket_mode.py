"""Socket Mode, with Slack's own client."""

from collections.abc import AsyncIterator

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from tests.integration.sandbox.stage import Json, Stage, actions, asks, button, eventually, modal

APP_TOKEN = "xapp-test"


class SocketBot:
    """Acknowledges everything, with `payload` if it has one; `silent` acknowledges nothing."""

    def __init__(self, stage: Stage) -> None:
        self.received: list[SocketModeRequest] = []
        self.payload: Json | None = None
        self.silent = False
        self.said_hello = False
        web = AsyncWebClient(base_url=f"{stage.url}/api/", retry_handlers=[])
        self.client = SocketModeClient(APP_TOKEN, web_client=web, ping_interval=0.2)
        self.client.message_listeners.append(self._greeted)
        self.client.socket_mode_request_listeners.append(self._answer)

    async def _greeted(self, client: AsyncBaseSocketModeClient, message: Json, raw: str | None) -> None:
        self.said_hello = self.said_hello or message.get("type") == "hello"

    async def _answer(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.received.append(request)
        if not self.silent:
            response = SocketModeResponse(envelope_id=request.envelope_id, payload=self.payload)
            await client.send_socket_mode_response(response)

    async def connect(self) -> None:
        await self.client.connect()

        async def greeted() -> bool:
            return self.said_hello

        await eventually(greeted)


@pytest.fixture
async def bot(stage: Stage) -> AsyncIterator[SocketBot]:
    bot = SocketBot(stage)
    await bot.connect()
    yield bot
    await bot.client.close()


async def test_a_click_goes_over_the_socket(stage: Stage, bot: SocketBot) -> None:
    ts = await stage.post(blocks=[actions(button())])
    result = await stage.do("click", user="U0ALICE", channel="#incidents", ts=ts, action_id="ack")
    (request,) = bot.received
    assert (request.type, request.payload["actions"][0]["action_id"]) == ("interactive", "ack")
    assert (request.accepts_response_payload, result["status"], result["body"]) == (False, 200, "")
    assert stage.bot.received == []


async def test_the_payload_of_an_acknowledgement_is_honoured(stage: Stage, bot: SocketBot) -> None:
    bot.payload = {"text": "for you"}
    result = await stage.do("command", user="U0ALICE", channel="general", command="/incident", text="help")
    assert (bot.received[0].type, bot.received[0].payload["text"]) == ("slash_commands", "help")
    assert result["body"] == {"text": "for you"}
    assert [m["text"] for m in await stage.ephemerals()] == ["for you"]


async def test_a_modal_is_submitted_over_the_socket(stage: Stage, bot: SocketBot) -> None:
    await stage.do("shortcut", user="U0ALICE", callback_id="declare")
    opened = await stage.client.views_open(trigger_id=bot.received[0].payload["trigger_id"], view=modal(asks("note")))
    bot.payload = {"response_action": "errors", "errors": {"note": "no"}}
    view_id = opened["view"]["id"]
    await stage.do("submit", user="U0ALICE", view_id=view_id, values={"note": "x"})
    assert bot.received[1].accepts_response_payload is True
    assert (await stage.views())[0]["errors"] == {"note": "no"}


async def test_an_event_that_is_not_acknowledged_comes_again(stage: Stage, bot: SocketBot) -> None:
    bot.silent = True
    result = await stage.do("event", type="app_mention", user="U0ALICE")
    assert (result["status"], bot.received[0].retry_attempt) == (0, 0)
    bot.silent = False

    async def again() -> bool:
        return len(bot.received) > 1

    await eventually(again)
    assert (bot.received[1].retry_attempt, bot.received[1].retry_reason) == (1, "http_timeout")
    assert len({request.payload["event_id"] for request in bot.received}) == 1


async def test_a_bot_that_is_let_go_comes_back(stage: Stage, bot: SocketBot) -> None:
    assert (await stage.do("socket", reason="refresh_requested"))["disconnected"] == 1

    async def works_again() -> bool:
        bot.received.clear()
        await stage.do("shortcut", user="U0ALICE", callback_id="declare")
        return bool(bot.received)

    assert await eventually(works_again)


async def test_without_a_connection_requests_are_signed_and_posted(stage: Stage, bot: SocketBot) -> None:
    await bot.client.close()

    async def posted() -> bool:
        await stage.do("shortcut", user="U0ALICE", callback_id="declare")
        return bool(stage.bot.received)

    assert await eventually(posted)


async def test_an_address_works_once(stage: Stage) -> None:
    stage.client.token = APP_TOKEN
    url = (await stage.client.apps_connections_open(app_token=APP_TOKEN))["url"]
    async with stage.http.ws_connect(url) as socket:
        assert (await socket.receive_json())["type"] == "hello"
    async with stage.http.get(url.replace("ws:", "http:")) as response:
        assert response.status == 403


async def test_a_bot_token_opens_no_connection(stage: Stage) -> None:
    with pytest.raises(SlackApiError) as error:
        await stage.client.apps_connections_open(app_token="xoxb-1")
    assert error.value.response["error"] == "invalid_auth"


async def test_bolt_works_over_socket_mode(stage: Stage) -> None:
    app = AsyncApp(client=stage.client, signing_secret="unused")

    @app.command("/incident")
    async def incident(ack, command) -> None:  # type: ignore[no-untyped-def]
        await ack(f"you said {command['text']}")

    handler = AsyncSocketModeHandler(app, APP_TOKEN)
    await handler.connect_async()

    async def answered() -> bool:
        await stage.do("command", user="U0ALICE", channel="general", command="/incident", text="hello")
        return bool(await stage.ephemerals())

    assert await eventually(answered)
    assert "you said hello" in [m["text"] for m in await stage.ephemerals()]
    await handler.close_async()
