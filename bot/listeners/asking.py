"""The forms that a click opens, made of what the incident is like now and of who asks."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import OLDER_VERSION, NoAnswer, outcome, sentence
from bot.asking_slack import zone_of
from bot.blocks.clicks import ActionId, Target, read_button
from bot.blocks.merge_modal import merge_modal
from bot.blocks.modals import severity_modal
from bot.blocks.more_modal import more_modal
from bot.blocks.snooze_modal import snooze_modal
from bot.desk import Desk
from bot.language import t
from bot.listeners.opening import open_modal
from bot.listeners.telling import tell, who
from bot.message import Block
from incidents.errors import BongsuError

_LOOK_SECONDS = 1.0
"""The trigger lives for three, in which Slack must hear of the form, too."""

Form = Callable[[Desk, Target, str], Awaitable[Block]]
"""Made for the person with this Slack id. Raises a BongsuError where the incident can't be looked at."""
Listener = Callable[..., Awaitable[None]]


def same_for_all(made: Callable[[Target], Block]) -> Form:
    """A form that needs nothing but the incident's name."""

    async def form(_desk: Desk, target: Target, _user: str) -> Block:
        return made(target)

    return form


async def snooze_form(desk: Desk, target: Target, user: str) -> Block:
    incident = await desk.look(lambda uow: uow.incidents.get(target.incident_id), seconds=_LOOK_SECONDS)
    return snooze_modal(target, incident, now=desk.now(), zone=await zone_of(desk.directory, user))


async def severity_form(desk: Desk, target: Target, _user: str) -> Block:
    incident = await desk.look(lambda uow: uow.incidents.get(target.incident_id), seconds=_LOOK_SECONDS)
    return severity_modal(target, now=incident.severity)


async def merge_form(desk: Desk, target: Target, _user: str) -> Block:
    """Its list of others comes from the database: without that the form is of no use."""
    await desk.look(lambda uow: uow.incidents.get(target.incident_id), seconds=_LOOK_SECONDS)
    return merge_modal(target)


async def more_form(desk: Desk, target: Target, _user: str) -> Block:
    view = await desk.look(lambda uow: uow.views.incident(target.incident_id), seconds=_LOOK_SECONDS)
    return more_modal(target, view)


async def ask(
    form: Form,
    target: Target,
    name: str,
    *,
    desk: Desk,
    body: dict[str, Any],
    client: AsyncWebClient,
    respond: AsyncRespond,
) -> None:
    """After the click is acknowledged. Where the form can't be made the person is told why."""
    user = who(body)
    try:
        view = await form(desk, target, user)
    except NoAnswer as error:
        desk.metrics.handled("click", name, outcome(error))
        await tell(respond, t("Bongsu's database did not answer in time, so no form was opened. Press again."))
        return
    except BongsuError as error:
        desk.metrics.handled("click", name, outcome(error))
        await tell(respond, sentence(error, to=user, now=desk.now()))
        return
    desk.metrics.handled("click", name, await open_modal(client, body, view, respond))


def opener(desk: Desk, action_id: ActionId, form: Form) -> Listener:
    """What listens to a button that opens this form."""

    async def pressed(
        ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        await ack()
        target = read_button(action.get("value", ""))
        if target is None:
            desk.metrics.handled("click", action_id, "older_version")
            await tell(respond, t(OLDER_VERSION))
            return
        await ask(form, target, action_id, desk=desk, body=body, client=client, respond=respond)

    return pressed
