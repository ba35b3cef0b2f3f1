"""A reminder: a new message in the thread, since edits notify nobody. It mentions whom it asks, and only them."""

from datetime import datetime

from bot.blocks import words
from bot.blocks.clicks import ActionId, Target, button_value
from bot.blocks.event_data import time_in
from bot.blocks.kit import actions, button, section
from bot.blocks.text import clock, is_slack_person, person
from bot.blocks.thread import happened
from bot.blocks.thread_approvals import afterwards
from bot.language import DEFAULT, spoken, t
from bot.message import Block, Message
from incidents.model import Event, EventKind, Incident, Severity


def reminder(event: Event, incident: Incident) -> Message:
    """What this event asks of somebody. The question and its button stand for as long as an answer is waited for.

    That an owner has left is everybody's business: the channel sees it, so it says which incident it is about.
    """
    asked_until = _asked_until(event, incident)
    told = f"{_said(event, _mention(event))}."
    asks = _asks(event, incident, asked_until)
    text = " ".join(part for part in (f"{words.gravity(incident)} {incident.name}: {told}", asks) if part)
    broadcast = event.kind is EventKind.UNASSIGNED
    about = f"*{incident.name}* · {words.title(incident)}" if broadcast else None
    blocks = [section("reminder", about, told, asks), *(_still_on_it(incident) if asked_until else [])]
    return Message(text, blocks, broadcast=broadcast)


def _mention(event: Event) -> str:
    """Empty where nobody in Slack is meant: an API key can't be woken."""
    who = event.data.get("mention")
    return person(who) if isinstance(who, str) and is_slack_person(who) else ""


def _said(event: Event, mention: str) -> str:
    """``<@U0ALICE>, it got worse …``"""
    said = happened(event)
    if not mention:
        return said
    if spoken() == DEFAULT:  # English goes on in small letters, and calls whom it speaks to by one word
        said = said.replace(mention, "you")
        said = f"{said[0].lower()}{said[1:]}"
    return t("{person}, {sentence}", person=mention, sentence=said)


def _asked_until(event: Event, incident: Incident) -> datetime | None:
    """Until when an answer to this very question is waited for. None: it was given, has come too late, or none was."""
    asked = time_in(event, "confirm_by")
    return asked if asked is not None and asked == incident.confirm_by else None


def _asks(event: Event, incident: Incident, asked_until: datetime | None) -> str:
    match event.kind:
        case EventKind.WORSENED | EventKind.OWNER_ASKED if asked_until is not None:
            return t("Still on it? Without a word it is nobody's again at {time}.", time=clock(asked_until))
        case EventKind.STILL_FIRING:
            what_to_do = t("Reopen it if it is not fixed.")
            return f"{_stays_closed(incident)} {what_to_do}"
        case EventKind.UNACKNOWLEDGED:
            return t("Who takes it? Acknowledge it on the card.")
        case EventKind.UNASSIGNED if incident.owner is None and incident.is_open:
            return t("Who takes it? Acknowledge it on the card.")
        case EventKind.DECLINED | EventKind.APPROVAL_LAPSED:
            return afterwards(event)
        case EventKind.STILL_OPEN:
            return t("Is it over? Then resolve it. Else say in a note where it stands.")
        case EventKind.ASKED:
            return t("Is it over? Then resolve it. Else see whether the source still sends.")
        case EventKind.WOKE if incident.is_open:
            return t("It is still open: work on it, or snooze it again.")
        case _:
            return ""


def _stays_closed(incident: Incident) -> str:
    if incident.severity is Severity.CRITICAL:
        return t("It is critical, so it opens again by itself if this goes on.")
    return t("It stays closed while this goes on, and opens again when one fires anew.")


def _still_on_it(incident: Incident) -> list[Block]:
    value = button_value(Target.to(incident, firing=incident.firing))
    pressed = button(t("Still on it"), action_id=ActionId.CONFIRM, value=value, about=incident.name, primary=True)
    return [actions("confirm", pressed)]
