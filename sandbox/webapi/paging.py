"""Cursors, as Slack pages its lists.

Source: https://docs.slack.dev/apis/web-api/pagination
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeVar

from sandbox.errors import SlackError
from sandbox.webapi.arguments import Arguments

MOST_PER_PAGE = 1000
T = TypeVar("T")


def page(items: Sequence[T], args: Arguments, *, default: int = 100) -> tuple[Sequence[T], str]:
    """(the items of this page, the cursor of the next one or "")."""
    limit = args.number("limit", default)
    if not 1 <= limit <= MOST_PER_PAGE:
        raise SlackError("invalid_limit")
    start = _offset(args.text("cursor"))
    end = start + limit
    return items[start:end], _cursor(end) if end < len(items) else ""


def next_cursor(cursor: str) -> dict[str, Any]:
    return {"response_metadata": {"next_cursor": cursor}}


def _cursor(offset: int) -> str:
    return base64.b64encode(f"next:{offset}".encode()).decode()


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except (binascii.Error, ValueError):
        raise SlackError("invalid_cursor") from None
