"""What happens when somebody types ``/incident``. The answer travels in the acknowledgement: only they see it."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.commands.answer import answer
from bot.desk import Desk
from incidents.model import Actor

ANY_NAME = re.compile(r"/.+")
"""A team may have named the command otherwise in its manifest."""


def register(app: AsyncApp, desk: Desk) -> None:
    async def typed(ack: AsyncAck, command: dict[str, Any]) -> None:
        message = await answer(command.get("text") or "", by=Actor.slack(command["user_id"]), desk=desk)
        await ack(text=message.text, blocks=message.blocks, response_type="ephemeral")

    app.command(ANY_NAME)(typed)
