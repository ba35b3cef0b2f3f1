"""What the ⋯ menu has no room for: one button for each thing that is rarely done to an incident."""

from bot.blocks import words
from bot.blocks.clicks import ActionId, CallbackId, Target, button_value
from bot.blocks.kit import button, modal, section
from bot.language import t
from bot.message import Block
from incidents.model import IncidentView

_FEW = 2
"""Series that can be split."""


def more_modal(target: Target, view: IncidentView) -> Block:
    incident = view.incident
    gravity = words.gravity(incident)
    rows = [
        _row(ActionId.SEVERITY, t("Severity"), t("It is {severity}. Say how grave it is.", severity=gravity), target),
        _row(ActionId.DETAILS, t("Details"), t("All its series and all its alerts."), target),
        _row(ActionId.TIMELINE, t("Add to timeline"), t("Write down what happened, and when."), target),
    ]
    if incident.is_open:
        rows.append(_row(ActionId.MERGE, t("Merge"), t("It is the same as another incident."), target))
        if view.firing + view.resolved >= _FEW:
            rows.append(_row(ActionId.SPLIT, t("Split"), t("Some of its series are another incident."), target))
    rows.append(_row(ActionId.DECLARE, t("Declare"), t("A new incident that no alert tells of."), target))
    return modal(
        callback_id=CallbackId.MORE,
        title=t("More on {name}", name=target.name),
        submit=None,
        private_metadata=button_value(target),
        blocks=rows,
    )


def _row(action_id: ActionId, label: str, what: str, target: Target) -> Block:
    pressed = button(label, action_id=action_id, value=button_value(target), about=target.name)
    return section(action_id, what) | {"accessory": pressed}
