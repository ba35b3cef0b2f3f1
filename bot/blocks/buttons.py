"""The buttons of a card: only what is valid now, at most one of them coloured, what is rare under ⋯."""

from typing import NamedTuple

from bot.blocks.clicks import ActionId, Do, Target, button_value, option_value
from bot.blocks.kit import actions, button, confirm, overflow, url_button
from bot.language import mark, t
from bot.message import Block
from incidents.model import IncidentView, Status

_LABELS = {
    Do.ASSIGN: mark("Assign"),
    Do.SNOOZE: mark("Snooze"),
    Do.EXTEND: mark("Extend snooze"),
    Do.NOTE: mark("Add note"),
    Do.NOISE: mark("Mark noise"),
    Do.UNACKNOWLEDGE: mark("Unacknowledge"),
    Do.SUMMARY: mark("Add summary"),
    Do.MORE: mark("More"),
}


class Other(NamedTuple):
    """The incident into which this one was merged, and its card's address, None while that is not known."""

    name: str
    url: str | None


def buttons(view: IncidentView, *, merged_into: Other | None = None) -> Block:
    """``merged_into`` None: it was not merged, or nothing is known of the other but that."""
    target = Target.of(view)
    if view.incident.merged_into_id is not None:
        return actions("actions", *_open_other(merged_into), _button(t("Undo merge"), ActionId.UNMERGE, target))
    pressed, rare = _choices(view, target)
    why = _button(t("Why?"), ActionId.WHY, target)
    options = [(t(_LABELS[do]), option_value(do, target)) for do in rare]
    return actions("actions", *pressed, why, overflow(ActionId.MORE, options))


def _choices(view: IncidentView, target: Target) -> tuple[list[Block], list[Do]]:
    incident = view.incident
    if not incident.is_open:
        return _of_resolved(view, target)
    if incident.is_snoozed:
        wake = _button(t("Wake now"), ActionId.WAKE, target)
        return [wake, _resolve(view, target)], [Do.EXTEND, Do.ASSIGN, Do.NOTE, Do.NOISE, Do.MORE]
    if incident.status is Status.ACTIVE:
        acknowledge = _button(t("Acknowledge"), ActionId.ACKNOWLEDGE, target, primary=True)
        return [acknowledge, _resolve(view, target)], [Do.ASSIGN, Do.SNOOZE, Do.NOTE, Do.NOISE, Do.MORE]
    note = _button(t("Add note"), ActionId.NOTE, target)
    return [_resolve(view, target), note], [Do.UNACKNOWLEDGE, Do.ASSIGN, Do.SNOOZE, Do.NOISE, Do.MORE]


def _of_resolved(view: IncidentView, target: Target) -> tuple[list[Block], list[Do]]:
    if view.incident.is_noise:
        return [_button(t("It's real"), ActionId.REAL, target)], [Do.SUMMARY, Do.NOTE, Do.MORE]
    return [_button(t("Reopen"), ActionId.REOPEN, target)], [Do.SUMMARY, Do.NOTE, Do.NOISE, Do.MORE]


def _open_other(other: Other | None) -> list[Block]:
    if other is None or other.url is None:
        return []
    label = t("Open {name}", name=other.name)
    return [url_button(label, action_id=ActionId.OPEN_OTHER, url=other.url, about=other.name)]


def _button(label: str, action_id: ActionId, target: Target, *, primary: bool = False) -> Block:
    return button(label, action_id=action_id, value=button_value(target), about=target.name, primary=primary)


def _resolve(view: IncidentView, target: Target) -> Block:
    """Asks back while series fire: an incident closed over them stays closed though they go on."""
    element = _button(t("Resolve"), ActionId.RESOLVE, target)
    if view.firing:
        element["confirm"] = confirm(
            title=t("Resolve {name}?", name=target.name),
            text=t(
                "{firing} still firing. Closing it doesn't stop them: {name} stays closed while they go on, and opens "
                "again when one fires anew.",
                firing=view.firing,
                name=target.name,
            ),
            yes=t("Resolve anyway"),
            no=t("Keep it open"),
        )
    return element
