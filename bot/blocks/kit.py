"""The few shapes of Block Kit that we use: https://docs.slack.dev/reference/block-kit"""

from typing import Any

from bot.blocks.text import clip
from bot.language import t
from bot.message import Block

LONGEST_SECTION = 3000
LONGEST_HEADER = 150
LONGEST_BUTTON = 75
LONGEST_MODAL_TITLE = 24


def plain(text: str, limit: int) -> Block:
    """Text without any markup: nothing in it can format, mention or link."""
    return {"type": "plain_text", "text": clip(text, limit), "emoji": True}


def mrkdwn(text: str) -> Block:
    """``verbatim``: Slack must not turn bare URLs, ``#names`` or ``@names`` in it into links."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def header(block_id: str, text: str) -> Block:
    return {"type": "header", "block_id": block_id, "text": plain(text, LONGEST_HEADER)}


def section(block_id: str, *lines: str | None) -> Block:
    """Lines of mrkdwn, each already harmless; those that are None or empty are left out."""
    return {"type": "section", "block_id": block_id, "text": mrkdwn("\n".join(line for line in lines if line))}


def whole_section(block_id: str, *lines: str | None) -> Block:
    """The same, never folded behind "Show more": https://docs.slack.dev/reference/block-kit/blocks/section-block"""
    return section(block_id, *lines) | {"expand": True}


def context(block_id: str, text: str) -> Block:
    return {"type": "context", "block_id": block_id, "elements": [mrkdwn(text)]}


def actions(block_id: str, *elements: Block) -> Block:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def button(label: str, *, action_id: str, value: str, about: str, primary: bool = False) -> Block:
    """``about`` is what a screen reader adds: ``INC-12``."""
    element: Block = {
        "type": "button",
        "action_id": action_id,
        "text": plain(label, LONGEST_BUTTON),
        "value": value,
        "accessibility_label": clip(f"{label} {about}", LONGEST_BUTTON),
    }
    return element | {"style": "primary"} if primary else element


def url_button(label: str, *, action_id: str, url: str, about: str) -> Block:
    """Opens a web page of ours; Slack tells us of the click all the same."""
    element = button(label, action_id=action_id, value=about, about=about)
    return element | {"url": url}


def overflow(action_id: str, options: list[tuple[str, str]]) -> Block:
    """The ⋯ menu: (label, value) of one to five choices, values of at most 150 characters."""
    return {
        "type": "overflow",
        "action_id": action_id,
        "options": [{"text": plain(label, LONGEST_BUTTON), "value": value} for label, value in options],
    }


def confirm(*, title: str, text: str, yes: str, no: str) -> Block:
    return {"title": plain(title, 100), "text": plain(text, 300), "confirm": plain(yes, 30), "deny": plain(no, 30)}


def modal(*, callback_id: str, title: str, submit: str | None, private_metadata: str, blocks: list[Block]) -> Block:
    """``submit`` None: there is nothing to submit."""
    view = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, LONGEST_MODAL_TITLE),
        "close": plain(t("Close") if submit is None else t("Cancel"), LONGEST_MODAL_TITLE),
        "private_metadata": private_metadata,
        "blocks": blocks,
    }
    return view if submit is None else view | {"submit": plain(submit, LONGEST_MODAL_TITLE)}


def text_input(
    block_id: str, *, label: str, hint: str, limit: int, optional: bool = False, multiline: bool = True
) -> Block:
    """A field of several lines, or of one; its action_id is its block_id."""
    return _input(
        block_id,
        label,
        {
            "type": "plain_text_input",
            "action_id": block_id,
            "multiline": multiline,
            "max_length": limit,
            "focus_on_load": True,
        },
        hint=hint,
        optional=optional,
    )


def line_input(block_id: str, *, label: str, hint: str, limit: int, value: str = "", optional: bool = False) -> Block:
    """A field of one line; ``value`` is what stands in it at first."""
    element: Block = {"type": "plain_text_input", "action_id": block_id, "max_length": limit}
    return _input(block_id, label, element | ({"initial_value": value} if value else {}), hint=hint, optional=optional)


def select_input(block_id: str, *, label: str, hint: str, options: list[tuple[str, str]], chosen: str | None) -> Block:
    """A choice of one of (label, value); ``chosen`` is the value that is chosen at first, None: none is."""
    told = [{"text": plain(text, LONGEST_BUTTON), "value": value} for text, value in options]
    first = next((option for option in told if option["value"] == chosen), None)
    element: Block = {"type": "static_select", "action_id": block_id, "options": told}
    return _input(block_id, label, element | ({"initial_option": first} if first else {}), hint=hint, optional=False)


def channel_input(block_id: str, *, label: str, hint: str) -> Block:
    """A choice of one channel, which may be left empty; private ones too, of which the app may be no member."""
    shown = {"include": ["public", "private"], "exclude_bot_users": True}
    element = {"type": "conversations_select", "action_id": block_id, "filter": shown}
    return _input(block_id, label, element, hint=hint, optional=True)


def person_input(block_id: str, *, label: str, hint: str) -> Block:
    """A choice of one person, which may be left empty."""
    return _input(block_id, label, {"type": "users_select", "action_id": block_id}, hint=hint, optional=True)


def datetime_input(block_id: str, *, label: str, hint: str) -> Block:
    """A date and a time in the zone of who fills it in, which may be left empty."""
    return _input(block_id, label, {"type": "datetimepicker", "action_id": block_id}, hint=hint, optional=True)


def radio_input(block_id: str, *, label: str, options: list[tuple[str, str]], initial: str) -> Block:
    """All of (label, value) at once; ``initial`` is the value of the one that is chosen at first."""
    offered = _options(options)
    element = {"type": "radio_buttons", "action_id": block_id, "options": list(offered.values())}
    return _input(block_id, label, element | {"initial_option": offered[initial]}, hint="", optional=False)


def _options(options: list[tuple[str, str]]) -> dict[str, Block]:
    return {value: {"text": plain(label, LONGEST_BUTTON), "value": value} for label, value in options}


def input_block(block_id: str, *, label: str, element: Block, hint: str, optional: bool = False) -> Block:
    """A field of any kind."""
    return _input(block_id, label, element, hint=hint, optional=optional)


def _input(block_id: str, label: str, element: dict[str, Any], *, hint: str, optional: bool) -> Block:
    block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, 2000),
        "element": element,
        "optional": optional,
    }
    return block | {"hint": plain(hint, 2000)} if hint else block
