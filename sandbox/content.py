"""Reads what a message says from whatever carries it: an API call, an acknowledgement, a response_url.

Source of the errors: https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.blockkit import Problem, problems_in_message
from sandbox.errors import SlackError
from sandbox.messages import Content

MOST_TEXT = 40_000
MOST_UPDATE_TEXT = 4_000
MOST_ATTACHMENTS = 100
# https://docs.slack.dev/messaging/message-metadata
MOST_METADATA_BYTES = 16_384


def read_content(given: Mapping[str, Any], *, most_text: int = MOST_TEXT) -> Content:
    """Raises SlackError when Slack would refuse it. Lists may come as JSON in a string."""
    text = given.get("text") or ""
    if not isinstance(text, str):
        raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] text must be a string"]})
    blocks = _listed(given.get("blocks"), "invalid_blocks_format")
    attachments = _listed(given.get("attachments"), "invalid_attachments")
    if not (text or blocks or attachments):
        raise SlackError("no_text")
    if len(text) > most_text:
        raise SlackError("msg_too_long")
    if len(attachments) > MOST_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    _check(blocks, attachments)
    return Content(text, blocks, attachments, _metadata(given.get("metadata")))


def refusal(error: str, problems: list[Problem]) -> SlackError:
    return SlackError(
        error,
        errors=[str(problem).removeprefix("[ERROR] ") for problem in problems],
        response_metadata={"messages": [str(problem) for problem in problems]},
    )


def _check(blocks: list[Any], attachments: list[Any]) -> None:
    if problems := problems_in_message({"text": "-", "blocks": blocks}):
        raise refusal("invalid_blocks", problems)
    if problems := problems_in_message({"text": "-", "attachments": attachments}):
        raise refusal("invalid_attachments", problems)


def _listed(value: Any, error: str) -> list[Any]:
    if isinstance(value, str) and value:
        value = _decoded(value, error)
    if value is None or value == "":
        return []
    if not isinstance(value, list):
        raise SlackError(error)
    return value


def _metadata(value: Any) -> dict[str, Any] | None:
    if isinstance(value, str) and value:
        value = _decoded(value, "invalid_metadata_format")
    if not value:
        return None
    if not isinstance(value, dict) or set(value) - {"event_type", "event_payload", "entities"}:
        raise SlackError("invalid_metadata_format")
    if not isinstance(value.get("event_type"), str) or not value["event_type"]:
        raise SlackError("invalid_metadata_format")
    if not isinstance(value.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(value).encode()) > MOST_METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return value


def _decoded(value: str, error: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        raise SlackError(error) from None
