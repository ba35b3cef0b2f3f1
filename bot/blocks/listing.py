"""The answer to ``/incident list``: what the words let through, one line each, a page at a time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.blocks import words
from bot.blocks.kit import actions, button, context, section
from bot.blocks.list_clicks import Leaf, ListAction, leaf_value
from bot.blocks.text import link, when
from bot.language import mark, t, tn
from bot.message import Block, Message
from incidents.browse import Filter, Page, PageTurn
from incidents.model import Incident

MOST_LINES = 20
NOTHING_OPEN = mark("Nothing is open. All is quiet. 🎉")
_LONGEST_TITLE = 80
_NAMED = 20
LinkTo = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which incidents were asked for. ``typed`` is how that is written, as mrkdwn.

    ``first`` is the number of the page's first incident. ``hint`` is what to try where nothing is found, as mrkdwn.
    """

    wanted: Filter
    typed: str
    first: int = 1
    hint: str = ""


def listing(page: Page, asked: Asked, *, link_to: LinkTo) -> Message:
    """``link_to`` tells the address of a message, None where it isn't known."""
    if not page.total and not page.on and not page.back:
        return _nothing(asked)
    incidents = [listed.incident for listed in page.listed]
    lines = [line(one.incident, url=link_to(*one.card) if one.card else None) for one in page.listed]
    blocks = [
        section("head", f"*{_count(page, asked)}*"),
        *(section(f"list-{at}", *some) for at, some in enumerate(_in_fives(lines))),
        context("range", _range(page, asked)),
        *_turning(page, asked),
    ]
    return Message(_sentence(incidents, page, asked), blocks)


def _nothing(asked: Asked) -> Message:
    if asked.wanted == Filter():
        return Message(t(NOTHING_OPEN), [])
    told = t("There is nothing for {typed}.", typed=asked.typed)
    return Message(f"{told} {asked.hint}".rstrip(), [])


def line(incident: Incident, *, url: str | None) -> str:
    """One incident on one line of harmless mrkdwn, its name a link to its card where that is known."""
    told = [
        f"{words.emoji(incident)} {words.gravity(incident)}",
        link(url, incident.name) or incident.name,
        f"*{words.title(incident, _LONGEST_TITLE)}*",
        *words.place(incident.place),
        *_standing(incident),
    ]
    return " · ".join(told)


def _standing(incident: Incident) -> Iterable[str]:
    if incident.is_open:
        return (words.ownership(incident), t("since {when}", when=when(incident.start_time)))
    outcome = words.ended(incident)[1]
    return (f"{outcome} {when(incident.resolved_time)}" if incident.resolved_time else outcome,)


def briefly(incidents: Sequence[Incident], *, total: int) -> str:
    """``2 are open: INC-1 (CRITICAL, active), INC-2 (…).``"""
    if not total:
        return t(NOTHING_OPEN)
    named, more = _named(incidents), total - len(incidents)
    if more > 0:
        return tn(
            "{count} is open: {names} and {more} more.",
            "{count} are open: {names} and {more} more.",
            total,
            names=named,
            more=more,
        )
    return tn("{count} is open: {names}.", "{count} are open: {names}.", total, names=named)


def _sentence(incidents: Sequence[Incident], page: Page, asked: Asked) -> str:
    if asked.wanted == Filter() and asked.first == 1:
        return briefly(incidents, total=page.total)
    return f"{_count(page, asked)} {_named(incidents)}".rstrip()


def _count(page: Page, asked: Asked) -> str:
    if asked.wanted == Filter():
        return tn("{count} is open.", "{count} are open.", page.total)
    if page.is_more:
        return tn(
            "There is {count} incident for {typed} among the newest, and there may be more.",
            "There are {count} incidents for {typed} among the newest, and there may be more.",
            page.total,
            typed=asked.typed,
        )
    return tn(
        "There is {count} incident for {typed}.",
        "There are {count} incidents for {typed}.",
        page.total,
        typed=asked.typed,
    )


def _named(incidents: Sequence[Incident]) -> str:
    told = [f"{i.name} ({words.severity(i.severity)}, {words.status_inside(i.status)})" for i in incidents[:_NAMED]]
    return ", ".join(told)


def _range(page: Page, asked: Asked) -> str:
    if not page.listed:
        return t("None among those that this page looks through.")
    order = t("newest first") if asked.wanted.is_past else t("gravest first, then longest")
    last = asked.first + len(page.listed) - 1
    return t(
        "{first}–{last} of {total} · {order} · `/incident show 12` shows any of them",
        first=f"{asked.first:,}", last=f"{last:,}", total=f"{max(page.total, last):,}", order=order,
    )  # fmt: skip


def _turning(page: Page, asked: Asked) -> list[Block]:
    """The newest come first in a list of past ones only: elsewhere the pages have an order of their own."""
    past, shown = asked.wanted.is_past, len(page.listed)
    pressed = []
    if page.back is not None:
        to = Leaf(asked.wanted, PageTurn(page.back, back=True), max(1, asked.first - MOST_LINES))
        label = t("◀ Newer") if past else t("◀ Back")
        pressed.append(button(label, action_id=ListAction.BACK, value=leaf_value(to), about=t("incidents")))
    if page.on is not None:
        to = Leaf(asked.wanted, PageTurn(page.on), asked.first + shown)
        label = t("Older ▶") if past else t("More ▶")
        pressed.append(button(label, action_id=ListAction.ON, value=leaf_value(to), about=t("incidents")))
    return [actions("turning", *pressed)] if pressed else []


def _in_fives(lines: list[str]) -> list[list[str]]:
    """A section holds 3,000 characters, a line has at most 500."""
    return [lines[at : at + 5] for at in range(0, len(lines), 5)]
