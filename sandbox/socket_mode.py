"""Socket Mode: envelopes over a websocket in place of signed requests.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import itertools
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from sandbox.people import APP_ID


@dataclass(frozen=True, slots=True)
class Envelope:
    """`kind`: interactive, slash_commands or events_api."""

    kind: str
    payload: Mapping[str, Any]
    retry_num: int = 0
    retry_reason: str = ""

    def as_slack(self, envelope_id: str) -> dict[str, Any]:
        told = {
            "envelope_id": envelope_id,
            "type": self.kind,
            "payload": dict(self.payload),
            "accepts_response_payload": self._accepts_response(),
        }
        if self.kind == "events_api":
            told |= {"retry_attempt": self.retry_num, "retry_reason": self.retry_reason}
        return told

    def _accepts_response(self) -> bool:
        return self.kind == "slash_commands" or self.payload.get("type") == "view_submission"


class Sockets:
    """The bot's open connections; envelopes go to one after the other."""

    def __init__(self) -> None:
        self._open: list[web.WebSocketResponse] = []
        self._awaited: dict[str, asyncio.Future[Any]] = {}
        self._turn = itertools.count()

    @property
    def connected(self) -> bool:
        return bool(self._open)

    async def send(self, envelope: Envelope) -> Any:
        """The payload of the acknowledgement, None if it has none. Waits for as long as the caller lets it."""
        envelope_id = str(uuid.uuid4())
        socket = self._open[next(self._turn) % len(self._open)]
        acknowledged = asyncio.get_running_loop().create_future()
        self._awaited[envelope_id] = acknowledged
        try:
            await socket.send_str(json.dumps(envelope.as_slack(envelope_id)))
            return await acknowledged
        finally:
            del self._awaited[envelope_id]

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, from hello to its end."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._open.append(socket)
        try:
            await socket.send_str(json.dumps(self._hello()))
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledge(message.data)
        finally:
            self._forget(socket)
        return socket

    async def disconnect(self, reason: str) -> int:
        """As Slack does now and then: says so, then closes. Answers how many were connected."""
        leaving = list(self._open)
        for socket in leaving:
            self._forget(socket)
            told = {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
            await socket.send_str(json.dumps(told))
            await socket.close(code=WSCloseCode.GOING_AWAY)
        return len(leaving)

    def _forget(self, socket: web.WebSocketResponse) -> None:
        if socket in self._open:
            self._open.remove(socket)

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "connection_info": {"app_id": APP_ID},
            "debug_info": {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060},
        }

    def _acknowledge(self, text: str) -> None:
        """An acknowledgement that is late, doubled or not JSON is dropped, as Slack drops it."""
        try:
            told = json.loads(text)
        except ValueError:
            return
        awaited = self._awaited.get(told.get("envelope_id", "")) if isinstance(told, dict) else None
        if awaited is not None and not awaited.done():
            awaited.set_result(told.get("payload"))
