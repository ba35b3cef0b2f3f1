"""What Slack sends and no listener knows: an old card's button, a form of an older version, a stray event."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import OLDER_VERSION
from bot.desk import Desk
from bot.language import t
from bot.listeners.telling import InView, in_the_form, tell

_ANY = re.compile(".*", re.DOTALL)


def register(app: AsyncApp, desk: Desk) -> None:
    """Last: Bolt asks its listeners in the order in which they were registered."""

    async def pressed(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        desk.metrics.handled("click", "unknown", "older_version")
        await tell(respond, t(OLDER_VERSION))

    async def submitted(ack: AsyncAck, view: dict[str, Any]) -> None:
        desk.metrics.handled("modal", "unknown", "older_version")
        await ack(**in_the_form(t(OLDER_VERSION), view))

    async def chosen(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        desk.metrics.handled("shortcut", "unknown", "older_version")
        await tell(respond if respond.response_url else InView(client, body), t(OLDER_VERSION))

    async def searched(ack: AsyncAck) -> None:
        await ack(options=[])

    async def happened(ack: AsyncAck) -> None:
        """An event that nobody subscribed to: taken, or Slack would send it three times more."""
        await ack()

    app.action(_ANY)(pressed)
    app.view(_ANY)(submitted)
    app.shortcut(_ANY)(chosen)
    app.options(_ANY)(searched)
    app.event(_ANY)(happened)
