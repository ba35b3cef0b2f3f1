"""A message as chat.postMessage takes it: text, blocks, attachments.

Source: https://docs.slack.dev/reference/methods/chat.postMessage
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.blockkit.check import (
    anything,
    boolean,
    integer,
    list_of,
    number,
    shape,
    string,
    url,
)
from sandbox.blockkit.problem import Problem
from sandbox.blockkit.surface import problems_in_blocks

MOST_ATTACHMENTS = 100
MOST_TEXT_CHARACTERS = 40_000


_STRINGS = ("color", "fallback", "text", "pretext", "title", "footer", "author_name", "callback_id")
_LINKS = ("title_link", "footer_icon", "image_url", "thumb_url", "author_link", "author_icon", "from_url")


def _time_of_day(value: Any, pointer: str) -> Iterator[Problem]:
    if not (isinstance(value, str) and value.replace(".", "", 1).isdigit()):
        yield from number(value, pointer)


_FIELD = shape({}, {"title": string(least=0), "value": string(least=0), "short": boolean})

_ATTACHMENT = shape(
    {},
    {
        **dict.fromkeys(_STRINGS, string(least=0)),
        **dict.fromkeys(_LINKS, url()),
        "ts": _time_of_day,
        "id": integer(least=0, most=1_000_000),
        "fields": list_of(_FIELD, least=0),
        "mrkdwn_in": list_of(string(), least=0),
        "blocks": anything,
    },
)


def problems_in_message(payload: Mapping[str, Any]) -> list[Problem]:
    """What Slack would refuse in `text`, `blocks` and `attachments`; other fields are not looked at."""
    return list(_problems(payload))


def _problems(payload: Mapping[str, Any]) -> Iterator[Problem]:
    if not (payload.get("text") or payload.get("blocks") or payload.get("attachments")):
        yield Problem("", "missing required field: text")
    if payload.get("text") is not None:
        yield from string(most=MOST_TEXT_CHARACTERS, least=0)(payload["text"], "/text")
    if payload.get("blocks") is not None:
        yield from _blocks(payload["blocks"], "/blocks")
    if payload.get("attachments") is not None:
        yield from _attachments(payload["attachments"])


def _blocks(blocks: Any, pointer: str) -> Iterator[Problem]:
    for problem in problems_in_blocks(blocks, "message"):
        yield problem.under(pointer)


def _attachments(attachments: Any) -> Iterator[Problem]:
    yield from list_of(_ATTACHMENT, most=MOST_ATTACHMENTS, least=0)(attachments, "/attachments")
    for index, attachment in enumerate(attachments if isinstance(attachments, list) else []):
        if isinstance(attachment, Mapping) and "blocks" in attachment:
            yield from _blocks(attachment["blocks"], f"/attachments/{index}/blocks")
