"""Opening a form. Slack's trigger for it lives for three seconds and works once, so the click is acknowledged first."""

import logging
from typing import Any

from slack_bolt.async_app import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.client import SLACK_ERRORS
from bot.language import mark, t
from bot.listeners.telling import tell
from bot.message import Block
from bot.publisher.verdict import Verdict, judge

logger = logging.getLogger(__name__)

_NOT_OPENED = mark("Slack did not open the form, so nothing was done. Press again.")
_LOCKED_OUT = mark(
    "Slack refuses Bongsu's token, so no form opened and nothing was done. Tell who runs Bongsu. "
    "What needs no form works meanwhile: `/incident help` shows what can be typed."
)


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
        await tell(respond, t(_LOCKED_OUT if judge(error).verdict is Verdict.LOCKED_OUT else _NOT_OPENED))
        return "not_opened"
    return "done"
