"""What happens when somebody submits a form. What is wrong shows under its field, and what was typed stays."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.answers import OLDER_VERSION, outcome, sentence
from bot.asking_slack import refuse_unassignable
from bot.blocks.approval import asked_in_words
from bot.blocks.clicks import CallbackId, Target, read_button
from bot.blocks.home import told_modal
from bot.blocks.modals import NOTE_FIELD, PERSON_FIELD, REASON_FIELD
from bot.desk import Desk, Tried
from bot.language import t
from bot.listeners.submitting import in_plain
from bot.listeners.telling import who
from incidents.actions import add_note, assign, mark_noise
from incidents.errors import BongsuError
from incidents.model import Actor, Incident
from incidents.ports import UnitOfWork

Listener = Callable[..., Awaitable[None]]
UseCase = Callable[[Target, str | None, Actor, UnitOfWork], Awaitable[Incident]]


@dataclass(frozen=True, slots=True)
class Form:
    """``field`` is the one that it has; ``use_case`` gets its value, None where it was left empty.

    ``check`` asks Slack, before anything is locked, whether that value makes sense. It raises a BongsuError.
    """

    field: str
    use_case: UseCase
    check: Callable[[Desk, str | None], Awaitable[None]] | None = None
    may_ask: bool = False
    """It may take a second person, and then who submits it is told so."""


def _note(target: Target, text: str | None, by: Actor, uow: UnitOfWork) -> Awaitable[Incident]:
    return add_note(target.incident_id, text=text or "", by=by, uow=uow)


def _noise(target: Target, reason: str | None, by: Actor, uow: UnitOfWork) -> Awaitable[Incident]:
    return mark_noise(target.incident_id, by=by, uow=uow, reason=reason or "", seen=target.seen)


def _assign(target: Target, person: str | None, by: Actor, uow: UnitOfWork) -> Awaitable[Incident]:
    return assign(target.incident_id, to=person, by=by, uow=uow)


def _assignable(desk: Desk, person: str | None) -> Awaitable[None]:
    return refuse_unassignable(desk.directory, desk.identity, person)


_FORMS = {
    CallbackId.NOTE: Form(NOTE_FIELD, _note),
    CallbackId.NOISE: Form(REASON_FIELD, _noise, may_ask=True),
    CallbackId.ASSIGN: Form(PERSON_FIELD, _assign, _assignable),
}


def register(app: AsyncApp, desk: Desk) -> None:
    for callback_id, form in _FORMS.items():
        app.view(callback_id.value)(_listener(desk, callback_id, form))


def _listener(desk: Desk, callback_id: CallbackId, form: Form) -> Listener:
    async def submitted(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        tried = await _submit(desk, callback_id, form, view, by=Actor.slack(who(body)))
        if tried.problem is not None:
            await ack(response_action="errors", errors={form.field: in_plain(tried.problem, desk.directory)})
        elif form.may_ask and tried.done is not None and (asked := asked_in_words(tried.done)) is not None:
            await ack(response_action="update", view=told_modal(asked))
        else:
            await ack()

    return submitted


async def _submit(
    desk: Desk, callback_id: CallbackId, form: Form, view: dict[str, Any], *, by: Actor
) -> Tried[Incident]:
    target = read_button(view.get("private_metadata", ""))
    if target is None:
        desk.metrics.handled("modal", callback_id, "older_version")
        return Tried(problem=t(OLDER_VERSION))
    value = field_value(view, form.field)
    try:
        if form.check is not None:
            await form.check(desk, value)
    except BongsuError as error:
        desk.metrics.handled("modal", callback_id, outcome(error))
        return Tried(problem=sentence(error, to=by.id, now=desk.now()))

    async def work(uow: UnitOfWork) -> Incident:
        return await form.use_case(target, value, by, uow)

    return await desk.try_to("modal", callback_id, work, by=by)


def field_value(view: dict[str, Any], field: str) -> str | None:
    """What was typed or chosen; None where it was left empty. A field's action_id is its block_id."""
    element = view.get("state", {}).get("values", {}).get(field, {}).get(field, {})
    value: str | None = element.get("value") or element.get("selected_user")
    return value
