"""What happens when somebody plans maintenance by the form, or ends it by a button."""

from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import OLDER_VERSION, outcome, sentence
from bot.blocks.clicks import CallbackId
from bot.blocks.maintenance import ended
from bot.blocks.maintenance_clicks import MaintenanceAction, Origin, read_origin, read_plan, read_window
from bot.blocks.maintenance_modal import (
    CLUSTER,
    LENGTH,
    NAMESPACE,
    REASON,
    REPEAT,
    RULE,
    SERVICE,
    START,
    confirm_modal,
    maintenance_modal,
    says_everything,
)
from bot.commands.maintenance import named_zone
from bot.desk import Desk
from bot.language import t
from bot.listeners.home import follow
from bot.listeners.opening import open_modal
from bot.listeners.submitting import chosen, close_all, in_plain, moment
from bot.listeners.telling import in_the_form, tell, who
from bot.message import Block
from bot.snooze_time import read_snooze_time
from incidents.errors import BongsuError, InvalidInput
from incidents.maintenance.errors import NotPlanned
from incidents.maintenance.model import Repeat, Scope, Window
from incidents.maintenance.plan import Plan, checked, end_early, plan, preview
from incidents.maintenance.telling import Moment, subject
from incidents.model import Actor
from incidents.ports import UnitOfWork

Json = dict[str, Any]
_FIELDS = {SERVICE, CLUSTER, NAMESPACE, RULE, START, LENGTH, REPEAT, REASON}


def register(app: AsyncApp, desk: Desk) -> None:
    async def submitted(ack: AsyncAck, view: Json, body: Json) -> None:
        form, errors = await _asked(desk, view, by=Actor.slack(who(body)))
        if form is None:
            await ack(response_action="errors", errors=errors)
        else:
            await ack(response_action="update", view=form)

    async def confirmed(ack: AsyncAck, view: Json, body: Json) -> None:
        told = await _make(desk, view, by=Actor.slack(who(body)))
        if told is None:
            await close_all(view, ack)
        else:
            await ack(**in_the_form(told, view))

    async def pressed_end(ack: AsyncAck, action: Json, body: Json, respond: AsyncRespond) -> None:
        await _end(desk, str(action["action_id"]), read_window(action.get("value", "")), body, ack, respond)

    app.view(CallbackId.MAINTENANCE.value)(submitted)
    app.view(CallbackId.MAINTENANCE_CONFIRM.value)(confirmed)
    for action_id in MaintenanceAction:
        app.action(action_id.value)(pressed_end)


async def open_form(desk: Desk, client: AsyncWebClient, body: Json, respond: AsyncRespond) -> None:
    form = maintenance_modal(Origin(str(body.get("channel_id") or "")))
    became = await open_modal(client, body, form, respond)
    desk.metrics.handled("modal", CallbackId.MAINTENANCE, became)


async def _asked(desk: Desk, view: Json, *, by: Actor) -> tuple[Block | None, dict[str, str]]:
    """The step that asks once more, or what is wrong with which field. Nothing is planned yet."""
    zone, channel = await named_zone(desk, by), read_origin(view.get("private_metadata", "")).channel

    async def work(uow: UnitOfWork) -> Block:
        wanted = _read(view, uow.now, zone=zone, channel=channel or desk.policy.default_channel)
        await checked(wanted, by=by, uow=uow)
        return confirm_modal(wanted, await preview(wanted.scope, uow=uow), now=uow.now)

    try:
        form = await desk.look(work)
    except BongsuError as error:
        desk.metrics.handled("modal", CallbackId.MAINTENANCE, outcome(error))
        return None, {_field(error): in_plain(sentence(error, to=by.id, now=desk.now()), desk.directory)}
    desk.metrics.handled("modal", CallbackId.MAINTENANCE, "done")
    return form, {}


def _field(error: BongsuError) -> str:
    told = error.field if isinstance(error, NotPlanned | InvalidInput) else SERVICE
    return told if told in _FIELDS else SERVICE


def _read(view: Json, now: datetime, *, zone: Any, channel: str) -> Plan:
    """What was filled in. Raises InvalidInput."""
    service = chosen(view, SERVICE) or ""
    everything = says_everything(service)
    scope = Scope(
        service=() if everything else _several(service),
        cluster=_several(chosen(view, CLUSTER)),
        namespace=_several(chosen(view, NAMESPACE)),
        rule=_several(chosen(view, RULE)),
    )
    start = moment(view, START)
    until = read_snooze_time(chosen(view, LENGTH) or "")
    if until is None:
        raise InvalidInput(LENGTH, t("write `2h`, `1d`, or `until 23:00`"))
    return Plan(
        token=str(view["id"]),
        scope=scope,
        start=start,
        end=until.end(start or now, zone),
        zone=zone,
        channel=channel,
        repeats=Repeat(chosen(view, REPEAT) or Repeat.NONE),
        reason=chosen(view, REASON) or "",
        everything=everything,
    )


def _several(text: str | None) -> tuple[str, ...]:
    return tuple(one.strip() for one in (text or "").split(",") if one.strip())


async def _make(desk: Desk, view: Json, *, by: Actor) -> str | None:
    """None where it is planned, of which the channel hears; else what is wrong."""
    wanted = read_plan(view.get("private_metadata", ""), now=desk.now())
    if wanted is None:
        desk.metrics.handled("modal", CallbackId.MAINTENANCE_CONFIRM, "older_version")
        return t(OLDER_VERSION)

    async def work(uow: UnitOfWork) -> None:
        window = await plan(wanted, by=by, uow=uow)
        named = subject(window.id, Moment.PLANNED, window.starts_at)
        await uow.outbox.add_notice_once(named, channel=window.channel)

    return await desk.attempt("modal", CallbackId.MAINTENANCE_CONFIRM, work, by=by)


async def _end(desk: Desk, name: str, window_id: int | None, body: Json, ack: AsyncAck, respond: AsyncRespond) -> None:
    if window_id is None:
        desk.metrics.handled("click", name, "older_version")
        await ack()
        await tell(respond, t(OLDER_VERSION))
        return
    by, over = Actor.slack(who(body)), list[Window]()

    async def work(uow: UnitOfWork) -> None:
        over[:] = [await end_early(window_id, by=by, uow=uow)]

    problem = await desk.attempt("click", name, work, by=by)
    await ack()
    if problem is not None:
        await tell(respond, problem)
    elif name == MaintenanceAction.END:
        await tell(respond, ended(over[0], by=str(by)).text)
    await follow(desk, body, respond)
