"""The card: the one message that shows an incident and is always true. Read on a phone at three in the morning."""

from datetime import timedelta

from bot.blocks import words
from bot.blocks.buttons import buttons
from bot.blocks.ending import ending
from bot.blocks.kit import context, header, section
from bot.blocks.series import links_line, series_line
from bot.blocks.text import data, person, when
from bot.message import Block, Message
from incidents.model import Event, Incident, IncidentView, Status

_LONGEST_NOTE = 300


def card(view: IncidentView, *, reopen_window: timedelta) -> Message:
    """The incident as a channel sees it. ``reopen_window`` is how long after resolving an alert reopens it."""
    return Message(sentence(view), [*body(view, reopen_window=reopen_window), buttons(view)])


def sentence(view: IncidentView) -> str:
    """What a notification or a screen reader says: one full sentence of harmless mrkdwn."""
    incident = view.incident
    name = f"{words.severity(incident.severity)} {incident.name}"
    about = [words.title(incident), words.place_in_words(incident.place)]
    if incident.is_open:
        told = [*about, words.ownership(incident)]
        return f"{name} is {incident.status.value}: {_listed(told)}."
    outcome = words.ended(incident)[1]
    still = f"{view.firing} still firing" if view.firing else ""
    return f"{name} is resolved ({outcome[0].lower()}{outcome[1:]}): {_listed([*about, still])}."


def _listed(parts: list[str]) -> str:
    return ", ".join(part for part in parts if part)


def body(view: IncidentView, *, reopen_window: timedelta) -> list[Block]:
    """The card without its buttons."""
    return _open(view) if view.incident.is_open else _resolved(view, reopen_window)


def _open(view: IncidentView) -> list[Block]:
    incident = view.incident
    return [
        header("headline", f"{words.emoji(incident)} {words.headline(incident)}"),
        section(
            "incident",
            f"*{words.title(incident)}*",
            " · ".join([*words.place(incident.place), f"since {when(incident.start_time)}"]),
            series_line(view),
            _owner_line(incident),
            _warning_line(incident),
        ),
        *_note(view.last_note),
        *_links(view),
    ]


def _resolved(view: IncidentView, reopen_window: timedelta) -> list[Block]:
    incident = view.incident
    named = " · ".join([f"*{words.title(incident)}*", *words.place(incident.place)])
    return [section("incident", f"*{words.headline(incident)}*", named, ending(view, reopen_window=reopen_window))]


def _owner_line(incident: Incident) -> str:
    if incident.status is not Status.ACKNOWLEDGED:
        told = words.ownership(incident)
        return f"{told[0].upper()}{told[1:]}"
    since = f" since {when(incident.acknowledged_time)}" if incident.acknowledged_time else ""
    if incident.owner == incident.acknowledged_by:
        return f"{person(incident.owner)}{since}"
    return f"{person(incident.owner)} has it · acknowledged by {person(incident.acknowledged_by)}{since}"


def _warning_line(incident: Incident) -> str | None:
    told = []
    if incident.blind_since:
        told.append(f"⚠ the rule has been blind since {when(incident.blind_since)}")
    if incident.flapping:
        told.append("⚠ flapping")
    return " · ".join(told) or None


def _note(note: Event | None) -> list[Block]:
    text = words.note_text(note)
    if note is None or not text:
        return []
    return [context("note", f"📝 {person(note.actor)}: {data(text, _LONGEST_NOTE)}")]


def _links(view: IncidentView) -> list[Block]:
    line = links_line(view)
    return [context("links", line)] if line else []
