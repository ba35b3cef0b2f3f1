"""reactions.add, pins.add, bookmarks.add.

Source: https://docs.slack.dev/reference/methods
"""

from typing import Any

from sandbox.errors import SlackError
from sandbox.people import BOT_USER_ID
from sandbox.webapi.arguments import Arguments
from sandbox.webapi.reach import channel_by_id, message_in
from sandbox.workspace import Workspace


def add_reaction(args: Arguments, slack: Workspace) -> dict[str, Any]:
    channel = channel_by_id(args, slack)
    message = message_in(channel, args.required("timestamp"), slack)
    if not args.has("name"):
        raise SlackError("invalid_name")
    users = message.reactions.setdefault(args.text("name").strip(":"), [])
    if BOT_USER_ID in users:
        raise SlackError("already_reacted")
    users.append(BOT_USER_ID)
    return {}


def add_pin(args: Arguments, slack: Workspace) -> dict[str, Any]:
    channel = channel_by_id(args, slack)
    if not channel.bot_is_member:
        raise SlackError("not_in_channel")
    message = message_in(channel, args.required("timestamp"), slack)
    if message.ts in channel.pins:
        raise SlackError("already_pinned")
    channel.pins.append(message.ts)
    return {}


def add_bookmark(args: Arguments, slack: Workspace) -> dict[str, Any]:
    given = {**args.given, "channel": args.text("channel_id")}
    channel = channel_by_id(Arguments(given), slack)
    if args.required("type") != "link":
        raise SlackError("invalid_bookmark_type")
    bookmark = {
        "id": slack.ids.new("Bk"),
        "channel_id": channel.id,
        "title": args.required("title"),
        "link": args.required("link"),
        "emoji": args.text("emoji"),
        "type": "link",
    }
    channel.bookmarks.append(bookmark)
    return {"bookmark": bookmark}
