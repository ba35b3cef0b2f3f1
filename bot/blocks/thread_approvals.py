"""A second person, in a sentence for each step, for thread and timeline."""

from collections.abc import Callable

from bot.blocks.event_data import text_in
from bot.blocks.text import data, person
from bot.language import t
from incidents.approvals.model import Outcome, Wanted
from incidents.model import Event, EventKind

_LONGEST_WORDS = 500


def closed(event: Event) -> str:
    if second := text_in(event, "approved_by"):
        return t("{person} closed it, approved by {other}", person=person(event.actor), other=person(second))
    return t("{person} closed it", person=person(event.actor))


def marked_noise(event: Event) -> str:
    if second := text_in(event, "approved_by"):
        return t("{person} marked it as noise, approved by {other}", person=person(event.actor), other=person(second))
    return t("{person} marked it as noise", person=person(event.actor))


def _asked(event: Event) -> str:
    if text_in(event, "wanted") == Wanted.NOISE.value:
        return t("{person} wants to mark it as noise, which takes a second person", person=person(event.actor))
    return t("{person} wants to close it, which takes a second person", person=person(event.actor))


def _approved(event: Event) -> str:
    return t("{person} approved what {other} asked", person=person(event.actor), other=_asker(event))


def _declined(event: Event) -> str:
    return t(
        "{person} declined what {other} asked, so it stays as it is", person=person(event.actor), other=_asker(event)
    )


def _lapsed(event: Event) -> str:
    match text_in(event, "outcome"):
        case Outcome.WITHDRAWN.value:
            return t("{person} withdrew what they had asked", person=person(event.actor))
        case Outcome.OVERTAKEN.value:
            return t("It is less grave now: what {person} asked takes no second person any more", person=_asker(event))
        case _:
            return t("Nobody confirmed in time what {person} asked: it stays as it is", person=_asker(event))


def afterwards(event: Event) -> str:
    """What is left to do for who asked, or why not; below the sentence that tells them."""
    match text_in(event, "outcome"):
        case Outcome.LAPSED.value:
            return t("Is it over? Then ask again, and call somebody who can confirm it.")
        case Outcome.OVERTAKEN.value:
            return t("Is it over? Then close it.")
        case _:
            said = data(text_in(event, "note"), _LONGEST_WORDS)
            return f'"{said}"' if said else ""


def _asker(event: Event) -> str:
    return person(text_in(event, "asked_by") or None)


APPROVALS: dict[EventKind, Callable[[Event], str]] = {
    EventKind.APPROVAL_ASKED: _asked,
    EventKind.APPROVED: _approved,
    EventKind.DECLINED: _declined,
    EventKind.APPROVAL_LAPSED: _lapsed,
}
