"""The forms that a card's buttons and its ⋯ menu open. They carry the incident and what its card showed."""

from bot.blocks import words
from bot.blocks.clicks import CallbackId, Target, button_value
from bot.blocks.kit import datetime_input, modal, person_input, select_input, text_input
from bot.language import t
from bot.message import Block
from incidents.actions.note import LONGEST_NOTE
from incidents.actions.severity import LONGEST_WHY
from incidents.actions.timeline import LONGEST_SUMMARY
from incidents.model import Severity

LONGEST_REASON = 500
NOTE_FIELD = "note"
REASON_FIELD = "reason"
PERSON_FIELD = "person"
SEVERITY_FIELD = "severity"
SUMMARY_FIELD = "summary"
HAPPENED_FIELD = "happened"
TIME_FIELD = "time"


def note_modal(target: Target) -> Block:
    field = text_input(
        NOTE_FIELD,
        label=t("Note"),
        hint=t("Everybody sees it in the incident's thread and on its timeline."),
        limit=LONGEST_NOTE,
    )
    return _modal(CallbackId.NOTE, t("Note on {name}", name=target.name), t("Add note"), target, field)


def noise_modal(target: Target) -> Block:
    field = text_input(
        REASON_FIELD,
        label=t("Why is {name} noise?", name=target.name),
        hint=t("It closes this incident and leaves it out of the figures. It's real undoes it."),
        limit=LONGEST_REASON,
        optional=True,
    )
    return _modal(CallbackId.NOISE, t("Noise: {name}", name=target.name), t("Mark noise"), target, field)


def assign_modal(target: Target) -> Block:
    field = person_input(
        PERSON_FIELD,
        label=t("Who takes {name}?", name=target.name),
        hint=t("Leave it empty to take it from whoever has it."),
    )
    return _modal(CallbackId.ASSIGN, t("Assign {name}", name=target.name), t("Assign"), target, field)


def severity_modal(target: Target, *, now: Severity) -> Block:
    """``now``: what it is, which is chosen at first."""
    offered = [one for one in Severity if one is not Severity.UNKNOWN or now is Severity.UNKNOWN]
    choice = select_input(
        SEVERITY_FIELD,
        label=t("How grave is {name}?", name=target.name),
        hint=t("Alerts raise it again only if one is graver than all before."),
        options=[(words.severity(one), one.value) for one in offered],
        chosen=now.value,
    )
    reason = text_input(
        REASON_FIELD,
        label=t("Why?"),
        hint=t("Everybody sees it in the incident's thread and on its timeline."),
        limit=LONGEST_WHY,
        optional=True,
    )
    return _modal(CallbackId.SEVERITY, t("Severity of {name}", name=target.name), t("Set"), target, choice, reason)


def timeline_modal(target: Target) -> Block:
    text = text_input(
        HAPPENED_FIELD,
        label=t("What happened?"),
        hint=t("It goes to the incident's thread and on its timeline."),
        limit=LONGEST_NOTE,
    )
    at = datetime_input(TIME_FIELD, label=t("When?"), hint=t("In your time zone. Leave it empty for now."))
    return _modal(CallbackId.TIMELINE, t("Timeline of {name}", name=target.name), t("Add"), target, text, at)


def summary_modal(target: Target) -> Block:
    field = text_input(
        SUMMARY_FIELD,
        label=t("How did {name} end?", name=target.name),
        hint=t("One line, which stays on the card: what it was, and what helped."),
        limit=LONGEST_SUMMARY,
        multiline=False,
    )
    return _modal(CallbackId.SUMMARY, t("Sum up {name}", name=target.name), t("Save"), target, field)


def _modal(callback_id: CallbackId, title: str, submit: str, target: Target, *fields: Block) -> Block:
    return modal(
        callback_id=callback_id,
        title=title,
        submit=submit,
        private_metadata=button_value(target),
        blocks=list(fields),
    )
