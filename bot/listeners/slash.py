"""What happens when somebody types ``/incident``. The answer travels in the acknowledgement: only they see it, unless
others in the channel must know.

A form is opened after it: the trigger for that lives for three seconds, too.
"""

import hashlib
import re
import uuid
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.answer import answer
from bot.commands.command import Command, MaintenanceDo, MaintenanceOrder, TypedIn, Verb
from bot.commands.parse import parse
from bot.desk import Desk
from bot.listeners.asked_forms import answer_with_form, asks_for_form
from bot.listeners.declaring import open_form
from bot.listeners.maintenance import open_form as open_maintenance
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
        if isinstance(told, Command) and told.maintenance == MaintenanceOrder(MaintenanceDo.FORM):
            await ack()
            await open_maintenance(desk, client, command, respond)
            return
        if isinstance(told, Command) and asks_for_form(told):
            await answer_with_form(desk, told, command, ack, respond, client)
            return
        typed_in = TypedIn(command.get("channel_id", ""), token_of(command))
        message = await answer(text, by=Actor.slack(command["user_id"]), desk=desk, typed_in=typed_in)
        seen_by = "in_channel" if message.in_channel else "ephemeral"
        await ack(text=message.text, blocks=message.blocks, response_type=seen_by)

    app.command(ANY_NAME)(typed)


def token_of(command: Mapping[str, Any]) -> str:
    """What Slack delivers twice has the same one."""
    return hashlib.sha256(str(command.get("trigger_id") or uuid.uuid4().hex).encode()).hexdigest()
