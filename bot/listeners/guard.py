"""Before any listener: in which language whoever acts is spoken to, whether they may, and what they have clicked.

Bolt's global middleware, which has no inside: ``next`` only says that it goes on. So the language and what was clicked
are set for the rest of the request's task, from which those of its listeners inherit them.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from base import log_context
from bot import clicked
from bot.blocks.clicks import incident_in
from bot.blocks.refusal import MOST_NAMED, by_name, refusal
from bot.blocks.text import person
from bot.desk import Desk
from bot.doorkeeper import Caller, Doorkeeper, Why, caller
from bot.language import speak
from bot.listeners.telling import InView, in_the_form, tell
from bot.permissions import NEEDS, Asked, Kind, asked
from incidents.roles import Role

logger = logging.getLogger(__name__)

Json = dict[str, Any]

_MESSAGE = Asked(Kind.EVENT, "message")
_NAMES_SECONDS = 0.8


def register(app: AsyncApp, desk: Desk, doorkeeper: Doorkeeper) -> None:
    app.middleware(Guard(desk, doorkeeper).check)


@dataclass
class Guard:
    """One check for everything that Slack brings."""

    desk: Desk
    doorkeeper: Doorkeeper
    _telling: set[asyncio.Task[None]] = field(default_factory=set)

    async def check(
        self, body: Json, next_: Callable[[], Awaitable[None]], respond: AsyncRespond, client: AsyncWebClient
    ) -> BoltResponse | None:
        who, what = caller(body), asked(body)
        speak(self._language(who, what))
        clicked.bind(body)
        if (incident_id := incident_in(body)) is not None:
            log_context.bind(incident=incident_id)
        why = await self._why_not(who, what)
        if who is None or what is None or why is None:
            await next_()
            return None
        self._count(what, why, who)
        if what.kind is Kind.MODAL:
            await self._learn_names(what.need.role)
        return self._answer(what, self._words(what, why), body, respond, client)

    def _language(self, who: Caller | None, what: Asked | None) -> str:
        """Of those who chat in a channel most never ask us for anything: Slack is not asked who they are."""
        otherwise = self.desk.policy.language
        if who is None or what == _MESSAGE:
            return otherwise
        return self.doorkeeper.directory.language(who.id, otherwise=otherwise)

    async def _why_not(self, who: Caller | None, what: Asked | None) -> Why | None:
        if who is None or what is None:
            return None
        return await self.doorkeeper.refuses(who, what.need.role, self.desk.policy.roles)

    def _count(self, what: Asked, why: Why, who: Caller) -> None:
        name = what.name if (what.kind, what.name) in NEEDS else "unknown"
        self.desk.metrics.handled(what.kind.value, name, "forbidden")
        told = {"action": "slack_forbidden", "kind": what.kind.value, "what": name, "user": who.id, "why": why.value}
        logger.info("somebody may not do that", extra=told)

    def _words(self, what: Asked, why: Why) -> str:
        """Under a field nothing can be mentioned."""
        naming = self._name if what.kind is Kind.MODAL else person
        return refusal(why, what.need, self.desk.policy.roles, person=naming, group=self._group)

    async def _learn_names(self, needed: Role) -> None:
        """Of those whom the refusal names, for where no mention stands for them; briefly, since somebody waits."""
        directory, roles = self.doorkeeper.directory, self.desk.policy.roles
        named = [one for role in (needed, Role.ADMIN) for one in roles.having(role)[1][:MOST_NAMED]]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_NAMES_SECONDS):
                await asyncio.gather(*(directory.person(one) for one in dict.fromkeys(named)))

    def _name(self, user_id: str) -> str:
        known = self.doorkeeper.directory.known(user_id)
        return by_name(known.name if known is not None else user_id)

    def _group(self, group: str) -> str:
        return by_name(self.doorkeeper.groups.handle(group))

    def _answer(
        self, what: Asked, told: str, body: Json, respond: AsyncRespond, client: AsyncWebClient
    ) -> BoltResponse:
        match what.kind:
            case Kind.COMMAND:
                return BoltResponse(status=200, body={"response_type": "ephemeral", "text": told})
            case Kind.MODAL:
                return BoltResponse(status=200, body=in_the_form(told, body.get("view", {})))
            case Kind.EVENT:
                return BoltResponse(status=200, body="")
            case _:
                self._later(tell(respond if respond.response_url else InView(client, body), told))
                return BoltResponse(status=200, body="")

    def _later(self, telling: Coroutine[Any, Any, None]) -> None:
        """After the acknowledgement, which must not wait for it."""
        task = asyncio.create_task(telling)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
