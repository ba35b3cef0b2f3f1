"""What happens when somebody approves, declines or withdraws what needs a second person."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import OLDER_VERSION, outcome, sentence
from bot.blocks.approval import DECLINE_FIELD, decline_modal
from bot.blocks.approval_clicks import ApprovalAction, Request, read_request
from bot.blocks.clicks import CallbackId
from bot.desk import Desk
from bot.language import t
from bot.listeners.opening import open_modal
from bot.listeners.submitting import chosen, close_all, in_plain
from bot.listeners.telling import tell, who
from incidents.approvals.deciding import approve, decline, refuse_over, withdraw
from incidents.errors import BongsuError
from incidents.model import Actor, Incident
from incidents.ports import UnitOfWork

_LOOK_SECONDS = 1.0
"""The trigger lives for three, in which Slack must hear of the form, too."""

Listener = Callable[..., Awaitable[None]]


class Decided(Protocol):
    """A use case as a button calls it."""

    def __call__(self, approval_id: int, *, by: Actor, uow: UnitOfWork) -> Awaitable[Incident]: ...


_USE_CASES: dict[ApprovalAction, Decided] = {ApprovalAction.APPROVE: approve, ApprovalAction.WITHDRAW: withdraw}


def register(app: AsyncApp, desk: Desk) -> None:
    for action, use_case in _USE_CASES.items():
        app.action(action.value)(_decided(desk, action, use_case))
    app.action(ApprovalAction.DECLINE.value)(_declining(desk))
    app.view(CallbackId.DECLINE.value)(_declined(desk))


def _decided(desk: Desk, name: ApprovalAction, use_case: Decided) -> Listener:
    async def pressed(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond) -> None:
        request, by = read_request(action.get("value", "")), Actor.slack(who(body))
        problem = await _decide(desk, name, use_case, request, by=by)
        await ack()
        if problem is not None:
            await tell(respond, problem)

    return pressed


async def _decide(desk: Desk, name: str, use_case: Decided, request: Request | None, *, by: Actor) -> str | None:
    """None where it was done, else what to tell the person."""
    if request is None:
        desk.metrics.handled("click", name, "older_version")
        return t(OLDER_VERSION)
    return await desk.attempt("click", name, lambda uow: use_case(request.approval_id, by=by, uow=uow), by=by)


def _declining(desk: Desk) -> Listener:
    """Opens the form, unless there is nothing to decline any more."""

    async def pressed(
        ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        await ack()
        request, by = read_request(action.get("value", "")), Actor.slack(who(body))
        if request is None:
            desk.metrics.handled("click", ApprovalAction.DECLINE, "older_version")
            await tell(respond, t(OLDER_VERSION))
            return
        try:
            await desk.look(lambda uow: refuse_over(request.approval_id, by=by, uow=uow), seconds=_LOOK_SECONDS)
        except BongsuError as error:
            desk.metrics.handled("click", ApprovalAction.DECLINE, outcome(error))
            await tell(respond, sentence(error, to=by.id, now=desk.now()))
            return
        became = await open_modal(client, body, decline_modal(request), respond)
        desk.metrics.handled("click", ApprovalAction.DECLINE, became)

    return pressed


def _declined(desk: Desk) -> Listener:
    async def submitted(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        request, by = read_request(view.get("private_metadata", "")), Actor.slack(who(body))
        problem = await _decline(desk, request, chosen(view, DECLINE_FIELD) or "", by=by)
        if problem is None:
            await close_all(view, ack)
        else:
            await ack(response_action="errors", errors={DECLINE_FIELD: in_plain(problem, desk.directory)})

    return submitted


async def _decline(desk: Desk, request: Request | None, reason: str, *, by: Actor) -> str | None:
    if request is None:
        desk.metrics.handled("modal", CallbackId.DECLINE, "older_version")
        return t(OLDER_VERSION)

    async def work(uow: UnitOfWork) -> Incident:
        return await decline(request.approval_id, by=by, uow=uow, reason=reason)

    return await desk.attempt("modal", CallbackId.DECLINE, work, by=by)
