"""The one place where an exception that nobody expected meets a person."""

import logging
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_bolt.response import BoltResponse

from bot.answers import BROKEN
from bot.desk import Desk
from bot.language import t
from bot.listeners.telling import tell
from bot.listeners.unknown import first_field

logger = logging.getLogger(__name__)


def register(app: AsyncApp, desk: Desk) -> None:
    async def broke(
        error: Exception, body: dict[str, Any], respond: AsyncRespond, response: BoltResponse | None
    ) -> BoltResponse | None:
        told = {"action": "slack_listener", "kind": body.get("type") or body.get("command"), "error": repr(error)}
        logger.error("a listener broke", extra=told, exc_info=error)
        desk.metrics.handled(_kind(body), "unknown", "broken")
        if response is None or _kind(body) == "click":
            await tell(respond, t(BROKEN))
        return None if response is None else _answer(body)

    app.error(broke)


def _kind(body: dict[str, Any]) -> str:
    if "command" in body:
        return "command"
    return {"block_actions": "click", "view_submission": "modal"}.get(body.get("type", ""), "event")


def _answer(body: dict[str, Any]) -> BoltResponse:
    """Instead of the acknowledgement that the listener did not get to."""
    match _kind(body):
        case "command":
            return BoltResponse(status=200, body={"response_type": "ephemeral", "text": t(BROKEN)})
        case "modal":
            errors = {first_field(body.get("view", {})): t(BROKEN)}
            return BoltResponse(status=200, body={"response_action": "errors", "errors": errors})
        case "click":
            return BoltResponse(status=200, body="")
        case _:
            return BoltResponse(status=500, body={"error": "internal error"})
