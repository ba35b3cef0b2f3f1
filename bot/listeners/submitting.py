"""What a form of ours was filled in with: doing it, and saying under its fields what is wrong."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.answers import OLDER_VERSION, outcome, sentence
from bot.blocks.clicks import CallbackId, Target, read_button
from bot.desk import Desk
from bot.language import t
from bot.listeners.telling import who
from bot.people import Directory
from incidents.errors import BongsuError, InvalidInput
from incidents.model import Actor, Incident
from incidents.ports import UnitOfWork

_PERSON = re.compile(r"<@([UW][A-Z0-9]+)>")
_DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")

Doing = Callable[[Target, UnitOfWork], Awaitable[Incident]]


@dataclass(frozen=True)
class Submission:
    """``field`` is where an error shows that belongs to no other."""

    desk: Desk
    callback_id: CallbackId
    field: str
    view: dict[str, Any]
    body: dict[str, Any]
    ack: AsyncAck

    @property
    def by(self) -> Actor:
        return Actor.slack(who(self.body))

    async def do(self, doing: Doing) -> None:
        """Commit it, then close all forms; or leave them open, with what is wrong."""
        target = read_button(self.view.get("private_metadata", ""))
        if target is None:
            self.desk.metrics.handled("modal", self.callback_id, "older_version")
            await self._refuse(self.field, t(OLDER_VERSION))
            return
        problem = await self.desk.attempt("modal", self.callback_id, lambda uow: doing(target, uow), by=self.by)
        if problem is not None:
            await self._refuse(self.field, problem)
        else:
            await close_all(self.view, self.ack)

    async def refuse(self, field: str, error: BongsuError) -> None:
        """Before anything was tried."""
        self.desk.metrics.handled("modal", self.callback_id, outcome(error))
        await self._refuse(field, sentence(error, to=self.by.id, now=self.desk.now()))

    async def _refuse(self, field: str, problem: str) -> None:
        await self.ack(response_action="errors", errors={field: in_plain(problem, self.desk.directory)})


async def close_all(view: Mapping[str, Any], ack: AsyncAck) -> None:
    """The form that was submitted and, if it lies on top of another, that one too: it would come up again."""
    if view.get("previous_view_id"):
        await ack(response_action="clear")
    else:
        await ack()


def in_plain(told: str, directory: Directory) -> str:
    """Mrkdwn of ours without markup: what stands under a field is plain text."""
    named = _PERSON.sub(lambda found: _name(found[1], directory), told)
    return _DATE.sub(r"\1", named)


def _name(user_id: str, directory: Directory) -> str:
    person = directory.known(user_id)
    return f"@{person.name}" if person else t("somebody else")


def chosen(view: dict[str, Any], field: str) -> str | None:
    """The value of the option, or the text; None where it was left empty. A field's action_id is its block_id."""
    element = view.get("state", {}).get("values", {}).get(field, {}).get(field, {})
    option = element.get("selected_option") or {}
    value: str | None = option.get("value") or element.get("value")
    return value


def moment(view: dict[str, Any], field: str) -> datetime | None:
    """The date and time, aware UTC; None where it was left empty. Raises InvalidInput for what is none."""
    element = view.get("state", {}).get("values", {}).get(field, {}).get(field, {})
    told = element.get("selected_date_time")
    if told in (None, ""):
        return None
    try:
        return datetime.fromtimestamp(int(told), UTC)
    except (ValueError, OverflowError, OSError, TypeError) as error:
        raise InvalidInput("time", "that is no date and time") from error
