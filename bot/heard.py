"""What Slack's events say that concerns us, read without a look at the database. Most of them don't.

Source: https://docs.slack.dev/reference/events/message, https://docs.slack.dev/reference/events/reaction_added
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.blocks.text import is_slack_person

_PIN = "pushpin"
_SLACKBOT = "USLACKBOT"
_SPOKEN = (None, "thread_broadcast", "file_share", "me_message")
"""The subtypes of what a person says."""
_TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}")
_CHANNEL = re.compile(r"[A-Z0-9]{2,40}")

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """A person's message in a thread. ``edited_ts`` is of the edit by which it says this, ``""``: it is new.

    ``text`` is Slack's mrkdwn. ``below_us``: whether the thread is below a message of ours, None: Slack does not say.
    """

    channel_id: str
    ts: str
    thread_ts: str
    user: str
    text: str
    files: int
    edited_ts: str
    below_us: bool | None


@dataclass(frozen=True, slots=True)
class Deleted:
    """A message is gone. ``thread_ts`` None: Slack does not say in which thread it was."""

    channel_id: str
    ts: str
    thread_ts: str | None


@dataclass(frozen=True, slots=True)
class Pinned:
    """Somebody has put a 📌 on a message, or taken theirs off it. ``at`` is Slack's timestamp of that."""

    channel_id: str
    ts: str
    user: str
    at: str
    is_on: bool


def heard(event: Payload, *, us: str | None) -> Said | Deleted | Pinned | None:
    """None: it can't concern us. ``us`` is our own user id, None while it isn't known."""
    match event.get("type"):
        case "message":
            return _of_message(event, us)
        case "reaction_added" | "reaction_removed":
            return _of_reaction(event, us)
        case _:
            return None


def name_of(event: Payload) -> str:
    """For metrics: its type, or what is done to a message."""
    subtype = event.get("subtype")
    return str(subtype if subtype in ("message_changed", "message_deleted") else event.get("type"))


def _of_message(event: Payload, us: str | None) -> Said | Deleted | None:
    channel, subtype = _channel(event), event.get("subtype")
    if channel is None:
        return None
    if subtype == "message_deleted":
        return _of_deletion(event, channel, us)
    if subtype == "message_changed":
        changed = _object(event, "message")
        edited = _ts(_object(changed, "edited"), "ts")
        return _said(changed, channel, us, edited_ts=edited) if edited else None
    return _said(event, channel, us, edited_ts="")


def _said(message: Payload, channel: str, us: str | None, *, edited_ts: str) -> Said | None:
    ts, thread_ts = _ts(message, "ts"), _ts(message, "thread_ts")
    if not ts or not thread_ts or ts == thread_ts:
        return None
    if message.get("subtype") not in _SPOKEN or not is_by_a_person(message, us):
        return None
    below_us = _is_below_us(message, us)
    if below_us is False:
        return None
    return Said(
        channel, ts, thread_ts, message["user"], text_of(message), files_of(message), edited_ts, below_us=below_us
    )


def _of_deletion(event: Payload, channel: str, us: str | None) -> Deleted | None:
    ts, before = _ts(event, "deleted_ts"), _object(event, "previous_message")
    if not ts:
        return None
    if not before:
        return Deleted(channel, ts, None)
    thread_ts = _ts(before, "thread_ts")
    if not thread_ts or thread_ts == ts or not is_by_a_person(before, us) or _is_below_us(before, us) is False:
        return None
    return Deleted(channel, ts, thread_ts)


def _of_reaction(event: Payload, us: str | None) -> Pinned | None:
    item, user = _object(event, "item"), event.get("user")
    channel, ts, at = _channel(item), _ts(item, "ts"), _ts(event, "event_ts")
    if event.get("reaction") != _PIN or item.get("type") != "message" or channel is None or not ts or not at:
        return None
    is_ours = us is not None and us in (user, event.get("item_user"))
    if not isinstance(user, str) or not is_slack_person(user) or is_ours:
        return None
    return Pinned(channel, ts, user, at, event["type"] == "reaction_added")


def is_by_a_person(message: Payload, us: str | None) -> bool:
    """Apps have a ``bot_id``."""
    user = message.get("user")
    return isinstance(user, str) and is_slack_person(user) and user not in {us, _SLACKBOT} and not message.get("bot_id")


def text_of(message: Payload) -> str:
    """Slack's mrkdwn; where a message has none, as those of apps often don't, what its attachments say."""
    told = message.get("text")
    if isinstance(told, str) and told:
        return told
    attachments = message.get("attachments")
    first = attachments[0] if isinstance(attachments, list) and attachments else {}
    said = first.get("text") or first.get("fallback") if isinstance(first, dict) else None
    return said if isinstance(said, str) else ""


def files_of(message: Payload) -> int:
    files = message.get("files")
    return len(files) if isinstance(files, list) else 0


def _is_below_us(message: Payload, us: str | None) -> bool | None:
    parent = message.get("parent_user_id") or _object(message, "root").get("user")
    return None if us is None or not isinstance(parent, str) else parent == us


def _object(payload: Payload, name: str) -> Payload:
    found = payload.get(name)
    return found if isinstance(found, dict) else {}


def _channel(payload: Payload) -> str | None:
    channel = payload.get("channel")
    return channel if isinstance(channel, str) and _CHANNEL.fullmatch(channel) else None


def _ts(payload: Payload, name: str) -> str:
    ts = payload.get(name)
    return ts if isinstance(ts, str) and _TS.fullmatch(ts) else ""
