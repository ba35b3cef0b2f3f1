"""Commands that are answered by a form: ``/incident merge 12`` and ``/incident split 12``."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import outcome, sentence
from bot.blocks.clicks import Target
from bot.blocks.merge_modal import merge_modal
from bot.commands.command import Command, Verb
from bot.desk import Desk
from bot.listeners.opening import open_modal
from bot.listeners.splitting import split_form
from bot.message import Block
from incidents.errors import BongsuError
from incidents.model import Actor


def asks_for_form(command: Command) -> bool:
    return command.verb is Verb.SPLIT or (command.verb is Verb.MERGE and not command.other)


async def answer_with_form(
    desk: Desk, told: Command, command: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient
) -> None:
    """Acknowledged before it opens; what is in the way is told in the acknowledgement."""
    view = await _form(desk, told, by=Actor.slack(command["user_id"]))
    if isinstance(view, str):
        await ack(text=view, response_type="ephemeral")
        return
    await ack()
    desk.metrics.handled("command", told.verb, await open_modal(client, command, view, respond))


async def _form(desk: Desk, told: Command, *, by: Actor) -> Block | str:
    """The form, or what to tell the person."""
    try:
        incident = await desk.look(lambda uow: uow.incidents.by_number(told.number))
    except BongsuError as error:
        desk.metrics.handled("command", told.verb, outcome(error))
        return sentence(error, to=by.id, now=desk.now())
    target = Target.to(incident, firing=incident.firing)
    return merge_modal(target) if told.verb is Verb.MERGE else await split_form(desk, target, by=by)
