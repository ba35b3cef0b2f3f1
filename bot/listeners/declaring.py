"""What happens when somebody declares an incident: by ``/incident declare``, a shortcut or a button, then a form."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import outcome, sentence
from bot.asking_slack import refuse_unusable_channel
from bot.blocks.clicks import ActionId, CallbackId
from bot.blocks.declare_modal import CHANNEL, NOTE, SERVICE, SEVERITY, TITLE, Origin, declare_modal, read_origin
from bot.blocks.text import data
from bot.commands.words import as_seen
from bot.desk import Desk
from bot.language import t
from bot.listeners.opening import open_modal
from bot.listeners.submitting import close_all
from bot.listeners.telling import tell, who
from incidents.actions import Declaration, declare
from incidents.errors import BongsuError, InvalidInput
from incidents.model import Actor, Incident, Severity
from incidents.ports import UnitOfWork

GLOBAL_SHORTCUT = "declare_incident"
MESSAGE_SHORTCUT = "declare_from_message"
_FIELDS = {TITLE, SERVICE, SEVERITY, CHANNEL, NOTE}


def register(app: AsyncApp, desk: Desk) -> None:
    async def pressed(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient) -> None:
        """By the global shortcut, or by a button: from a form, of which this one comes on top."""
        await ack()
        await open_form(desk, client, body, respond)

    async def from_message(
        ack: AsyncAck, shortcut: dict[str, Any], body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        await ack()
        message = shortcut["message"]
        link = _link_to(desk, shortcut["channel"]["id"], message)
        title = as_seen(str(message.get("text") or "")).partition("\n")[0]
        await open_form(desk, client, body, respond, title=title, link=link)

    async def submitted(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any], client: AsyncWebClient) -> None:
        incident, errors = await _declare(desk, view, by=Actor.slack(who(body)))
        if errors:
            await ack(response_action="errors", errors=errors)
            return
        await close_all(view, ack)
        url = read_origin(view.get("private_metadata", "")).answer
        if incident is not None and url:
            await tell(AsyncRespond(response_url=url, proxy=client.proxy, ssl=client.ssl), _told(incident))

    app.shortcut(GLOBAL_SHORTCUT)(pressed)
    app.shortcut(MESSAGE_SHORTCUT)(from_message)
    app.action(ActionId.DECLARE.value)(pressed)
    app.view(CallbackId.DECLARE.value)(submitted)


def _link_to(desk: Desk, channel: str, message: dict[str, Any]) -> str | None:
    """As Slack itself links to it: to one in a thread by the thread, too."""
    link, thread_ts = desk.identity.link_to(channel, message["ts"]), message.get("thread_ts")
    if link is None or thread_ts in {None, message["ts"]}:
        return link
    return f"{link}?thread_ts={thread_ts}&cid={channel}"


async def open_form(
    desk: Desk,
    client: AsyncWebClient,
    body: dict[str, Any],
    respond: AsyncRespond,
    *,
    title: str = "",
    link: str | None = None,
) -> None:
    origin = Origin(link, body.get("response_url"))
    became = await open_modal(client, body, declare_modal(title, origin=origin), respond)
    desk.metrics.handled("modal", CallbackId.DECLARE, became)


async def _declare(desk: Desk, view: dict[str, Any], *, by: Actor) -> tuple[Incident | None, dict[str, str]]:
    """The incident, or what is wrong with which field."""
    wanted = _read(view)

    async def work(uow: UnitOfWork) -> Incident:
        return await declare(wanted, by=by, uow=uow, policy=desk.policy)

    try:
        await refuse_unusable_channel(desk.identity.client, wanted.channel, field=CHANNEL)
        incident = await desk.do(work)
    except BongsuError as error:
        desk.metrics.handled("modal", CallbackId.DECLARE, outcome(error))
        field = error.field if isinstance(error, InvalidInput) and error.field in _FIELDS else TITLE
        return None, {field: sentence(error, to=by.id, now=desk.now())}
    desk.metrics.handled("modal", CallbackId.DECLARE, "done")
    return incident, {}


def _read(view: dict[str, Any]) -> Declaration:
    return Declaration(
        token=str(view["id"]),
        title=_value(view, TITLE) or "",
        severity=Severity(_value(view, SEVERITY) or Severity.UNKNOWN),
        service=_value(view, SERVICE) or "",
        channel=_value(view, CHANNEL),
        note=_value(view, NOTE) or "",
        link=read_origin(view.get("private_metadata", "")).link,
    )


def _value(view: dict[str, Any], field: str) -> str | None:
    """What was typed or chosen; None where it was left empty."""
    element = view.get("state", {}).get("values", {}).get(field, {}).get(field, {})
    chosen = (element.get("selected_option") or {}).get("value")
    value: str | None = element.get("value") or element.get("selected_conversation") or chosen
    return value


def _told(incident: Incident) -> str:
    return t(
        "{name} is declared: {title}. Nobody has it yet; `/incident ack {name}` takes it.",
        name=incident.name,
        title=data(incident.title),
    )
