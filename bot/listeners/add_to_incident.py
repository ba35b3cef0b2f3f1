"""What happens when somebody chooses "Add to incident" from the menu of a message, and submits its form."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import OLDER_VERSION, outcome, sentence
from bot.blocks.clicks import CallbackId, read_choice
from bot.blocks.timeline_modal import (
    INCIDENT_FIELD,
    MOST_OPTIONS,
    Where,
    read_where,
    read_words,
    timeline_modal,
    timeline_options,
)
from bot.client import SLACK_ERRORS
from bot.desk import Desk
from bot.heard import Payload
from bot.language import t
from bot.listeners.opening import open_modal
from bot.listeners.submitting import in_plain
from bot.listeners.telling import tell, who
from bot.spoken import NoMessage, Unreadable, find_message, spoken_message
from incidents.actions.timeline_entry import add_message, find_incidents
from incidents.errors import BongsuError
from incidents.model import Actor, Incident
from incidents.ports import UnitOfWork
from incidents.threads import Spoken

_NAME = CallbackId.ADD_TO_INCIDENT.value
_LOOK_SECONDS = 1.5
_CHECK_SECONDS = 1.0
_PRIVATE = {"privategroup", "directmessage"}
"""How Slack calls a channel that it does not name."""


def register(app: AsyncApp, desk: Desk) -> None:
    async def chosen(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        became = await _open(desk, body, respond, client)
        desk.metrics.handled("shortcut", _NAME, became)

    async def submitted(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        problem = await _add(desk, view, by=Actor.slack(who(body)))
        if problem is None:
            await ack()
        else:
            await ack(response_action="errors", errors={INCIDENT_FIELD: in_plain(problem, desk.directory)})

    async def searched(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(options=timeline_options(await _found(desk, body)))

    app.message_shortcut(_NAME)(chosen)
    app.options(INCIDENT_FIELD)(searched)
    app.view(_NAME)(submitted)


async def _open(desk: Desk, body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient) -> str:
    """What became of it, in one word; where no form opened, the person has been told why."""
    channel, message = body["channel"], _with_ts(body)
    thread_ts = str(message.get("thread_ts") or "")
    said = await spoken_message(desk, str(channel["id"]), message)
    if not said.text and not said.files:
        await tell(respond, t("That message has no words that could go on a timeline, so nothing was done."))
        return "refused"
    try:
        where, ts = said.channel_id, thread_ts or said.ts
        found = await desk.look(lambda uow: find_incidents((), where, ts, limit=1, uow=uow), seconds=_LOOK_SECONDS)
    except BongsuError as error:
        await tell(respond, sentence(error, to=who(body), now=desk.now()))
        return outcome(error)
    if not found.incidents:
        await tell(respond, t("No incident is open, so there is none to add this message to."))
        return "refused"
    is_private = channel.get("name") in _PRIVATE
    view = timeline_modal(said, thread_ts=thread_ts, chosen=found.here, is_private=is_private)
    return await open_modal(client, body, view, respond)


def _with_ts(body: dict[str, Any]) -> Payload:
    return {**body["message"], "ts": str(body.get("message_ts") or body["message"]["ts"])}


async def _found(desk: Desk, body: dict[str, Any]) -> Sequence[Incident]:
    """Nothing where the database does not answer: Slack shows no words of ours here."""
    where, query = read_where(body.get("view", {}).get("private_metadata", "")), str(body.get("value") or "")
    if where is None:
        return ()
    channel_id, ts = where.channel_id, where.thread_ts or where.ts
    try:
        found = await desk.look(
            lambda uow: find_incidents(query.split(), channel_id, ts, limit=MOST_OPTIONS, uow=uow),
            seconds=_LOOK_SECONDS,
        )
    except BongsuError as error:
        desk.metrics.handled("search", _NAME, outcome(error))
        return ()
    desk.metrics.handled("search", _NAME, "done")
    return found.incidents


async def _add(desk: Desk, view: dict[str, Any], *, by: Actor) -> str | None:
    """None where it was done, else what to tell the person below the field."""
    where, incident_id = read_where(view.get("private_metadata", "")), _chosen(view)
    if where is None or incident_id is None:
        desk.metrics.handled("modal", _NAME, "older_version")
        return t(OLDER_VERSION)
    try:
        said = await _as_it_is_now(desk, where, view)
    except NoMessage:
        desk.metrics.handled("modal", _NAME, "refused")
        return t("That message was deleted meanwhile, so nothing was added.")

    async def work(uow: UnitOfWork) -> Incident:
        ours = await uow.threads.incident_of(where.channel_id, where.thread_ts) if where.thread_ts else None
        return await add_message(incident_id, said, is_in_thread=ours == incident_id, by=by, uow=uow)

    return await desk.attempt("modal", _NAME, work, by=by)


def _chosen(view: Mapping[str, Any]) -> int | None:
    element = view.get("state", {}).get("values", {}).get(INCIDENT_FIELD, {}).get(INCIDENT_FIELD, {})
    return read_choice((element.get("selected_option") or {}).get("value"))


async def _as_it_is_now(desk: Desk, where: Where, view: dict[str, Any]) -> Spoken:
    """As Slack tells it; where we may not read or Slack is slow, as the person saw it. Raises NoMessage."""
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            message = await find_message(desk, where.channel_id, where.ts)
            return await spoken_message(desk, where.channel_id, message)
    except (Unreadable, TimeoutError, *SLACK_ERRORS):
        link = desk.identity.link_to(where.channel_id, where.ts, thread_ts=where.thread_ts or None)
        return Spoken(where.channel_id, where.ts, where.author, read_words(view), where.is_clipped, where.files, link)
