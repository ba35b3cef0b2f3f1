"""The buttons of a card: only what is valid now, at most one of them coloured, what is rare under ⋯."""

from bot.blocks.clicks import ActionId, Do, Target, button_value, option_value
from bot.blocks.kit import actions, button, confirm, overflow
from bot.message import Block
from incidents.model import IncidentView, Status

_LABELS = {
    Do.ASSIGN: "Assign",
    Do.NOTE: "Add note",
    Do.NOISE: "Mark noise",
    Do.UNACKNOWLEDGE: "Unacknowledge",
}


def buttons(view: IncidentView) -> Block:
    target = Target.of(view)
    pressed, rare = _choices(view, target)
    options = [(_LABELS[do], option_value(do, target)) for do in rare]
    return actions("actions", *pressed, overflow(ActionId.MORE, options))


def _choices(view: IncidentView, target: Target) -> tuple[list[Block], list[Do]]:
    incident = view.incident
    if incident.status is Status.ACTIVE:
        acknowledge = _button("Acknowledge", ActionId.ACKNOWLEDGE, target, primary=True)
        return [acknowledge, _resolve(view, target)], [Do.ASSIGN, Do.NOTE, Do.NOISE]
    if incident.status is Status.ACKNOWLEDGED:
        note = _button("Add note", ActionId.NOTE, target)
        return [_resolve(view, target), note], [Do.UNACKNOWLEDGE, Do.ASSIGN, Do.NOISE]
    if incident.is_noise:
        return [_button("It's real", ActionId.REAL, target)], [Do.NOTE]
    return [_button("Reopen", ActionId.REOPEN, target)], [Do.NOTE, Do.NOISE]


def _button(label: str, action_id: ActionId, target: Target, *, primary: bool = False) -> Block:
    return button(label, action_id=action_id, value=button_value(target), about=target.name, primary=primary)


def _resolve(view: IncidentView, target: Target) -> Block:
    """Asks back while series fire: an incident closed over them stays closed though they go on."""
    element = _button("Resolve", ActionId.RESOLVE, target)
    if view.firing:
        element["confirm"] = confirm(
            title=f"Resolve {target.name}?",
            text=f"{view.firing} still firing. Closing it doesn't stop them: {target.name} stays closed while they go "
            "on, and opens again when one fires anew.",
            yes="Resolve anyway",
            no="Keep it open",
        )
    return element
