"""Opening a form. Slack's trigger for it lives for three seconds and works once, so the click is acknowledged first."""

import logging
from typing import Any

from slack_bolt.async_app import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.client import SLACK_ERRORS
from bot.listeners.telling import tell
from bot.message import Block

logger = logging.getLogger(__name__)

_NOT_OPENED = "Slack did not open the form, so nothing was done. Press again."


async def open_modal(client: AsyncWebClient, body: dict[str, Any], view: Block, respond: AsyncRespond) -> str:
    """On top of the form in which a button was pressed, if it was.

    One word for the metrics: ``done`` or ``not_opened``, of which the person has been told.
    """
    try:
        is_in_modal = body.get("view", {}).get("type") == "modal"
        await (client.views_push if is_in_modal else client.views_open)(trigger_id=body["trigger_id"], view=view)
    except SLACK_ERRORS as error:
        told = {"action": "slack_modal", "callback_id": view["callback_id"], "error": str(error)}
        logger.warning("slack did not open a form", extra=told)
        await tell(respond, _NOT_OPENED)
        return "not_opened"
    return "done"
