"""The answer to ``/incident list``: what is open, gravest first, one line each."""

from collections.abc import Mapping, Sequence

from bot.blocks import words
from bot.blocks.kit import context, section
from bot.blocks.text import link, when
from bot.message import Message
from incidents.model import IncidentView

MOST_LINES = 20
NOTHING_OPEN = "Nothing is open. All is quiet. 🎉"
_LONGEST_TITLE = 80


def listing(views: Sequence[IncidentView], *, total: int, links: Mapping[int, str]) -> Message:
    """``views`` as they are to stand; ``total`` is how many there are; ``links`` has a card's URL by incident id."""
    if not views:
        return Message(NOTHING_OPEN, [])
    shown = list(views[:MOST_LINES])
    lines = [line(view, link_to=links.get(view.incident.id)) for view in shown]
    blocks = [section(f"open-{at}", *some) for at, some in enumerate(_in_fives(lines))]
    if rest := _rest(total - len(shown)):
        blocks.append(context("rest", rest))
    return Message(briefly(shown, total=total), blocks)


def line(view: IncidentView, *, link_to: str | None) -> str:
    """One incident on one line of harmless mrkdwn, its name a link to its card where that is known."""
    incident = view.incident
    name = link(link_to, incident.name) or incident.name
    told = [
        f"{words.emoji(incident)} {words.gravity(incident)}",
        name,
        f"*{words.title(incident, _LONGEST_TITLE)}*",
        *words.place(incident.place),
        words.ownership(incident),
        f"since {when(incident.start_time)}",
    ]
    return " · ".join(told)


def briefly(views: Sequence[IncidentView], *, total: int) -> str:
    """``2 are open: INC-1 (CRITICAL, active), INC-2 (…).``"""
    if not views:
        return NOTHING_OPEN
    named = [f"{v.incident.name} ({words.severity(v.incident.severity)}, {v.incident.status.value})" for v in views]
    more = total - len(named)
    return f"{total} {'is' if total == 1 else 'are'} open: {', '.join(named)}{f' and {more} more' if more > 0 else ''}."


def _rest(more: int) -> str | None:
    return f"and {more} more: `/incident show INC-n` shows any of them" if more > 0 else None


def _in_fives(lines: list[str]) -> list[list[str]]:
    """A section holds 3,000 characters, a line has at most 500."""
    return [lines[at : at + 5] for at in range(0, len(lines), 5)]
