"""Telling one person something that nobody else sees."""

import logging
from typing import Any

from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks.home import told_modal
from bot.client import SLACK_ERRORS

logger = logging.getLogger(__name__)


class InView(AsyncRespond):
    """What answers a click in a Home or a modal, or a shortcut: those have no channel, so a small modal says it.

    ``untold`` is what Slack did not open one for: its trigger lives for three seconds and works once.
    """

    def __init__(self, client: AsyncWebClient, body: dict[str, Any]) -> None:
        super().__init__(response_url=None)
        self._client, self._trigger = client, str(body.get("trigger_id") or "")
        self._is_on_top = body.get("view", {}).get("type") == "modal"
        self.untold = ""

    async def say(self, text: str) -> None:
        opens = self._client.views_push if self._is_on_top else self._client.views_open
        try:
            await opens(trigger_id=self._trigger, view=told_modal(text))
        except SLACK_ERRORS as error:
            self.untold = text
            logger.warning("slack did not open an answer", extra={"action": "slack_tell", "error": str(error)})


async def tell(respond: AsyncRespond, text: str) -> None:
    """An answer that only this person sees: an ephemeral message beside what was clicked, in a view a small modal.

    A failure is logged: the click itself is done.
    """
    if isinstance(respond, InView):
        await respond.say(text)
        return
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
