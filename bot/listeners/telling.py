"""Telling one person something that nobody else sees."""

import logging
from typing import Any

from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.client import SLACK_ERRORS

logger = logging.getLogger(__name__)


async def tell(respond: AsyncRespond, text: str) -> None:
    """An ephemeral answer beside the message that was clicked. A failure is logged: the click itself is done."""
    if respond.response_url is None:
        logger.warning("nobody to tell", extra={"action": "slack_tell", "text": text})
        return
    try:
        answered = await respond(text=text, response_type="ephemeral", replace_original=False)
    except SLACK_ERRORS as error:
        logger.warning("slack did not take an answer", extra={"action": "slack_tell", "error": str(error)})
        return
    if answered.status_code != 200:
        told = {"action": "slack_tell", "status": answered.status_code, "error": answered.body[:200]}
        logger.warning("slack refused an answer", extra=told)


def who(body: dict[str, Any]) -> str:
    """The Slack id of who pressed, typed or submitted."""
    user = body.get("user")
    return str(user["id"] if isinstance(user, dict) else body["user_id"])
