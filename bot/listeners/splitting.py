"""What happens when somebody gives series of an incident one of their own."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import OLDER_VERSION, outcome, sentence
from bot.blocks.clicks import ActionId, CallbackId, Target, read_button
from bot.blocks.split_modal import SERIES_FIELD, split_modal, split_options
from bot.desk import Desk
from bot.language import t
from bot.listeners.opening import open_modal
from bot.listeners.submitting import in_plain
from bot.listeners.telling import tell, who
from bot.message import Block
from incidents.actions import split
from incidents.actions.split import series_to_split
from incidents.errors import BongsuError
from incidents.model import Actor, Incident, Series
from incidents.ports import UnitOfWork


def register(app: AsyncApp, desk: Desk) -> None:
    async def wanted(
        ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        await ack()
        target = read_button(action.get("value", ""))
        if target is None:
            desk.metrics.handled("click", ActionId.SPLIT, "older_version")
            await tell(respond, t(OLDER_VERSION))
            return
        view = await split_form(desk, target, by=Actor.slack(who(body)))
        if isinstance(view, str):
            desk.metrics.handled("click", ActionId.SPLIT, "refused")
            await tell(respond, view)
            return
        desk.metrics.handled("click", ActionId.SPLIT, await open_modal(client, body, view, respond))

    async def searched(ack: AsyncAck, body: dict[str, Any]) -> None:
        target = read_button(body.get("view", {}).get("private_metadata", ""))
        await ack(options=await _found(desk, target, str(body.get("value") or "")))

    async def submitted(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        problem = await _split(desk, view, by=Actor.slack(who(body)))
        if problem is None:
            await ack(response_action="clear")
        else:
            await ack(response_action="errors", errors={SERIES_FIELD: in_plain(problem, desk.directory)})

    app.action(ActionId.SPLIT.value)(wanted)
    app.options(SERIES_FIELD)(searched)
    app.view(CallbackId.SPLIT.value)(submitted)


async def split_form(desk: Desk, target: Target, *, by: Actor) -> Block | str:
    """The form, or what to tell the person."""
    try:
        series = await desk.look(lambda uow: series_to_split(target.incident_id, uow=uow))
    except BongsuError as error:
        return sentence(error, to=by.id, now=desk.now())
    return split_modal(target, series)


async def _found(desk: Desk, target: Target | None, query: str) -> list[Block]:
    if target is None:
        return []
    try:
        series: list[Series] = await desk.look(lambda uow: series_to_split(target.incident_id, uow=uow))
    except BongsuError as error:
        desk.metrics.handled("search", SERIES_FIELD, outcome(error))
        return []
    desk.metrics.handled("search", SERIES_FIELD, "done")
    return split_options(series, query=query)


async def _split(desk: Desk, view: dict[str, Any], *, by: Actor) -> str | None:
    """None where it was done, else what to tell under the field."""
    target = read_button(view.get("private_metadata", ""))
    if target is None:
        desk.metrics.handled("modal", CallbackId.SPLIT, "older_version")
        return t(OLDER_VERSION)
    element = view.get("state", {}).get("values", {}).get(SERIES_FIELD, {}).get(SERIES_FIELD, {})
    keys = [str(option["value"]) for option in element.get("selected_options") or []]

    async def work(uow: UnitOfWork) -> Incident:
        return await split(target.incident_id, series_keys=keys, by=by, uow=uow, seen=target.seen)

    return await desk.attempt("modal", CallbackId.SPLIT, work, by=by)
