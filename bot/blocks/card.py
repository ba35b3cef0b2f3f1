"""The card: the one message that shows an incident and is always true. Read on a phone at three in the morning."""

from collections.abc import Callable
from datetime import timedelta

from bot.blocks import words
from bot.blocks.approval import approval_line
from bot.blocks.buttons import Other, buttons
from bot.blocks.coming_line import coming_line
from bot.blocks.ending import closed_by, ending, still_firing
from bot.blocks.kit import context, header, whole_section
from bot.blocks.maintenance_line import maintenance_line
from bot.blocks.series import links_line, series_lines, unfollowed_line, worst_trend
from bot.blocks.text import clock, data, person, when
from bot.language import t, tn
from bot.message import Block, Message
from incidents.escalation.coming import Coming
from incidents.model import AlertKind, Event, Incident, IncidentView, Status
from incidents.other import OtherIncident

LinkTo = Callable[[str, str], str | None]
_LONGEST_NOTE = 300


def nowhere(channel: str, ts: str) -> str | None:  # noqa: ARG001 - like those that know the workspace
    """Where the workspace is not known, nothing has an address."""
    return None


def card(
    view: IncidentView, *, reopen_window: timedelta, link_to: LinkTo = nowhere, coming: Coming | None = None
) -> Message:
    """The incident as a channel sees it. ``reopen_window`` is how long after resolving an alert reopens it.

    ``link_to`` tells the address of a message: (channel id, ts); None where it isn't known. ``coming``: whom it calls
    next, None: nobody.
    """
    shown = buttons(view, merged_into=_other(view.merged_into, link_to))
    return Message(sentence(view), [*body(view, reopen_window=reopen_window, coming=coming), shown])


def _other(incident: OtherIncident | None, link_to: LinkTo) -> Other | None:
    if incident is None or incident.card_at is None:
        return None
    return Other(incident.name, link_to(*incident.card_at))


def sentence(view: IncidentView) -> str:
    """What a notification or a screen reader says: one full sentence of harmless mrkdwn."""
    incident = view.incident
    name = f"{words.gravity(incident)} {incident.name}"
    about = [words.title(incident), words.place_in_words(incident.place)]
    if incident.is_open:
        owner = "" if _needs_nobody(incident) else words.ownership(incident)
        return _open_sentence(incident, name, _listed([*about, _doubt(incident), owner]))
    firing = still_firing(view)
    about_it = _listed([*about, tn("{count} still firing", "{count} still firing", firing) if firing else ""])
    if view.merged_into is None:
        outcome = words.ended_inside(incident)
        return t("{name} is resolved ({outcome}): {about}.", name=name, outcome=outcome, about=about_it)
    told = {"name": name, "other": view.merged_into.name, "about": about_it}
    if by := closed_by(incident):
        return t("{name} was merged into {other} by {person}: {about}.", person=person(by), **told)
    return t("{name} was merged into {other}: {about}.", **told)


def _open_sentence(incident: Incident, name: str, about: str) -> str:
    if incident.snoozed_until:
        told = {"name": name, "time": when(incident.snoozed_until), "about": about}
        if incident.snoozed_by:
            by = person(incident.snoozed_by)
            return t("{name} is snoozed until {time} by {person}: {about}.", person=by, **told)
        return t("{name} is snoozed until {time}: {about}.", **told)
    if incident.status is Status.ACKNOWLEDGED:
        return t("{name} is acknowledged: {about}.", name=name, about=about)
    return t("{name} is active: {about}.", name=name, about=about)


def _listed(parts: list[str]) -> str:
    return ", ".join(part for part in parts if part)


def body(view: IncidentView, *, reopen_window: timedelta, coming: Coming | None = None) -> list[Block]:
    """The card without its buttons."""
    return _open(view, coming) if view.incident.is_open else _resolved(view, reopen_window)


def _open(view: IncidentView, coming: Coming | None) -> list[Block]:
    incident = view.incident
    return [
        header("headline", f"{words.emoji(incident)} {words.headline(incident)}"),
        whole_section(
            "incident",
            f"*{words.title(incident)}*",
            _nature_line(incident),
            _snooze_line(incident),
            approval_line(view),
            maintenance_line(view.maintenance),
            " · ".join([*_place(incident), t("since {time}", time=when(incident.start_time))]),
            *series_lines(view),
            unfollowed_line(incident),
            _owner_line(view, coming),
            _ends_by(view) if coming is not None else None,
            *_warnings(incident),
        ),
        *_note(view.last_note),
        *_links(view),
    ]


def _resolved(view: IncidentView, reopen_window: timedelta) -> list[Block]:
    incident = view.incident
    values = worst_trend(view)
    named = " · ".join([f"*{words.title(incident)}*", *_place(incident), *([values] if values else [])])
    return [
        whole_section("incident", f"*{words.headline(incident)}*", named, ending(view, reopen_window=reopen_window))
    ]


def _place(incident: Incident) -> list[str]:
    via = words.via(incident.place)
    return [*words.place(incident.place), *([via] if via else [])]


def _needs_nobody(incident: Incident) -> bool:
    return incident.kind is AlertKind.TEST and incident.owner is None


def _nature_line(incident: Incident) -> str | None:
    """What it is about, where that is not what the rule measures."""
    if incident.is_declared:
        return t("Declared by a person: nothing measures it, so it is closed by hand")
    match incident.kind:
        case AlertKind.TEST:
            return t("This is a test from {source}, it closes itself", source=words.source(incident.source))
        case AlertKind.NO_DATA:
            return t("❔ No data: whether all is well is not known")
        case AlertKind.ERROR:
            return t("❔ The rule fails to evaluate: whether all is well is not known")
        case _:
            return None


def _snooze_line(incident: Incident) -> str | None:
    if incident.snoozed_until is None:
        return None
    until = when(incident.snoozed_until)
    if incident.snoozed_by is None:
        return t("Snoozed until {time} · wakes sooner if it gets graver", time=until)
    by = person(incident.snoozed_by)
    return t("Snoozed until {time} by {person} · wakes sooner if it gets graver", time=until, person=by)


def _doubt(incident: Incident) -> str:
    """For the one sentence: what a reader must not take it for."""
    if incident.kind is AlertKind.TEST:
        return t("a test from {source} that closes itself", source=words.source(incident.source))
    is_blind = incident.kind is not AlertKind.DATA or incident.blind_since
    return t("whether all is well is not known") if is_blind else ""


def _owner_line(view: IncidentView, coming: Coming | None) -> str | None:
    """Who has it, and what happens if nobody does anything more: the call where one comes, else how it ends."""
    if _needs_nobody(view.incident):
        return None
    then = _what_next(view) if coming is None else coming_line(coming)
    return " · ".join(part for part in (_owner(view.incident), then) if part)


def _ends_by(view: IncidentView) -> str | None:
    """The same for a line of its own."""
    told = _what_next(view)
    return None if told is None else f"{told[:1].upper()}{told[1:]}"


def _owner(incident: Incident) -> str:
    if incident.status is not Status.ACKNOWLEDGED:
        if incident.assignee is None:
            return t("Nobody has it")
        return t("Assigned to {person}, who has not acknowledged it", person=person(incident.assignee))
    owner, by = person(incident.owner), person(incident.acknowledged_by)
    if incident.owner != incident.acknowledged_by:
        if incident.acknowledged_time is None:
            return t("{owner} has it · acknowledged by {person}", owner=owner, person=by)
        since = when(incident.acknowledged_time)
        return t("{owner} has it · acknowledged by {person} since {time}", owner=owner, person=by, time=since)
    if incident.acknowledged_time is None:
        return t("{person} has it", person=owner)
    return t("{person} since {time}", person=owner, time=when(incident.acknowledged_time))


def _what_next(view: IncidentView) -> str | None:
    """None where a warning, or the line that says what it is, tells that already."""
    incident = view.incident
    if incident.kind.is_blindness:
        return t("resolves by itself once the rule sees again")
    if incident.kind is AlertKind.TEST or incident.flapping or incident.blind_since or incident.is_declared:
        return None
    if view.firing == 0:
        return t("nothing fires, so resolve it if it is over")
    return tn("resolves by itself once it recovers", "resolves by itself once all {count} recover", view.firing)


def _warnings(incident: Incident) -> list[str]:
    """Each on a line of its own: what a half-awake reader must not miss."""
    told = []
    if incident.confirm_by:
        told.append(_asked(incident, clock(incident.confirm_by)))
    if incident.blind_since and incident.kind is AlertKind.DATA:
        since = when(incident.blind_since)
        told.append(t("⚠ blind since {time}: the rule gets no data, this is from before", time=since))
    if incident.flapping:
        told.append(t("⚠ flapping: it keeps coming back, so it stays open until 15 minutes are quiet"))
    return told


def _asked(incident: Incident, until: str) -> str:
    told = {"person": person(incident.owner), "time": until}
    if incident.confirm_reason:
        return t("⚠ {person} is asked whether they still have it: by {time}, else nobody has it", **told)
    return t("⚠ {worse} · asks {person} to confirm by {time}, else nobody has it", worse=_worse(incident), **told)


def _worse(incident: Incident) -> str:
    """What is remembered of the acknowledgement moves up as its owner is told, so it may not tell any more how."""
    known = incident.acknowledged_severity
    if known is not None and incident.severity.rank > known.rank:
        return t("severity rose after acknowledgement")
    return t("it got worse after acknowledgement")


def _note(note: Event | None) -> list[Block]:
    text, aside = words.note_text(note), words.aside(note)
    if note is None or not (text or aside):
        return []
    return [context("note", f"📝 {person(note.actor)}: {data(text, _LONGEST_NOTE)}{aside}")]


def _links(view: IncidentView) -> list[Block]:
    line = links_line(view)
    return [context("links", line)] if line else []
