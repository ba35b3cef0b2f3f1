"""What people changed about an incident besides its state, in a sentence each, for thread and timeline."""

from collections.abc import Callable

from bot.blocks.event_data import text_in
from bot.blocks.text import data, person
from bot.language import t
from incidents.model import Event, EventKind

_LONGEST_TITLE = 200


def _title_set(event: Event) -> str:
    title = data(text_in(event, "to"), _LONGEST_TITLE)
    return t("{person} renamed it to “{title}”", person=person(event.actor), title=title)


EDITING: dict[EventKind, Callable[[Event], str]] = {EventKind.TITLE_SET: _title_set}
