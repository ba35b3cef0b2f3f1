"""conversations.*

Source: https://docs.slack.dev/reference/methods?family=conversations
"""

import re
from typing import Any

from sandbox.channels import Channel
from sandbox.errors import SlackError
from sandbox.messages import Message
from sandbox.people import BOT_USER_ID
from sandbox.webapi.arguments import Arguments
from sandbox.webapi.paging import next_cursor, page
from sandbox.webapi.reach import channel_by_id, require_kind_scope, user_by_id
from sandbox.workspace import Workspace


def history(args: Arguments, slack: Workspace) -> dict[str, Any]:
    """Newest first; what stands only in threads is left out."""
    channel = _readable(args, slack)
    said = [m for m in slack.messages.in_channel(channel.id) if m.in_channel_view and _is_shown(m, slack)]
    return _page_of(said[::-1], args, slack)


def replies(args: Arguments, slack: Workspace) -> dict[str, Any]:
    """Oldest first, the parent before all. The ts of a reply finds its thread's parent too."""
    channel = _readable(args, slack)
    asked = slack.messages.find(channel.id, args.required("ts"))
    parent = slack.messages.find(channel.id, asked.thread_ts or asked.ts) if asked else None
    if parent is None or not _is_shown(parent, slack):
        raise SlackError("thread_not_found")
    return _page_of([parent, *slack.messages.replies(parent)], args, slack)


def _readable(args: Arguments, slack: Workspace) -> Channel:
    channel = channel_by_id(args, slack)
    require_kind_scope(slack, channel, "history")
    if not channel.bot_is_member:
        raise SlackError("not_in_channel")
    return channel


def _is_shown(message: Message, slack: Workspace) -> bool:
    """A deleted message leaves a tombstone behind when it has replies."""
    return not message.deleted or bool(slack.messages.replies(message))


def _page_of(said: list[Message], args: Arguments, slack: Workspace) -> dict[str, Any]:
    oldest, latest = _seconds(args, "oldest", 0.0), _seconds(args, "latest", float("inf"))
    inclusive = args.flag("inclusive")
    within = [m for m in said if oldest < float(m.ts) < latest or (inclusive and float(m.ts) in (oldest, latest))]
    shown, cursor = page(within, args)
    with_metadata = args.flag("include_all_metadata")
    answer: dict[str, Any] = {
        "messages": [_as_told(m, slack, with_metadata) for m in shown],
        "has_more": bool(cursor),
    }
    return answer | (next_cursor(cursor) if cursor else {})


def _seconds(args: Arguments, name: str, default: float) -> float:
    try:
        return float(args.text(name) or default)
    except ValueError:
        raise SlackError(f"invalid_ts_{name}") from None


def _as_told(message: Message, slack: Workspace, with_metadata: bool) -> dict[str, Any]:
    told = message.as_slack(with_metadata=with_metadata)
    if message.deleted:
        told = {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "ts": message.ts}
        told |= {"text": "This message was deleted.", "hidden": True}
    answers = [] if message.is_reply else slack.messages.replies(message)
    if answers:
        told |= {
            "thread_ts": message.ts,
            "reply_count": len(answers),
            "reply_users": sorted({answer.user for answer in answers}),
            "latest_reply": answers[-1].ts,
        }
    return told


def list_channels(args: Arguments, slack: Workspace) -> dict[str, Any]:
    kinds = args.words("types", "public_channel")
    seen = [c for c in slack.channels.values() if c.kind in kinds and (not c.is_private or c.bot_is_member)]
    if args.flag("exclude_archived"):
        seen = [channel for channel in seen if not channel.is_archived]
    shown, cursor = page(seen, args)
    return {"channels": [channel.as_slack() for channel in shown], **next_cursor(cursor)}


def info(args: Arguments, slack: Workspace) -> dict[str, Any]:
    channel = channel_by_id(args, slack)
    require_kind_scope(slack, channel, "read")
    return {"channel": channel.as_slack()}


def members(args: Arguments, slack: Workspace) -> dict[str, Any]:
    channel = channel_by_id(args, slack)
    require_kind_scope(slack, channel, "read")
    shown, cursor = page(channel.members, args)
    return {"members": list(shown), **next_cursor(cursor)}


def open_direct(args: Arguments, slack: Workspace) -> dict[str, Any]:
    users = args.words("users")
    if len(users) != 1:
        raise SlackError("users_list_not_supplied" if not users else "not_enough_users")
    channel = slack.direct_messages(user_by_id(users[0], slack).id)
    return {"channel": channel.as_slack()}


def create(args: Arguments, slack: Workspace) -> dict[str, Any]:
    name = args.text("name")
    if not name:
        raise SlackError("invalid_name_required")
    if len(name) > 80:
        raise SlackError("invalid_name_maxlength")
    if not re.fullmatch(r"[\w-]+", name) or name != name.lower():
        raise SlackError("invalid_name_specials")
    if any(channel.name == name for channel in slack.channels.values()):
        raise SlackError("name_taken")
    private = args.flag("is_private")
    channel = Channel(slack.ids.new("C"), name, [BOT_USER_ID], is_private=private)
    slack.channels[channel.id] = channel
    return {"channel": channel.as_slack()}


def join(args: Arguments, slack: Workspace) -> dict[str, Any]:
    channel = channel_by_id(args, slack)
    if channel.kind != "public_channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    if not channel.bot_is_member:
        channel.members.append(BOT_USER_ID)
        return {"channel": channel.as_slack()}
    return {"channel": channel.as_slack(), "warning": "already_in_channel"}


def invite(args: Arguments, slack: Workspace) -> dict[str, Any]:
    channel = channel_by_id(args, slack)
    if channel.is_archived:
        raise SlackError("is_archived")
    if not channel.bot_is_member:
        raise SlackError("not_in_channel")
    users = [user_by_id(user, slack).id for user in args.words("users")]
    if not users:
        raise SlackError("no_user")
    if BOT_USER_ID in users:
        raise SlackError("cant_invite_self")
    if all(user in channel.members for user in users):
        raise SlackError("already_in_channel")
    channel.members += [user for user in users if user not in channel.members]
    return {"channel": channel.as_slack()}
