"""What happens when somebody presses a button of a card, or of a reminder below it."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.answers import OLDER_VERSION
from bot.blocks.approval import asked_in_words
from bot.blocks.clicks import ActionId, Target, read_button
from bot.blocks.modals import note_modal
from bot.desk import Desk
from bot.language import t
from bot.listeners.asking import opener, same_for_all
from bot.listeners.home import follow
from bot.listeners.telling import tell, who
from incidents.actions import acknowledge, confirm, mark_real, reopen, resolve, unmerge, wake
from incidents.model import Actor, Incident
from incidents.ports import UnitOfWork
from incidents.rules.stale_click import Seen

Listener = Callable[..., Awaitable[None]]


class Pressed(Protocol):
    """A use case as a button calls it."""

    def __call__(self, incident_id: int, *, by: Actor, uow: UnitOfWork, seen: Seen | None) -> Awaitable[Incident]: ...


_USE_CASES: dict[ActionId, Pressed] = {
    ActionId.ACKNOWLEDGE: acknowledge,
    ActionId.RESOLVE: resolve,
    ActionId.REOPEN: reopen,
    ActionId.REAL: mark_real,
    ActionId.CONFIRM: confirm,
    ActionId.WAKE: wake,
    ActionId.UNMERGE: unmerge,
}


def register(app: AsyncApp, desk: Desk) -> None:
    for action_id, use_case in _USE_CASES.items():
        app.action(action_id.value)(_listener(desk, action_id, use_case))
    app.action(ActionId.NOTE.value)(opener(desk, ActionId.NOTE, same_for_all(note_modal)))


def _listener(desk: Desk, action_id: ActionId, use_case: Pressed) -> Listener:
    async def pressed(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond) -> None:
        target = read_button(action.get("value", ""))
        problem = await press(desk, action_id, use_case, target, by=Actor.slack(who(body)))
        await ack()
        if problem is not None:
            await tell(respond, problem)
        await follow(desk, body, respond)

    return pressed


async def press(desk: Desk, name: str, use_case: Pressed, target: Target | None, *, by: Actor) -> str | None:
    """Do what the button means. None where it was done and shows, else what to tell the person."""
    if target is None:
        desk.metrics.handled("click", name, "older_version")
        return t(OLDER_VERSION)

    async def work(uow: UnitOfWork) -> Incident:
        return await use_case(target.incident_id, by=by, uow=uow, seen=target.seen)

    tried = await desk.try_to("click", name, work, by=by)
    if tried.done is not None and name == ActionId.RESOLVE:
        return asked_in_words(tried.done)
    return tried.problem
