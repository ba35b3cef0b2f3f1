"""What happens when somebody snoozes an incident, says how grave it is, or writes down what happened."""

from collections.abc import Awaitable, Callable
from datetime import tzinfo
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.asking_slack import zone_of
from bot.blocks.clicks import ActionId, CallbackId, Target, read_extends
from bot.blocks.modals import (
    HAPPENED_FIELD,
    REASON_FIELD,
    SEVERITY_FIELD,
    SUMMARY_FIELD,
    TIME_FIELD,
    assign_modal,
    noise_modal,
    timeline_modal,
)
from bot.blocks.snooze_modal import CHOICES, SPAN_FIELD, UNTIL_FIELD
from bot.desk import Desk
from bot.listeners.asking import Form, Listener, opener, same_for_all, severity_form, snooze_form
from bot.listeners.submitting import Submission, chosen, moment
from bot.snooze_time import Moment, SnoozeTime
from incidents.actions import add_to_timeline, set_severity, snooze, sum_up
from incidents.actions.timeline import refuse_future
from incidents.errors import InvalidInput
from incidents.model import Actor, Incident, Severity
from incidents.ports import UnitOfWork

_FORMS: dict[ActionId, Form] = {
    ActionId.SNOOZE: snooze_form,
    ActionId.SEVERITY: severity_form,
    ActionId.TIMELINE: same_for_all(timeline_modal),
    ActionId.ASSIGN: same_for_all(assign_modal),
    ActionId.NOISE: same_for_all(noise_modal),
}


def register(app: AsyncApp, desk: Desk) -> None:
    for action_id, form in _FORMS.items():
        app.action(action_id.value)(opener(desk, action_id, form))
    app.view(CallbackId.SNOOZE.value)(_snoozed(desk))
    app.view(CallbackId.SEVERITY.value)(_severity_set(desk))
    app.view(CallbackId.TIMELINE.value)(_written_down(desk))
    app.view(CallbackId.SUMMARY.value)(_summed_up(desk))


def _snoozed(desk: Desk) -> Listener:
    async def submitted(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        given = Submission(desk, CallbackId.SNOOZE, UNTIL_FIELD, view, body, ack)
        try:
            until = _until(view)
        except InvalidInput as error:
            await given.refuse(UNTIL_FIELD, error)
            return
        zone = await zone_of(desk.directory, given.by.id)
        extends = read_extends(view.get("private_metadata", ""))
        await given.do(_snoozing(until, zone, extends, given.by))

    return submitted


def _snoozing(
    until: SnoozeTime, zone: tzinfo, extends: bool, by: Actor
) -> Callable[[Target, UnitOfWork], Awaitable[Incident]]:
    async def doing(target: Target, uow: UnitOfWork) -> Incident:
        end = until.end(uow.now, zone)
        return await snooze(target.incident_id, until=end, by=by, uow=uow, seen=target.seen, extends=extends)

    return doing


def _until(view: dict[str, Any]) -> SnoozeTime:
    """A date beats what stands chosen above it. Raises InvalidInput where neither says anything."""
    at = moment(view, UNTIL_FIELD)
    if at is not None:
        return Moment(at)
    choice = CHOICES.get(chosen(view, SPAN_FIELD) or "")
    if choice is None:
        raise InvalidInput("time", "choose for how long, or until when")
    return choice


def _severity_set(desk: Desk) -> Listener:
    async def submitted(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        given = Submission(desk, CallbackId.SEVERITY, SEVERITY_FIELD, view, body, ack)
        wanted, why = chosen(view, SEVERITY_FIELD), chosen(view, REASON_FIELD) or ""
        if wanted not in set(Severity):
            await given.refuse(SEVERITY_FIELD, InvalidInput("severity", "choose how grave it is"))
            return

        async def doing(target: Target, uow: UnitOfWork) -> Incident:
            return await set_severity(target.incident_id, to=Severity(wanted), by=given.by, uow=uow, note=why)

        await given.do(doing)

    return submitted


def _written_down(desk: Desk) -> Listener:
    async def submitted(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        given = Submission(desk, CallbackId.TIMELINE, HAPPENED_FIELD, view, body, ack)
        try:
            at = moment(view, TIME_FIELD)
            refuse_future(at, now=desk.now())
        except InvalidInput as error:
            await given.refuse(TIME_FIELD, error)
            return
        text = chosen(view, HAPPENED_FIELD) or ""

        async def doing(target: Target, uow: UnitOfWork) -> Incident:
            return await add_to_timeline(target.incident_id, text=text, by=given.by, uow=uow, happened_at=at)

        await given.do(doing)

    return submitted


def _summed_up(desk: Desk) -> Listener:
    async def submitted(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        given = Submission(desk, CallbackId.SUMMARY, SUMMARY_FIELD, view, body, ack)
        text = chosen(view, SUMMARY_FIELD) or ""

        async def doing(target: Target, uow: UnitOfWork) -> Incident:
            return await sum_up(target.incident_id, text=text, by=given.by, uow=uow)

        await given.do(doing)

    return submitted
