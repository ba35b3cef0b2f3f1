"""A message of Slack's as the domain takes it: as people read it, with the names of who is mentioned."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.as_read import as_read, mentioned
from bot.blocks.text import is_slack_person
from bot.client import SLACK_ERRORS
from bot.desk import Desk
from bot.heard import Said, files_of, text_of
from incidents.threads import Spoken

_NAMES_SECONDS = 0.5
_MOST_NAMES = 10
_UNREADABLE = {"channel_not_found", "not_in_channel", "missing_scope", "is_archived"}
_GONE = {"thread_not_found", "message_not_found"}

logger = logging.getLogger(__name__)


class Unreadable(Exception):
    """Slack does not let us read there: we are no member."""


class NoMessage(Exception):
    """There is no such message any more."""


async def spoken_reply(desk: Desk, said: Said) -> Spoken:
    text, is_clipped = as_read(said.text, await _names(desk, said.text))
    link = desk.identity.link_to(said.channel_id, said.ts, thread_ts=said.thread_ts)
    return Spoken(said.channel_id, said.ts, said.user, text, is_clipped, said.files, link)


async def spoken_message(desk: Desk, channel_id: str, message: Mapping[str, Any]) -> Spoken:
    """``message`` as Slack tells it, of a person or of an app, in a thread or not."""
    told = text_of(message)
    text, is_clipped = as_read(told, await _names(desk, told))
    ts, thread_ts = str(message["ts"]), message.get("thread_ts")
    link = desk.identity.link_to(channel_id, ts, thread_ts=thread_ts)
    return Spoken(channel_id, ts, author_of(message), text, is_clipped, files_of(message), link)


def author_of(message: Mapping[str, Any]) -> str:
    """Its Slack user id; of an app without one its name, marked as such: it may be called like a person's id."""
    if isinstance(user := message.get("user"), str) and is_slack_person(user):
        return user
    profile = message.get("bot_profile")
    app = profile.get("name") if isinstance(profile, dict) else None
    return f"app:{message.get('username') or app or message.get('bot_id') or 'an app'}"[:128]


async def find_message(desk: Desk, channel_id: str, ts: str) -> Mapping[str, Any]:
    """The message as Slack tells it now, in a thread or not. Raises Unreadable, NoMessage, and what the SDK raises.

    Source: https://docs.slack.dev/reference/methods/conversations.replies, which takes a reply's ts, too.
    """
    try:
        told = await desk.identity.client.conversations_replies(
            channel=channel_id, ts=ts, oldest=ts, latest=ts, inclusive=True, limit=10
        )
    except SlackApiError as error:
        code = error.response.get("error")
        if code in _GONE:
            raise NoMessage from error
        if code in _UNREADABLE:
            raise Unreadable from error
        raise
    found = next((one for one in told["messages"] if one.get("ts") == ts), None)
    if found is None or found.get("subtype") == "tombstone":
        raise NoMessage
    message: Mapping[str, Any] = found
    return message


async def _names(desk: Desk, text: str) -> dict[str, str]:
    """Of those who are mentioned, as far as they are known or Slack tells them in time."""
    ids = mentioned(text)[:_MOST_NAMES]
    try:
        async with asyncio.timeout(_NAMES_SECONDS):
            await asyncio.gather(*(desk.directory.person(one) for one in ids))
    except (TimeoutError, *SLACK_ERRORS) as error:
        told = {"action": "slack_names", "error": str(error) or type(error).__name__}
        logger.info("slack does not tell names in time", extra=told)
    known = {one: desk.directory.known(one) for one in ids}
    return {one: person.name for one, person in known.items() if person is not None}
