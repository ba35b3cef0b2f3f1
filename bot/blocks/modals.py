"""The forms that a card's ⋯ menu opens. They carry the incident and what its card showed in ``private_metadata``."""

from bot.blocks.clicks import CallbackId, Target, button_value
from bot.blocks.kit import modal, person_input, text_input
from bot.message import Block
from incidents.actions.note import LONGEST_NOTE

LONGEST_REASON = 500
NOTE_FIELD = "note"
REASON_FIELD = "reason"
PERSON_FIELD = "person"


def note_modal(target: Target) -> Block:
    field = text_input(
        NOTE_FIELD,
        label="Note",
        hint="Everybody sees it in the incident's thread and on its timeline.",
        limit=LONGEST_NOTE,
    )
    return _modal(CallbackId.NOTE, "Note on", "Add note", target, field)


def noise_modal(target: Target) -> Block:
    field = text_input(
        REASON_FIELD,
        label=f"Why is {target.name} noise?",
        hint="It closes this incident and leaves it out of the figures. It's real undoes it.",
        limit=LONGEST_REASON,
        optional=True,
    )
    return _modal(CallbackId.NOISE, "Noise:", "Mark noise", target, field)


def assign_modal(target: Target) -> Block:
    field = person_input(
        PERSON_FIELD, label=f"Who takes {target.name}?", hint="Leave it empty to take it from whoever has it."
    )
    return _modal(CallbackId.ASSIGN, "Assign", "Assign", target, field)


def _modal(callback_id: CallbackId, what: str, submit: str, target: Target, field: Block) -> Block:
    return modal(
        callback_id=callback_id,
        title=f"{what} {target.name}",
        submit=submit,
        private_metadata=button_value(target),
        blocks=[field],
    )
