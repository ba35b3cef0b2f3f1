"""What each command does, and what who typed it is told."""

from collections.abc import Awaitable, Callable
from datetime import UTC

from base import log_context
from bot.asking_slack import refuse_unassignable, zone_of
from bot.blocks.approval import asked_in_words
from bot.blocks.detail import MOST_EVENTS, detail
from bot.blocks.figures import Told, figures_message
from bot.blocks.help import help_text
from bot.blocks.kit import section
from bot.blocks.text import link, person, when
from bot.blocks.words import status_inside
from bot.commands.approvals import approve_by_command, decline_by_command, withdraw_by_command
from bot.commands.command import ME, NOBODY, Command, Mistake, TypedIn, Verb
from bot.commands.filters import STATS_WITHIN, typed
from bot.commands.lists import list_page, open_ones
from bot.commands.maintenance import answer_maintenance
from bot.commands.oncall import answer_oncall
from bot.desk import Desk
from bot.language import mark, t
from bot.message import Message
from incidents.actions import (
    acknowledge,
    add_note,
    assign,
    escalate,
    mark_noise,
    mark_real,
    merge,
    reopen,
    resolve,
    snooze,
    unacknowledge,
    wake,
)
from incidents.browse import Filter
from incidents.escalation.coming import Coming, ahead
from incidents.model import Actor, Event, Incident, IncidentView
from incidents.ports import UnitOfWork
from incidents.statistics import figures

Act = Callable[[int, Command, Actor, UnitOfWork], Awaitable[Incident]]
_ACTS: dict[Verb, Act] = {
    Verb.ACK: lambda id_, _, by, uow: acknowledge(id_, by=by, uow=uow),
    Verb.UNACK: lambda id_, _, by, uow: unacknowledge(id_, by=by, uow=uow),
    Verb.RESOLVE: lambda id_, command, by, uow: resolve(id_, by=by, uow=uow, note=command.text),
    Verb.REOPEN: lambda id_, _, by, uow: reopen(id_, by=by, uow=uow),
    Verb.NOISE: lambda id_, command, by, uow: mark_noise(id_, by=by, uow=uow, reason=command.text),
    Verb.REAL: lambda id_, _, by, uow: mark_real(id_, by=by, uow=uow),
    Verb.ASSIGN: lambda id_, command, by, uow: assign(id_, to=assignee(command, by), by=by, uow=uow),
    Verb.MERGE: lambda id_, command, by, uow: merge_into(id_, command.other, by=by, uow=uow),
    Verb.NOTE: lambda id_, command, by, uow: add_note(id_, text=command.text, by=by, uow=uow),
    Verb.WAKE: lambda id_, _, by, uow: wake(id_, by=by, uow=uow),
    Verb.APPROVE: approve_by_command,
    Verb.DECLINE: decline_by_command,
    Verb.WITHDRAW: withdraw_by_command,
    Verb.ESCALATE: lambda id_, _, by, uow: escalate(id_, by=by, uow=uow),
}


_DONE = {
    Verb.ACK: mark("{name} is yours."),
    Verb.UNACK: mark("{name} is active again: nobody has it."),
    Verb.RESOLVE: mark("{name} is resolved."),
    Verb.REOPEN: mark("{name} is open again: {status}."),
    Verb.NOISE: mark("{name} is closed as noise. `/incident real {name}` undoes it."),
    Verb.REAL: mark("{name} is no noise: {status}."),
    Verb.MERGE: mark("{name} is merged into {other}. Its card has a button that undoes it."),
    Verb.SNOOZE: mark("{name} is snoozed until {until}."),
    Verb.WAKE: mark("{name} is awake."),
    Verb.ESCALATE: mark("The next ones are called about {name}."),
    Verb.NOTE: mark("Your note is on {name}."),
    Verb.APPROVE: mark("You approved it: {name} is resolved."),
    Verb.DECLINE: mark("You declined it: {name} stays as it is."),
    Verb.WITHDRAW: mark("You withdrew it: {name} stays as it is."),
}

_MAY_ASK = frozenset({Verb.RESOLVE, Verb.NOISE})
"""What may take a second person."""


async def run(command: Command, *, by: Actor, desk: Desk, typed_in: TypedIn | None = None) -> Message:
    """Raises a BongsuError where it was not done."""
    match command.verb:
        case Verb.HELP:
            return help_text()
        case Verb.LIST:
            return await list_page(command.filter, by=by, desk=desk)
        case Verb.STATS:
            return await _stats(command.filter, by, desk)
        case Verb.ONCALL:
            return await answer_oncall(command, by=by, desk=desk)
        case Verb.MAINTENANCE:
            return await answer_maintenance(command, by=by, desk=desk, typed_in=typed_in or TypedIn())
        case Verb.SHOW:
            return await _show(command.number, desk)
        case _:
            return await _act(command, by, desk)


async def _act(command: Command, by: Actor, desk: Desk) -> Message:
    if command.verb is Verb.ASSIGN:
        await refuse_unassignable(desk.directory, desk.identity, assignee(command, by))
    zone = await zone_of(desk.directory, by.id) if command.until is not None else UTC

    async def work(uow: UnitOfWork) -> Incident:
        incident = await uow.incidents.by_number(command.number)
        log_context.bind(incident=incident.id)
        if command.until is not None:
            return await snooze(incident.id, until=command.until.end(uow.now, zone), by=by, uow=uow)
        return await _ACTS[command.verb](incident.id, command, by, uow)

    return Message(done(command, await desk.do(work), by), [])


async def merge_into(incident_id: int, number: int, *, by: Actor, uow: UnitOfWork) -> Incident:
    """The other by its number."""
    other = await uow.incidents.by_number(number)
    return await merge(incident_id, into=other.id, by=by, uow=uow)


def assignee(command: Command, by: Actor) -> str | None:
    """The Slack id that the command names; None for nobody."""
    if command.person == NOBODY:
        return None
    return str(by) if command.person == ME else command.person


def done(command: Command, incident: Incident, by: Actor) -> str:
    """One sentence for who typed it: harmless mrkdwn."""
    if command.verb is Verb.ASSIGN:
        return _assigned(incident, by)
    if command.verb in _MAY_ASK and (asked := asked_in_words(incident)):
        return asked
    until = when(incident.snoozed_until) if incident.snoozed_until is not None else ""
    status, other = status_inside(incident.status), f"INC-{command.other}"
    return t(_DONE[command.verb], name=incident.name, status=status, until=until, other=other)


def _assigned(incident: Incident, by: Actor) -> str:
    if incident.assignee == str(by):
        return t("{name} is yours.", name=incident.name)
    if incident.assignee is None:
        return t("{name} is given to nobody.", name=incident.name)
    return t("{name} is given to {person}.", name=incident.name, person=person(incident.assignee))


async def _stats(wanted: Filter, by: Actor, desk: Desk) -> Message:
    within = wanted.within or STATS_WITHIN
    past = await desk.look(lambda uow: uow.statistics.past(wanted.matching, within=within))
    told = figures(past.episodes, since=past.since, now=past.now, reopen_window=desk.policy.reopen_window)
    return figures_message(Told(told, past, typed(Verb.STATS, wanted, by=str(by))))


async def _show(number: int, desk: Desk) -> Message:
    async def work(uow: UnitOfWork) -> tuple[IncidentView, list[Event], list[Coming], str | None]:
        incident = await uow.incidents.by_number(number)
        view = await uow.views.incident(incident.id)
        events = await uow.timeline.of(incident.id, limit=MOST_EVENTS)
        return view, events, await ahead(incident, uow), await _card_link(incident.id, uow, desk)

    view, events, steps, url = await desk.look(work)
    card_link = link(url, t("Go to the card"))
    return detail(view, events, reopen_window=desk.policy.reopen_window, link_to_card=card_link, ahead=steps)


async def _card_link(incident_id: int, uow: UnitOfWork, desk: Desk) -> str | None:
    """The first card's address; None while Slack has none."""
    places = await uow.views.card_places(incident_id)
    return desk.identity.link_to(*places[0]) if places else None


async def mended(mistake: Mistake, *, desk: Desk) -> Message:
    """What was wrong and how to write it; where the number is missing, the open incidents too."""
    problem = t("{problem} For example: `{example}`", problem=mistake.problem, example=mistake.example)
    return with_aside(problem, await open_ones(desk) if mistake.number_missing else "")


def with_aside(text: str, aside: str) -> Message:
    told = f"{text}\n{aside}" if aside else text
    return Message(told, [section("answer", text, aside)])
