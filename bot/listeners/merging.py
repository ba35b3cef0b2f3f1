"""What happens when somebody merges an incident into another. Undoing it is a button of its card."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import OLDER_VERSION, outcome, sentence
from bot.blocks.clicks import ActionId, CallbackId, Target, read_button, read_choice
from bot.blocks.merge_modal import INTO_FIELD, merge_modal, merge_options
from bot.client import SLACK_ERRORS
from bot.desk import Desk
from bot.language import t
from bot.listeners.asking import merge_form, opener
from bot.listeners.submitting import in_plain
from bot.listeners.telling import who
from bot.message import Block
from incidents.actions import merge
from incidents.actions.merge import Foresight, foresee_merge, suggest_merges
from incidents.errors import BongsuError
from incidents.model import Actor, Incident
from incidents.ports import UnitOfWork


def register(app: AsyncApp, desk: Desk) -> None:
    async def searched(ack: AsyncAck, body: dict[str, Any]) -> None:
        groups = await _found(desk, _target(body), str(body.get("value") or ""))
        if groups:
            await ack(option_groups=groups)
        else:
            await ack(options=[])

    async def chosen(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient) -> None:
        view = await _foreseen(desk, _target(body), action, by=Actor.slack(who(body)))
        await ack()
        if view is not None:
            await _show(desk, client, body["view"], view)

    async def submitted(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        problem = await _merge(desk, view, by=Actor.slack(who(body)))
        if problem is None:
            await ack(response_action="clear")
        else:
            await ack(response_action="errors", errors={INTO_FIELD: in_plain(problem, desk.directory)})

    app.action(ActionId.MERGE.value)(opener(desk, ActionId.MERGE, merge_form))
    app.options(INTO_FIELD)(searched)
    app.action(INTO_FIELD)(chosen)
    app.view(CallbackId.MERGE.value)(submitted)


def _target(body: dict[str, Any]) -> Target | None:
    return read_button(body.get("view", {}).get("private_metadata", ""))


async def _found(desk: Desk, target: Target | None, query: str) -> list[Block]:
    """Nothing where the database does not answer: Slack shows no words of ours here."""
    if target is None:
        return []
    try:
        found = await desk.look(lambda uow: suggest_merges(target.incident_id, words=query.split(), uow=uow))
    except BongsuError as error:
        desk.metrics.handled("search", INTO_FIELD, outcome(error))
        return []
    desk.metrics.handled("search", INTO_FIELD, "done")
    return merge_options(*found)


async def _foreseen(desk: Desk, target: Target | None, action: dict[str, Any], *, by: Actor) -> Block | None:
    """The form with what will happen, or with what is in the way; None where nothing is chosen."""
    other = read_choice((action.get("selected_option") or {}).get("value"))
    if target is None or other is None:
        return None

    async def work(uow: UnitOfWork) -> Foresight:
        return await foresee_merge(target.incident_id, into=other, uow=uow)

    try:
        return merge_modal(target, foresight=await desk.look(work))
    except BongsuError as error:
        return merge_modal(target, problem=sentence(error, to=by.id, now=desk.now()))


async def _show(desk: Desk, client: AsyncWebClient, shown: dict[str, Any], view: Block) -> None:
    """A form that was closed or changed meanwhile stays as it is."""
    try:
        await client.views_update(view_id=shown["id"], hash=shown["hash"], view=view)
    except SLACK_ERRORS:
        desk.metrics.handled("click", INTO_FIELD, "not_opened")
        return
    desk.metrics.handled("click", INTO_FIELD, "done")


async def _merge(desk: Desk, view: dict[str, Any], *, by: Actor) -> str | None:
    """None where it was done, else what to tell under the field."""
    target = read_button(view.get("private_metadata", ""))
    if target is None:
        desk.metrics.handled("modal", CallbackId.MERGE, "older_version")
        return t(OLDER_VERSION)
    element = view.get("state", {}).get("values", {}).get(INTO_FIELD, {}).get(INTO_FIELD, {})
    other = read_choice((element.get("selected_option") or {}).get("value"))
    if other is None:
        return t("Choose an incident from the list.")

    async def work(uow: UnitOfWork) -> Incident:
        return await merge(target.incident_id, into=other, by=by, uow=uow, seen=target.seen)

    return await desk.attempt("modal", CallbackId.MERGE, work, by=by)
