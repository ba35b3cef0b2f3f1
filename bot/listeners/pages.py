"""What happens when somebody turns a page of a list: the answer that only they see is replaced in its place."""

import logging
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import OLDER_VERSION, outcome, sentence
from bot.blocks.list_clicks import Leaf, ListAction, read_leaf
from bot.client import SLACK_ERRORS
from bot.commands.command import Verb
from bot.commands.filters import typed
from bot.commands.lists import list_page
from bot.desk import Desk
from bot.language import t
from bot.listeners.telling import tell, who
from bot.message import Message
from incidents.errors import BongsuError
from incidents.model import Actor

logger = logging.getLogger(__name__)


def register(app: AsyncApp, desk: Desk) -> None:
    async def turned(
        ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        leaf, by = read_leaf(action.get("value", "")), Actor.slack(who(body))
        page = await _page(desk, leaf, by=by)
        await ack()
        if leaf is None or isinstance(page, str):
            await tell(respond, page if isinstance(page, str) else t(OLDER_VERSION))
        elif not await _replaced(respond, page):
            await _tell_what_to_type(client, body, leaf, by)

    for turning in ListAction:
        app.action(turning.value)(turned)


async def _page(desk: Desk, leaf: Leaf | None, *, by: Actor) -> Message | str:
    """The page, or what to tell the person."""
    if leaf is None:
        desk.metrics.handled("click", ListAction.ON, "older_version")
        return t(OLDER_VERSION)
    try:
        page = await list_page(leaf.wanted, by=by, desk=desk, turn=leaf.turn, first=leaf.first)
    except BongsuError as error:
        desk.metrics.handled("click", ListAction.ON, outcome(error))
        return sentence(error, to=by.id, now=desk.now())
    desk.metrics.handled("click", ListAction.ON, "done")
    return page


async def _replaced(respond: AsyncRespond, message: Message) -> bool:
    """False: Slack lets an answer be replaced five times within thirty minutes, and no more."""
    try:
        answered = await respond(
            text=message.text, blocks=message.blocks, response_type="ephemeral", replace_original=True
        )
    except (*SLACK_ERRORS, ValueError) as error:
        logger.warning("slack did not take a page", extra={"action": "slack_page", "error": str(error)})
        return False
    return answered.status_code == 200


async def _tell_what_to_type(client: AsyncWebClient, body: dict[str, Any], leaf: Leaf, by: Actor) -> None:
    command = typed(Verb.LIST, leaf.wanted, by=str(by))
    told = t("Slack does not let this list be changed any more. For a new one type {command}.", command=command)
    try:
        await client.chat_postEphemeral(channel=body["channel"]["id"], user=by.id, text=told)
    except (*SLACK_ERRORS, KeyError) as error:
        logger.warning("nobody to tell", extra={"action": "slack_tell", "error": str(error)})
