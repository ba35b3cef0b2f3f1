"""The answer to ``/incident show``: the card without its buttons, what happened lately, and ways to look on."""

from collections.abc import Sequence
from datetime import timedelta

from bot.blocks import words
from bot.blocks.card import body, sentence
from bot.blocks.clicks import ActionId, Target, button_value
from bot.blocks.coming_line import coming_line
from bot.blocks.kit import LONGEST_SECTION, actions, button, context, section
from bot.blocks.series import links_line
from bot.blocks.text import data, when
from bot.blocks.thread import happened
from bot.language import t
from bot.message import Block, Message
from incidents.escalation.coming import Coming
from incidents.model import Event, IncidentView

MOST_EVENTS = 10
_LONGEST_WORDS = 120


def detail(
    view: IncidentView,
    events: Sequence[Event],
    *,
    reopen_window: timedelta,
    link_to_card: str | None = None,
    ahead: Sequence[Coming] = (),
) -> Message:
    """``events`` oldest first; the newest ten are shown. ``link_to_card`` is harmless mrkdwn, None: none is known.

    ``ahead``: what its escalation does if nobody does anything, soonest first.
    """
    blocks = [
        *body(view, reopen_window=reopen_window),
        *_links_of_resolved(view),
        *_timeline(events),
        *_ahead(ahead, view),
        _look_on(view),
    ]
    if link_to_card:
        blocks.append(context("card", link_to_card))
    return Message(sentence(view), blocks)


def _links_of_resolved(view: IncidentView) -> list[Block]:
    """A resolved card leaves the links out; who asks for the incident wants to look."""
    line = None if view.incident.is_open else links_line(view)
    return [context("links", line)] if line else []


def _timeline(events: Sequence[Event]) -> list[Block]:
    told = [_entry(event) for event in events[-MOST_EVENTS:]]
    while sum(len(line) + 1 for line in told) > LONGEST_SECTION - 20:
        told.pop(0)
    return [section("timeline", f"*{t('What happened')}*", *told)] if told else []


def _ahead(ahead: Sequence[Coming], view: IncidentView) -> list[Block]:
    lines = [coming_line(one, view.incident) for one in ahead]
    title = t("If nobody does anything, it")
    return [section("ahead", f"*{title}*", *lines)] if lines else []


def _entry(event: Event) -> str:
    written, aside = words.note_text(event), words.aside(event)
    said = f": {data(written, _LONGEST_WORDS)}{aside}" if written or aside else ""
    return f"{when(event.at)} {happened(event)}{said}"


def _look_on(view: IncidentView) -> Block:
    target = Target.of(view)
    value = button_value(target)
    return actions(
        "look",
        button(t("Why?"), action_id=ActionId.WHY, value=value, about=target.name),
        button(t("Details"), action_id=ActionId.DETAILS, value=value, about=target.name),
    )
