"""What happens when somebody opens their Home, turns its pages, or has pressed something in it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_bolt.context.async_context import AsyncBoltContext

from bot.answers import UNAVAILABLE, outcome
from bot.blocks.home_clicks import HomeAction, read_page
from bot.blocks.text import is_slack_person
from bot.desk import Desk
from bot.language import language_of, t
from bot.listeners.telling import InView, who
from bot.people import Person
from incidents.errors import BongsuError

_OPENED = "app_home_opened"
_PERSON_SECONDS = 0.2
"""So long a Home that is opened waits for Slack to tell its person's language."""

logger = logging.getLogger(__name__)
Next = Callable[[], Awaitable[object]]


def register(app: AsyncApp, desk: Desk) -> None:
    """The middleware comes before all listeners: what is clicked in a view is answered in a way of its own."""

    async def answered_in_views(body: dict[str, Any], context: AsyncBoltContext, next_: Next) -> None:
        if body.get("type") == "block_actions" and "view" in body and "response_url" not in body:
            context["respond"] = InView(desk.identity.client, body)
        await next_()

    async def turned(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any]) -> None:
        await ack()
        page = read_page(action.get("value", ""))
        desk.metrics.handled("click", action["action_id"], "older_version" if page is None else "done")
        await _clicked(desk, who(body), page=page or 0)

    app.middleware(answered_in_views)
    app.event(_OPENED)(_opening(desk))
    for action_id in (HomeAction.MORE, HomeAction.LESS):
        app.action(action_id.value)(turned)


async def follow(desk: Desk, body: dict[str, Any], respond: AsyncRespond) -> None:
    """Where it was pressed in a Home, that one shows at once what became of it, whatever that is."""
    if body.get("view", {}).get("type") == "home":
        await _clicked(desk, who(body), notice=respond.untold if isinstance(respond, InView) else "")


async def _clicked(desk: Desk, user_id: str, **given: Any) -> None:
    """While the database is away the Home stays as it is: what was done or not has been said."""
    try:
        await desk.homes.clicked(user_id, **given)
    except BongsuError as error:
        told = {"action": "home_failed", "user": user_id, "error": str(error)}
        logger.warning("a home was not shown", extra=told)


def _opening(desk: Desk) -> Callable[..., Awaitable[None]]:
    """Slack tells of each time that a person comes to one of the app's tabs."""
    asking: set[asyncio.Task[Person | None]] = set()

    async def language(user_id: str) -> str | None:
        """None: Slack has not told in time. It is not interrupted, so that it is known the next time."""
        task = asyncio.create_task(desk.directory.person(user_id), name=f"person-{user_id}")
        asking.add(task)
        task.add_done_callback(asking.discard)
        await asyncio.wait({task}, timeout=_PERSON_SECONDS)
        found = task.result() if task.done() else desk.directory.known(user_id)
        return language_of(found.locale, otherwise=desk.policy.language) if found else None

    async def opened(ack: AsyncAck, event: dict[str, Any]) -> None:
        await ack()
        user_id = str(event.get("user"))
        if event.get("tab") != "home" or not is_slack_person(user_id):
            return
        became = "done"
        try:
            await desk.homes.opened(user_id, language=await language(user_id))
        except BongsuError as error:
            became = outcome(error)
            if not event.get("view"):
                await desk.homes.unavailable(user_id, t(UNAVAILABLE))
        desk.metrics.handled("event", _OPENED, became)

    return opened
