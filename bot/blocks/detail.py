"""The answer to ``/incident show``: the card without its buttons, and the timeline's newest entries."""

from collections.abc import Sequence
from datetime import timedelta

from bot.blocks import words
from bot.blocks.card import body, sentence
from bot.blocks.kit import LONGEST_SECTION, context, section
from bot.blocks.series import links_line
from bot.blocks.text import data, when
from bot.blocks.thread import happened
from bot.message import Block, Message
from incidents.model import Event, IncidentView

MOST_EVENTS = 10
_LONGEST_WORDS = 120


def detail(
    view: IncidentView, events: Sequence[Event], *, reopen_window: timedelta, link_to_card: str | None = None
) -> Message:
    """``events`` oldest first; the newest ten are shown. ``link_to_card`` is harmless mrkdwn, None: none is known."""
    blocks = [*body(view, reopen_window=reopen_window), *_links_of_resolved(view), *_timeline(events)]
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
    return [section("timeline", "*What happened*", *told)] if told else []


def _entry(event: Event) -> str:
    written, aside = words.note_text(event), words.aside(event)
    said = f": {data(written, _LONGEST_WORDS)}{aside}" if written or aside else ""
    return f"{when(event.at)} {happened(event)}{said}"
