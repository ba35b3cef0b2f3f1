"""The card: the one message that shows an incident and is always true. Read on a phone at three in the morning."""

from datetime import timedelta

from bot.blocks import words
from bot.blocks.buttons import buttons
from bot.blocks.ending import ending
from bot.blocks.kit import context, header, section
from bot.blocks.series import links_line, series_line, unfollowed_line
from bot.blocks.text import clock, data, person, when
from bot.message import Block, Message
from incidents.model import AlertKind, Event, Incident, IncidentView, Status

_LONGEST_NOTE = 300


def card(view: IncidentView, *, reopen_window: timedelta) -> Message:
    """The incident as a channel sees it. ``reopen_window`` is how long after resolving an alert reopens it."""
    return Message(sentence(view), [*body(view, reopen_window=reopen_window), buttons(view)])


def sentence(view: IncidentView) -> str:
    """What a notification or a screen reader says: one full sentence of harmless mrkdwn."""
    incident = view.incident
    name = f"{words.gravity(incident)} {incident.name}"
    about = [words.title(incident), words.place_in_words(incident.place)]
    if incident.is_open:
        told = [*about, _doubt(incident), "" if _needs_nobody(incident) else words.ownership(incident)]
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
            _nature_line(incident),
            " · ".join([*_place(incident), f"since {when(incident.start_time)}"]),
            series_line(view),
            unfollowed_line(incident),
            _owner_line(incident),
            *_warnings(incident),
        ),
        *_note(view.last_note),
        *_links(view),
    ]


def _resolved(view: IncidentView, reopen_window: timedelta) -> list[Block]:
    incident = view.incident
    named = " · ".join([f"*{words.title(incident)}*", *_place(incident)])
    return [section("incident", f"*{words.headline(incident)}*", named, ending(view, reopen_window=reopen_window))]


def _place(incident: Incident) -> list[str]:
    via = words.via(incident.place)
    return [*words.place(incident.place), *([via] if via else [])]


def _needs_nobody(incident: Incident) -> bool:
    return incident.kind is AlertKind.TEST and incident.owner is None


def _nature_line(incident: Incident) -> str | None:
    """What it is about, where that is not what the rule measures."""
    source = words.source(incident.source)
    match incident.kind:
        case AlertKind.TEST:
            return f"This is a test from {source}, it closes itself"
        case AlertKind.NO_DATA:
            return "❔ No data: whether all is well is not known"
        case AlertKind.ERROR:
            return "❔ The rule fails to evaluate: whether all is well is not known"
        case _:
            return None


def _doubt(incident: Incident) -> str:
    """For the one sentence: what a reader must not take it for."""
    if incident.kind is AlertKind.TEST:
        return f"a test from {words.source(incident.source)} that closes itself"
    blind = incident.kind is not AlertKind.DATA or incident.blind_since
    return "whether all is well is not known" if blind else ""


def _owner_line(incident: Incident) -> str | None:
    if _needs_nobody(incident):
        return None
    if incident.status is not Status.ACKNOWLEDGED:
        told = words.ownership(incident)
        return f"{told[0].upper()}{told[1:]}"
    since = f" since {when(incident.acknowledged_time)}" if incident.acknowledged_time else ""
    if incident.owner == incident.acknowledged_by:
        return f"{person(incident.owner)}{since}"
    return f"{person(incident.owner)} has it · acknowledged by {person(incident.acknowledged_by)}{since}"


def _warnings(incident: Incident) -> list[str]:
    """Each on a line of its own: what a half-awake reader must not miss."""
    told = []
    if incident.confirm_by:
        told.append(f"⚠ {_worse(incident)} · asks {person(incident.owner)} to confirm by {clock(incident.confirm_by)}")
    if incident.blind_since and incident.kind is AlertKind.DATA:
        told.append(f"⚠ blind since {when(incident.blind_since)}: the rule gets no data")
    if incident.flapping:
        told.append("⚠ flapping: stays open until 15 quiet minutes")
    return told


def _worse(incident: Incident) -> str:
    """What is remembered of the acknowledgement moves up as its owner is told, so it may not tell any more how."""
    known = incident.acknowledged_severity
    if known is not None and incident.severity.rank > known.rank:
        return "severity rose after acknowledgement"
    return "it got worse after acknowledgement"


def _note(note: Event | None) -> list[Block]:
    text, aside = words.note_text(note), words.aside(note)
    if note is None or not (text or aside):
        return []
    return [context("note", f"📝 {person(note.actor)}: {data(text, _LONGEST_NOTE)}{aside}")]


def _links(view: IncidentView) -> list[Block]:
    line = links_line(view)
    return [context("links", line)] if line else []
