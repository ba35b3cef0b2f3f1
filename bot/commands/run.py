"""What each command does, and what who typed it is told."""

from collections.abc import Awaitable, Callable

from bot.blocks.detail import MOST_EVENTS, detail
from bot.blocks.help import help_text
from bot.blocks.kit import section
from bot.blocks.listing import MOST_LINES, briefly, listing
from bot.blocks.text import link, person
from bot.commands.command import ME, NOBODY, Command, Mistake, Verb
from bot.desk import Desk
from bot.language import t
from bot.message import Message
from incidents.actions import (
    acknowledge,
    add_note,
    assign,
    mark_noise,
    mark_real,
    merge,
    reopen,
    resolve,
    unacknowledge,
)
from incidents.errors import BongsuError
from incidents.model import Actor, Event, Incident, IncidentView, Status
from incidents.ports import UnitOfWork

OPEN = (Status.ACTIVE, Status.ACKNOWLEDGED)
_NAMED = 5
_ASIDE_SECONDS = 0.4
"""What may be spent on naming the open incidents beside an answer that is late already."""

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
}


async def run(command: Command, *, by: Actor, desk: Desk) -> Message:
    """Raises a BongsuError where it was not done."""
    match command.verb:
        case Verb.HELP:
            return help_text()
        case Verb.LIST:
            return await _list(desk)
        case Verb.SHOW:
            return await _show(command.number, desk)
        case _:
            return await _act(command, by, desk)


async def _act(command: Command, by: Actor, desk: Desk) -> Message:
    async def work(uow: UnitOfWork) -> Incident:
        incident = await uow.incidents.by_number(command.number)
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
    name = incident.name
    match command.verb:
        case Verb.ACK:
            return f"{name} is yours."
        case Verb.UNACK:
            return f"{name} is active again: nobody has it."
        case Verb.RESOLVE:
            return f"{name} is resolved."
        case Verb.REOPEN:
            return f"{name} is open again: {incident.status.value}."
        case Verb.NOISE:
            return f"{name} is closed as noise. `/incident real {name}` undoes it."
        case Verb.REAL:
            return f"{name} is no noise: {incident.status.value}."
        case Verb.MERGE:
            return t(
                "{name} is merged into INC-{other}. Its card has a button that undoes it.",
                name=name,
                other=command.other,
            )
        case Verb.ASSIGN:
            return f"{name} is {'yours' if incident.assignee == str(by) else f'given to {person(incident.assignee)}'}."
        case _:
            return f"Your note is on {name}."


async def _list(desk: Desk) -> Message:
    async def work(uow: UnitOfWork) -> Message:
        views = await uow.views.browse(statuses=OPEN, limit=MOST_LINES)
        links = {view.incident.id: await _card_link(view.incident.id, uow, desk) for view in views}
        known = {incident_id: url for incident_id, url in links.items() if url}
        return listing(views, total=await uow.views.count(statuses=OPEN), links=known)

    return await desk.look(work)


async def _show(number: int, desk: Desk) -> Message:
    async def work(uow: UnitOfWork) -> tuple[IncidentView, list[Event], str | None]:
        incident = await uow.incidents.by_number(number)
        view = await uow.views.incident(incident.id)
        events = await uow.timeline.of(incident.id, limit=MOST_EVENTS)
        return view, events, await _card_link(incident.id, uow, desk)

    view, events, url = await desk.look(work)
    card_link = link(url, "Go to the card")
    return detail(view, events, reopen_window=desk.policy.reopen_window, link_to_card=card_link)


async def _card_link(incident_id: int, uow: UnitOfWork, desk: Desk) -> str | None:
    """The first card's address; None while Slack has none."""
    places = await uow.views.card_places(incident_id)
    return desk.identity.link_to(*places[0]) if places else None


async def mended(mistake: Mistake, *, desk: Desk) -> Message:
    """What was wrong and how to write it; where the number is missing, the open incidents too."""
    problem = f"{mistake.problem} For example: `{mistake.example}`"
    return with_aside(problem, await open_ones(desk) if mistake.number_missing else "")


def with_aside(text: str, aside: str) -> Message:
    told = f"{text}\n{aside}" if aside else text
    return Message(told, [section("answer", text, aside)])


async def open_ones(desk: Desk) -> str:
    """The gravest open incidents in one sentence; empty where the database can't tell quickly."""

    async def work(uow: UnitOfWork) -> str:
        views = await uow.views.browse(statuses=OPEN, limit=_NAMED)
        return briefly(views, total=await uow.views.count(statuses=OPEN))

    try:
        return await desk.look(work, seconds=_ASIDE_SECONDS)
    except BongsuError:
        return ""
