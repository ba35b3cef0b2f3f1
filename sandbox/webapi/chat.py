"""chat.*

Source: https://docs.slack.dev/reference/methods?family=chat
"""

from dataclasses import replace
from typing import Any

from sandbox.channels import Channel
from sandbox.content import MOST_UPDATE_TEXT, read_content
from sandbox.errors import RateLimited, SlackError
from sandbox.messages import Content, Message
from sandbox.people import BOT_USER_ID
from sandbox.webapi.arguments import Arguments
from sandbox.webapi.reach import channel_by_id, channel_to_post_in, message_in, user_by_id
from sandbox.workspace import Workspace

# "Generally 1 message per second per channel": https://docs.slack.dev/apis/web-api/rate-limits
SECONDS_BETWEEN_POSTS = 1.0


def post_message(args: Arguments, slack: Workspace) -> dict[str, Any]:
    channel = channel_to_post_in(args, slack)
    content = read_content(args.given)
    thread_ts = _thread(args, channel, slack)
    _pace(channel, slack)
    broadcast = bool(thread_ts) and args.flag("reply_broadcast")
    message = slack.post(channel, content, thread_ts=thread_ts, broadcast=broadcast)
    return {"channel": channel.id, "ts": message.ts, "message": message.as_slack(with_metadata=True)}


def post_ephemeral(args: Arguments, slack: Workspace) -> dict[str, Any]:
    channel = channel_to_post_in(args, slack)
    user = user_by_id(args.required("user"), slack)
    content = read_content(args.given)
    if user.id not in channel.members:
        raise SlackError("user_not_in_channel")
    message = slack.post(channel, content, thread_ts=args.text("thread_ts") or None, visible_to=user.id)
    return {"message_ts": message.ts}


def update(args: Arguments, slack: Workspace) -> dict[str, Any]:
    channel = channel_by_id(args, slack)
    message = message_in(channel, args.required("ts"), slack)
    if message.user != BOT_USER_ID:
        raise SlackError("cant_update_message")
    if channel.is_archived:
        raise SlackError("is_archived")
    message.render(slack.with_ids(_updated(args, message)))
    message.edited = {"user": BOT_USER_ID, "ts": slack.ids.timestamp()}
    text = message.content.text
    said = message.as_slack(with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": text, "message": said}


def delete(args: Arguments, slack: Workspace) -> dict[str, Any]:
    channel = channel_by_id(args, slack)
    message = message_in(channel, args.required("ts"), slack)
    if message.user != BOT_USER_ID:
        raise SlackError("cant_delete_message")
    message.deleted = True
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(args: Arguments, slack: Workspace) -> dict[str, Any]:
    channel = channel_by_id(args, slack)
    message = message_in(channel, args.required("message_ts"), slack)
    link = f"{slack.settings.public_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _thread(args: Arguments, channel: Channel, slack: Workspace) -> str | None:
    """A reply to a reply belongs to the thread of that one; a thread outlives its deleted parent."""
    if not args.has("thread_ts"):
        return None
    parent = slack.messages.find(channel.id, args.text("thread_ts"))
    if parent is None or (parent.deleted and not slack.messages.replies(parent)):
        raise SlackError("thread_not_found")
    return parent.thread_ts or parent.ts


def _pace(channel: Channel, slack: Workspace) -> None:
    now = slack.now()
    if slack.pace_posts and now - channel.last_post_at < SECONDS_BETWEEN_POSTS:
        raise RateLimited(retry_after=1)
    channel.last_post_at = now


def _updated(args: Arguments, message: Message) -> Content:
    """What is not given stays, but for blocks: text without blocks removes them.

    Source: https://docs.slack.dev/reference/methods/chat.update#arg_blocks
    """
    old = message.content
    given = {name: value for name, value in args.given.items() if value is not None}
    if "text" not in given and "blocks" not in given and "attachments" not in given:
        raise SlackError("no_text")
    kept: dict[str, Any] = {"attachments": _without_ids(old.attachments)}
    if "text" not in given:
        kept |= {"text": old.text, "blocks": old.blocks}
    content = read_content({**kept, **given}, most_text=MOST_UPDATE_TEXT)
    return content if "metadata" in given else replace(content, metadata=old.metadata)


def _without_ids(attachments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in one.items() if name != "id"} for one in attachments]
