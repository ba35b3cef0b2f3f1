"""The word in a channel that a turn has passed: from whom, to whom, until when, and what is open."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks.kit import context, section, whole_section
from bot.blocks.listing import LinkTo, line
from bot.blocks.text import person, when
from bot.language import t, tn
from bot.message import Block, Message
from incidents.browse import Listed
from incidents.schedules.handover import Handover

MOST_LINES = 10


@dataclass(frozen=True, slots=True)
class HandedOver:
    """``listed`` are open, gravest first; ``is_more``: there are others that were not looked through."""

    handover: Handover
    listed: Sequence[Listed]
    is_more: bool = False


def handover(told: HandedOver, *, link_to: LinkTo) -> Message:
    """``link_to`` tells the address of a message, None where it isn't known."""
    head, count = _passed(told.handover), _count(told)
    shown = told.listed[:MOST_LINES]
    lines = [line(one.incident, url=link_to(*one.card) if one.card else None) for one in shown]
    blocks = [
        section("handover", head, count),
        *(whole_section(f"open-{at}", *lines[at : at + 5]) for at in range(0, len(lines), 5)),
        *_more(told),
    ]
    return Message(f"{head} {count}", blocks)


def _passed(told: Handover) -> str:
    names = {"before": person(told.before), "person": person(told.person), "schedule": told.schedule}
    if told.until is None:
        return t("🔁 {before} hands *{schedule}* over to {person}, until further notice.", **names)
    return t("🔁 {before} hands *{schedule}* over to {person}, until {time}.", time=when(told.until), **names)


def _count(told: HandedOver) -> str:
    if not told.listed:
        return t("Nothing is open.")
    if told.is_more:
        return t("At least {count} incidents are open, gravest first:", count=len(told.listed))
    return tn("{count} incident is open:", "{count} incidents are open, gravest first:", len(told.listed))


def _more(told: HandedOver) -> list[Block]:
    more = len(told.listed) - MOST_LINES
    if more <= 0:
        return []
    return [context("more", tn("and {count} more: `/incident list`", "and {count} more: `/incident list`", more))]
