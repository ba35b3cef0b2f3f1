"""One incident in a Home: two lines, a link to its card, and what can be done about it at once."""

from collections.abc import Callable

from bot.blocks import words
from bot.blocks.clicks import ActionId, Target, button_value
from bot.blocks.home_clicks import HomeAction
from bot.blocks.kit import actions, button, confirm, section
from bot.blocks.text import clock, link, person, when
from bot.language import t, tn
from bot.message import Block
from incidents.homes import HomeLine, Shelf
from incidents.model import AlertKind, Incident, Status

LinkTo = Callable[[str, str], str | None]
_LONGEST_TITLE = 80


def line(shown: HomeLine, shelf: Shelf, *, link_to: LinkTo, may_act: bool) -> list[Block]:
    """``link_to`` tells the address of a message, None where it isn't known."""
    incident = shown.incident
    what, how = _what(shown, shelf, link_to), " · ".join(_how(shown, shelf))
    told = section(f"line-{incident.id}", what, how, _doubts(incident))
    return [told, _buttons(incident, shelf)] if may_act else [told]


def _what(shown: HomeLine, shelf: Shelf, link_to: LinkTo) -> str:
    """``🔴 CRITICAL · INC-142 *Checkout 5xx above 5 %*``"""
    incident = shown.incident
    url = link_to(*shown.card) if shown.card else None
    name = link(url, incident.name) or incident.name
    emoji = "💤" if shelf is Shelf.SNOOZED else words.emoji(incident)
    return f"{emoji} {words.gravity(incident)} · {name} *{words.title(incident, _LONGEST_TITLE)}*"


def _how(shown: HomeLine, shelf: Shelf) -> list[str]:
    """``checkout``, ``2 firing since 10:00``, ``nobody has it``"""
    where = next(iter(words.place(shown.incident.place)), "")
    return [part for part in (where, _since(shown.incident), _standing(shown, shelf)) if part]


def _since(incident: Incident) -> str:
    time = when(incident.start_time)
    if not incident.firing:
        return t("open since {time}", time=time)
    return tn("{count} firing since {time}", "{count} firing since {time}", incident.firing, time=time)


def _standing(shown: HomeLine, shelf: Shelf) -> str:
    incident = shown.incident
    match shelf:
        case Shelf.SNOOZED:
            return _snoozed(shown)
        case Shelf.MINE if incident.status is Status.ACTIVE:
            return t("given to you, not acknowledged yet")
        case Shelf.MINE:
            return t("yours since {time}", time=clock(incident.acknowledged_time)) if incident.acknowledged_time else ""
        case _:
            return words.ownership(incident)


def _snoozed(shown: HomeLine) -> str:
    until = when(shown.incident.snoozed_until) if shown.incident.snoozed_until else ""
    if shown.snoozed_by:
        return t("snoozed until {time} by {person}", time=until, person=person(shown.snoozed_by))
    return t("snoozed until {time}", time=until)


def _doubts(incident: Incident) -> str | None:
    """What a half-awake reader must not miss."""
    told = []
    if incident.confirm_by:
        owner, by = person(incident.owner), clock(incident.confirm_by)
        told.append(t("⚠ It got worse: {person} is asked to confirm by {time}", person=owner, time=by))
    if incident.approval_until:
        told.append(t("⏳ Waiting for a second person until {time}", time=clock(incident.approval_until)))
    if incident.kind.is_blindness or (incident.blind_since and incident.kind is AlertKind.DATA):
        told.append(t("❔ Whether all is well is not known"))
    if incident.flapping:
        told.append(t("⚠ It is flapping"))
    return " · ".join(told) or None


def _buttons(incident: Incident, shelf: Shelf) -> Block:
    target = Target.to(incident, firing=incident.firing)
    return actions(f"do-{incident.id}", *_first(incident, shelf, target), _resolve(incident, target))


def _first(incident: Incident, shelf: Shelf, target: Target) -> list[Block]:
    if shelf is Shelf.SNOOZED:
        return [_button(t("Wake now"), HomeAction.WAKE, target)]
    if incident.confirm_by and shelf is Shelf.MINE:
        return [_button(t("Still on it"), ActionId.CONFIRM, target, primary=True)]
    if incident.status is Status.ACTIVE:
        return [_button(t("Acknowledge"), ActionId.ACKNOWLEDGE, target, primary=True)]
    return []


def _button(label: str, action_id: str, target: Target, *, primary: bool = False) -> Block:
    return button(label, action_id=action_id, value=button_value(target), about=target.name, primary=primary)


def _resolve(incident: Incident, target: Target) -> Block:
    """Asks back while series fire: an incident closed over them stays closed though they go on."""
    element = _button(t("Resolve"), ActionId.RESOLVE, target)
    if incident.firing:
        text = tn(
            "{count} is still firing. Closing it doesn't stop it: {name} stays closed while it goes on, and opens "
            "again when one fires anew.",
            "{count} are still firing. Closing it doesn't stop them: {name} stays closed while they go on, and opens "
            "again when one fires anew.",
            incident.firing,
            name=target.name,
        )
        title = t("Resolve {name}?", name=target.name)
        element["confirm"] = confirm(title=title, text=text, yes=t("Resolve anyway"), no=t("Keep it open"))
    return element
