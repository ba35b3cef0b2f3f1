"""What Slack sends and no listener knows: an old card's button, a form of an older version, a stray event."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.answers import OLDER_VERSION
from bot.desk import Desk
from bot.language import t
from bot.listeners.telling import tell

_ANY = re.compile(".*", re.DOTALL)


def register(app: AsyncApp, desk: Desk) -> None:
    """Last: Bolt asks its listeners in the order in which they were registered."""

    async def pressed(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        desk.metrics.handled("click", "unknown", "older_version")
        await tell(respond, t(OLDER_VERSION))

    async def submitted(ack: AsyncAck, view: dict[str, Any]) -> None:
        desk.metrics.handled("modal", "unknown", "older_version")
        await ack(response_action="errors", errors={first_field(view): t(OLDER_VERSION)})

    async def happened(ack: AsyncAck) -> None:
        """An event that nobody subscribed to: taken, or Slack would send it three times more."""
        await ack()

    app.action(_ANY)(pressed)
    app.view(_ANY)(submitted)
    app.event(_ANY)(happened)


def first_field(view: dict[str, Any]) -> str:
    """The block under which an error of the whole form shows."""
    return next((str(block["block_id"]) for block in view.get("blocks", []) if block.get("type") == "input"), "")
