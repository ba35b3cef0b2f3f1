"""What happens when somebody takes a schedule over by the form, or gives it back by a button."""

import logging
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import OLDER_VERSION, outcome, sentence
from bot.asking_slack import refuse_unassignable
from bot.blocks.clicks import CallbackId
from bot.blocks.oncall import END_FIELD, PERSON_FIELD, SCHEDULE_FIELD, START_FIELD, given_back, oncall_modal, taken
from bot.blocks.oncall_clicks import OncallAction, OncallClick, read_click
from bot.client import SLACK_ERRORS
from bot.commands.oncall import shown_oncall
from bot.desk import Desk
from bot.language import t
from bot.listeners.forms import field_value
from bot.listeners.opening import open_modal
from bot.listeners.submitting import chosen, in_plain, moment
from bot.listeners.telling import tell, who
from incidents.actions import find_schedule, give_back, take_over
from incidents.errors import BongsuError, InvalidInput, NotTaken
from incidents.model import Actor
from incidents.ports import UnitOfWork
from incidents.schedules import Override

logger = logging.getLogger(__name__)

Json = dict[str, Any]


def register(app: AsyncApp, desk: Desk) -> None:
    async def pressed_take(
        ack: AsyncAck, action: Json, body: Json, respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        await ack()
        await _open(desk, read_click(action.get("value", "")), body, respond, client)

    async def pressed_end(ack: AsyncAck, action: Json, body: Json, respond: AsyncRespond) -> None:
        await _end(desk, read_click(action.get("value", "")), body, ack, respond)

    async def submitted(ack: AsyncAck, view: Json, body: Json, client: AsyncWebClient) -> None:
        override, errors = await _take(desk, view, by=Actor.slack(who(body)))
        if override is None:
            await ack(response_action="errors", errors=errors)
            return
        await ack()
        click = read_click(view.get("private_metadata", ""))
        if click is not None and click.answer:
            respond = AsyncRespond(response_url=click.answer, proxy=client.proxy, ssl=client.ssl)
            await _show_anew(desk, click, taken(override), respond)

    app.action(OncallAction.TAKE.value)(pressed_take)
    app.action(OncallAction.END.value)(pressed_end)
    app.view(CallbackId.ONCALL.value)(submitted)


async def _open(
    desk: Desk, click: OncallClick | None, body: Json, respond: AsyncRespond, client: AsyncWebClient
) -> None:
    schedules = list(desk.policy.schedules)
    if click is None or not schedules:
        desk.metrics.handled("click", OncallAction.TAKE, "older_version")
        await tell(respond, OLDER_VERSION if schedules else t("There are no schedules any more."))
        return
    click = OncallClick(click.shown if click.shown in schedules else "", answer=body.get("response_url"))
    form = oncall_modal(schedules, click, user=who(body))
    desk.metrics.handled("click", OncallAction.TAKE, await open_modal(client, body, form, respond))


async def _end(desk: Desk, click: OncallClick | None, body: Json, ack: AsyncAck, respond: AsyncRespond) -> None:
    if click is None:
        desk.metrics.handled("click", OncallAction.END, "older_version")
        await ack()
        await tell(respond, OLDER_VERSION)
        return
    by, ended = Actor.slack(who(body)), list[Override]()

    async def work(uow: UnitOfWork) -> None:
        ended[:] = [await give_back(click.override, by=by, uow=uow)]

    problem = await desk.attempt("click", OncallAction.END, work, by=by)
    await ack()
    await _show_anew(desk, click, problem or given_back(ended[0]), respond)


async def _take(desk: Desk, view: Json, *, by: Actor) -> tuple[Override | None, dict[str, str]]:
    """What was taken over, or what is wrong with which field."""
    field = SCHEDULE_FIELD
    try:
        schedule = find_schedule(chosen(view, SCHEDULE_FIELD) or "", desk.policy.schedules)
        person, field = field_value(view, PERSON_FIELD) or by.id, PERSON_FIELD
        await refuse_unassignable(desk.directory, desk.identity, person)
        field = START_FIELD
        start = moment(view, START_FIELD)
        field = END_FIELD
        end = moment(view, END_FIELD)
        if end is None:
            raise InvalidInput("until", t("choose when it ends"))
        override = await desk.do(lambda uow: take_over(schedule, person=person, start=start, end=end, by=by, uow=uow))
    except BongsuError as error:
        desk.metrics.handled("modal", CallbackId.ONCALL, outcome(error))
        under = error.field if isinstance(error, NotTaken) else field
        return None, {under: in_plain(sentence(error, to=by.id, now=desk.now()), desk.directory)}
    desk.metrics.handled("modal", CallbackId.ONCALL, "done")
    return override, {}


async def _show_anew(desk: Desk, click: OncallClick, told: str, respond: AsyncRespond) -> None:
    """The answer in which it was pressed, in its place; where Slack lets it be changed no more, in words."""
    try:
        message = await shown_oncall(desk, click.shown, told=told)
        answered = await respond(
            text=message.text, blocks=message.blocks, response_type="ephemeral", replace_original=True
        )
    except (BongsuError, *SLACK_ERRORS, ValueError) as error:
        logger.warning("an answer stays as it was", extra={"action": "slack_oncall", "error": str(error)})
        await tell(respond, told)
        return
    if answered.status_code != 200:
        await tell(respond, told)
