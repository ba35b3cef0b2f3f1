"""What happens when somebody asks Why?, or for all series and alerts of an incident. Only they see the answer.

The read comes before the form opens: the trigger lives for three seconds, so the read is given less. Where a form is
open already, it shows the answer itself, which needs no trigger.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import OLDER_VERSION, NoAnswer, outcome, sentence
from bot.blocks.clicks import ActionId, read_button
from bot.blocks.details import ON_A_PAGE, alerts_modal, problem_modal, series_modal
from bot.blocks.details_clicks import Listed, Sheet, read_sheet
from bot.blocks.why import why_modal
from bot.client import SLACK_ERRORS
from bot.desk import Desk
from bot.language import t
from bot.listeners.opening import open_modal
from bot.listeners.telling import tell, who
from bot.message import Block
from incidents.errors import BongsuError

_READ_SECONDS = 1.5

Render = Callable[[], Awaitable[Block]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a button asks to see. ``name`` is the incident's, for where it can't be had."""

    name: str
    render: Render


Read = Callable[[Desk, str], Asked | None]


def register(app: AsyncApp, desk: Desk) -> None:
    app.action(ActionId.WHY.value)(_listener(desk, ActionId.WHY, _why))
    app.action(ActionId.DETAILS.value)(_listener(desk, ActionId.DETAILS, _details))
    app.action(ActionId.DETAILS_PAGE.value)(_listener(desk, ActionId.DETAILS_PAGE, _turned))


def _listener(desk: Desk, action_id: ActionId, read: Read) -> Callable[..., Awaitable[None]]:
    async def pressed(
        ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        await ack()
        became = await _show(desk, read(desk, action.get("value", "")), body, respond, client)
        desk.metrics.handled("click", action_id, became)

    return pressed


async def _show(
    desk: Desk, asked: Asked | None, body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
) -> str:
    """One word for the metrics."""
    if asked is None:
        await _explain("Bongsu", t(OLDER_VERSION), body, respond, client)
        return "older_version"
    try:
        view = await asked.render()
    except BongsuError as error:
        await _explain(asked.name, _problem(error, desk, to=who(body)), body, respond, client)
        return outcome(error)
    if _in_a_form(body):
        return await _into_the_form(view, body, client)
    return await open_modal(client, body, view, respond)


def _problem(error: BongsuError, desk: Desk, *, to: str) -> str:
    if isinstance(error, NoAnswer):
        return t("Bongsu's database did not answer in time. Press again in a moment.")
    return sentence(error, to=to, now=desk.now())


async def _explain(
    name: str, problem: str, body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
) -> None:
    """Beside the message that was clicked, or in the form: that has no message."""
    if _in_a_form(body):
        await _into_the_form(problem_modal(name, problem), body, client)
    else:
        await tell(respond, problem)


def _in_a_form(body: dict[str, Any]) -> bool:
    return bool((body.get("view") or {}).get("type") == "modal")


async def _into_the_form(view: Block, body: dict[str, Any], client: AsyncWebClient) -> str:
    """Unless it shows something else by now: then somebody has pressed twice, and the first press counts."""
    try:
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)
    except SLACK_ERRORS:
        return "not_opened"
    return "done"


def _why(desk: Desk, value: str) -> Asked | None:
    target = read_button(value)
    if target is None:
        return None

    async def render() -> Block:
        trace = await desk.look(lambda uow: uow.inspection.trace(target.incident_id), seconds=_READ_SECONDS)
        return why_modal(trace, desk.policy)

    return Asked(target.name, render)


def _details(desk: Desk, value: str) -> Asked | None:
    target = read_button(value)
    return None if target is None else _sheet(desk, Sheet(target.incident_id, target.number, birth=target.birth))


def _turned(desk: Desk, value: str) -> Asked | None:
    sheet = read_sheet(value)
    return None if sheet is None else _sheet(desk, sheet)


def _sheet(desk: Desk, sheet: Sheet) -> Asked:
    async def series() -> Block:
        page = await desk.look(
            lambda uow: uow.inspection.series(sheet.incident_id, sheet.turn, limit=ON_A_PAGE), seconds=_READ_SECONDS
        )
        return series_modal(sheet, page)

    async def alerts() -> Block:
        page = await desk.look(
            lambda uow: uow.inspection.alerts(sheet.incident_id, sheet.turn, limit=ON_A_PAGE), seconds=_READ_SECONDS
        )
        return alerts_modal(sheet, page)

    return Asked(sheet.name, series if sheet.listed is Listed.SERIES else alerts)
