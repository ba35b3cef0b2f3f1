"""Blocks, each with its own limits.

Source: https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Mapping
from typing import Any

from sandbox.blockkit.check import (
    Check,
    Fields,
    Problems,
    anything,
    at_least_one,
    boolean,
    by_type,
    enum,
    exactly_one,
    list_of,
    shape,
    string,
    url,
)
from sandbox.blockkit.composition import IDENTIFIER, SLACK_FILE, any_text, plain_text
from sandbox.blockkit.elements import IMAGE, IN_ACTIONS, IN_INPUT, IN_SECTION
from sandbox.blockkit.problem import Problem
from sandbox.blockkit.rich_text import PARTS

MOST_TABLE_CHARACTERS = 10_000


def _block(required: Fields, optional: Fields | None = None, *rules: Check) -> Check:
    return shape({"type": anything, **required}, {"block_id": IDENTIFIER, **(optional or {})}, rules)


def _elements(kinds: Fields, *, most: int) -> Check:
    return list_of(by_type(lambda: kinds), most=most)


_CONTEXT_ELEMENTS: Fields = {"image": IMAGE, "plain_text": any_text(), "mrkdwn": any_text()}

_CELL: Fields = {
    "raw_text": shape({"type": anything, "text": string()}),
    "rich_text": _block({"elements": PARTS}),
}
_COLUMN = shape({}, {"align": enum("left", "center", "right"), "is_wrapped": boolean})


def _table_is_not_too_big(table: Any, pointer: str) -> Problems:
    if _characters(table.get("rows")) > MOST_TABLE_CHARACTERS:
        message = f"the cells of a table must be less than {MOST_TABLE_CHARACTERS + 1} characters together"
        yield Problem(f"{pointer}/rows", message)


def _characters(value: Any) -> int:
    if isinstance(value, list):
        return sum(_characters(item) for item in value)
    if isinstance(value, Mapping):
        return sum(len(v) if k == "text" and isinstance(v, str) else _characters(v) for k, v in value.items())
    return 0


EVERYWHERE: Fields = {
    "actions": _block({"elements": _elements(IN_ACTIONS, most=25)}),
    "context": _block({"elements": _elements(_CONTEXT_ELEMENTS, most=10)}),
    "divider": _block({}),
    "header": _block({"text": plain_text(150)}),
    "image": _block(
        {"alt_text": string(most=2000)},
        {"image_url": url(), "slack_file": SLACK_FILE, "title": plain_text(2000)},
        exactly_one("image_url", "slack_file"),
    ),
    "input": _block(
        {"label": plain_text(2000), "element": by_type(lambda: IN_INPUT)},
        {"dispatch_action": boolean, "hint": plain_text(2000), "optional": boolean},
    ),
    "rich_text": _block({"elements": PARTS}),
    "section": _block(
        {},
        {
            "text": any_text(3000),
            "fields": list_of(any_text(2000), most=10),
            "accessory": by_type(lambda: IN_SECTION),
            "expand": boolean,
        },
        at_least_one("text", "fields"),
    ),
    "video": _block(
        {
            "alt_text": string(),
            "title": plain_text(199),
            "thumbnail_url": url(),
            "video_url": url(schemes=("https",)),
        },
        {
            "title_url": url(schemes=("https",)),
            "author_name": string(most=49),
            "description": plain_text(199),
            "provider_icon_url": url(),
            "provider_name": string(),
        },
    ),
}

# Only messages show these.
IN_MESSAGES: Fields = {
    **EVERYWHERE,
    "file": _block({"external_id": string(), "source": enum("remote")}),
    "markdown": _block({"text": string(most=12_000)}),
    "table": _block(
        {"rows": list_of(list_of(by_type(lambda: _CELL), most=20), most=100)},
        {"column_settings": list_of(_COLUMN, most=20)},
        _table_is_not_too_big,
    ),
}
