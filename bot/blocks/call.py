"""A call: who is needed for what. Whoever is called hears of it by a message of its own, since edits notify nobody."""

from collections.abc import Sequence

from bot.blocks import words
from bot.blocks.event_data import count_in, text_in
from bot.blocks.kit import context, section, whole_section
from bot.blocks.text import clock, data, link, person
from bot.language import t, tn
from bot.message import Message
from incidents.model import SYSTEM, Event, Incident, Status
from incidents.storms import StormView

_LONGEST_TITLE = 150
MOST_LISTED = 10
_IN_A_SECTION = 5
"""A section holds 3,000 characters, and a link with its title takes up to 500."""


def call(event: Event, incident: Incident, *, mention: str, url: str | None = None) -> Message:
    """In the thread of the card; elsewhere with ``url``, where the card is. ``mention`` as ``mentions`` writes it."""
    told = _needed(event, incident)
    text = f"{mention} {told}".strip()
    there = link(url, t("Go to the card"))
    aside = " · ".join(part for part in (_step(event), words.via_key(event)) if part)
    blocks = [section("call", text, there), *([context("step", aside)] if aside else [])]
    return Message(text, blocks, broadcast=event.data.get("broadcast") is True)


def _needed(event: Event, incident: Incident) -> str:
    about = {
        "severity": words.gravity(incident),
        "name": incident.name,
        "title": words.title(incident, _LONGEST_TITLE).rstrip("."),
    }
    if event.actor != str(SYSTEM):
        return t("{person} asks for help with {severity} {name}: {title}.", person=person(event.actor), **about)
    since = clock(incident.start_time)
    return t("{severity} {name} needs somebody, open since {time}: {title}.", time=since, **about)


def _step(event: Event) -> str:
    step, of, number = count_in(event, "step"), count_in(event, "of"), count_in(event, "round")
    if not step:
        return ""
    told = {"step": step, "of": of, "policy": data(text_in(event, "policy"), 64)}
    if number > 1:
        return t("Step {step} of {of} of {policy}, round {round}. Acknowledge it on the card.", round=number, **told)
    return t("Step {step} of {of} of {policy}. Acknowledge it on the card.", **told)


def calls(incidents: Sequence[tuple[Incident, str | None]], *, mention: str) -> Message:
    """Several at once: each with the address of its card, None where it has none. Gravest first."""
    count = len(incidents)
    head = tn("{count} incident needs somebody.", "{count} incidents need somebody.", count)
    text = f"{mention} {head}".strip()
    lines = [_line(incident, url) for incident, url in incidents[:MOST_LISTED]]
    left = count - len(lines)
    more = tn("and {count} more: `/incident list`", "and {count} more: `/incident list`", left) if left else ""
    blocks = [
        section("calls", text),
        *(whole_section(f"calls-{at}", *lines[at : at + _IN_A_SECTION]) for at in range(0, len(lines), _IN_A_SECTION)),
        *([context("more", more)] if more else []),
    ]
    return Message(text, blocks)


def _line(incident: Incident, url: str | None) -> str:
    name = link(url, incident.name) or incident.name
    told = f"{words.emoji(incident)} {name} · {words.title(incident, _LONGEST_TITLE)}"
    if incident.status is Status.ACTIVE:
        return told
    return f"{told} · {words.status_inside(incident.status)}"


def storm_call(view: StormView, *, mention: str) -> Message:
    """One for all that a storm's roll-up stands for."""
    active = view.here.get(Status.ACTIVE, 0)
    head = tn(
        "A storm is under way: {count} incident in it has nobody. The roll-up above shows it.",
        "A storm is under way: {count} incidents in it have nobody. The roll-up above shows them.",
        active,
    )
    text = f"{mention} {head}".strip()
    return Message(text, [section("storm-call", text)])


def storm_call_elsewhere(view: StormView) -> Message:
    """The same in another channel, or to a person."""
    text = tn(
        "A storm is under way in {channel}: {count} incident in it has nobody.",
        "A storm is under way in {channel}: {count} incidents in it have nobody.",
        view.here.get(Status.ACTIVE, 0),
        channel=_channel(view.storm.channel),
    )
    return Message(text, [section("storm-call", text)])


def _channel(told: str) -> str:
    """``#name`` as it is configured, an id as Slack shows it."""
    return data(told) if told.startswith("#") else f"<#{data(told)}>"
