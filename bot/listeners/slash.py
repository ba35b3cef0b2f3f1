"""What happens when somebody types ``/incident``. The answer travels in the acknowledgement: only they see it.

A form is opened after it: the trigger for that lives for three seconds, too.
"""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.answer import answer
from bot.commands.command import Command, Verb
from bot.commands.parse import parse
from bot.desk import Desk
from bot.listeners.asked_forms import answer_with_form, asks_for_form
from bot.listeners.declaring import open_form
from incidents.model import Actor

ANY_NAME = re.compile(r"/.+")
"""A team may have named the command otherwise in its manifest."""


def register(app: AsyncApp, desk: Desk) -> None:
    async def typed(ack: AsyncAck, command: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient) -> None:
        text = command.get("text") or ""
        told = parse(text)
        if isinstance(told, Command) and told.verb is Verb.DECLARE:
            await ack()
            await open_form(desk, client, command, respond, title=told.text)
            return
        if isinstance(told, Command) and asks_for_form(told):
            await answer_with_form(desk, told, command, ack, respond, client)
            return
        message = await answer(text, by=Actor.slack(command["user_id"]), desk=desk)
        await ack(text=message.text, blocks=message.blocks, response_type="ephemeral")

    app.command(ANY_NAME)(typed)
