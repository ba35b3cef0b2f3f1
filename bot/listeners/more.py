"""What happens when somebody chooses from the ⋯ menu of a card."""

from collections.abc import Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import OLDER_VERSION
from bot.blocks.clicks import ActionId, Do, Target, read_option
from bot.blocks.modals import assign_modal, noise_modal, note_modal, summary_modal
from bot.desk import Desk
from bot.language import t
from bot.listeners.asking import Form, ask, more_form, snooze_form
from bot.listeners.buttons import Pressed, press
from bot.listeners.opening import open_modal
from bot.listeners.telling import tell, who
from bot.message import Block
from incidents.actions import unacknowledge
from incidents.model import Actor

_USE_CASES: dict[Do, Pressed] = {Do.UNACKNOWLEDGE: unacknowledge}
_MODALS: dict[Do, Callable[[Target], Block]] = {
    Do.ASSIGN: assign_modal,
    Do.NOTE: note_modal,
    Do.NOISE: noise_modal,
    Do.SUMMARY: summary_modal,
}
_ASKED: dict[Do, Form] = {Do.SNOOZE: snooze_form, Do.EXTEND: snooze_form, Do.MORE: more_form}


def register(app: AsyncApp, desk: Desk) -> None:
    async def chosen(
        ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        option = read_option(action.get("selected_option", {}).get("value", ""))
        if option is None:
            await ack()
            desk.metrics.handled("click", ActionId.MORE, "older_version")
            await tell(respond, t(OLDER_VERSION))
            return
        do, target = option
        if do in _MODALS:
            await ack()
            became = await open_modal(client, body, _MODALS[do](target), respond)
            desk.metrics.handled("click", do, became)
            return
        if do in _ASKED:
            await ack()
            await ask(_ASKED[do], target, do, desk=desk, body=body, client=client, respond=respond)
            return
        problem = await press(desk, do, _USE_CASES[do], target, by=Actor.slack(who(body)))
        await ack()
        if problem is not None:
            await tell(respond, problem)

    app.action(ActionId.MORE.value)(chosen)
