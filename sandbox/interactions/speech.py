"""What people say, change, delete and react to, as events. The bot hears of it where it is a member.

Source: https://docs.slack.dev/reference/events/message and https://docs.slack.dev/reference/events/reaction_added.
Of its own messages the sandbox tells the bot nothing, though Slack does.
"""

from typing import Any

from sandbox.channels import Channel
from sandbox.errors import Refused
from sandbox.interactions.events import send_event
from sandbox.messages import Content, Message
from sandbox.people import User
from sandbox.sandbox import Sandbox
from sandbox.workspace import Workspace

Result = dict[str, Any]
Payload = dict[str, Any]

_KINDS = {"public_channel": "channel", "private_channel": "group", "im": "im"}
_HISTORY = {"public_channel": "channels:history", "private_channel": "groups:history", "im": "im:history"}


async def say(
    sandbox: Sandbox, user: User, channel: Channel, text: str, *, thread_ts: str | None, broadcast: bool, files: int
) -> Result:
    slack = sandbox.workspace
    root = _root(channel, thread_ts, slack)
    content = Content(text, [], [])
    thread = None if root is None else root.thread_ts or root.ts
    message = slack.post(channel, content, user=user.id, thread_ts=thread, broadcast=broadcast and root is not None)
    message.files = [_file(slack, user) for _ in range(files)]
    event = {**_told(message, slack), "channel": channel.id, "channel_type": _KINDS[channel.kind]}
    event["event_ts"] = message.ts
    if message.files:
        event |= {"subtype": "file_share", "upload": False}
    if message.broadcast and root is not None:
        event |= {"subtype": "thread_broadcast", "root": root.as_slack(with_metadata=False)}
    told = await _tell(sandbox, channel, event, _HISTORY[channel.kind])
    return {"channel": channel.id, "ts": message.ts, **told}


async def edit(sandbox: Sandbox, user: User, channel: Channel, message: Message, text: str) -> Result:
    """Only one's own. Slack tells nothing of an edit that changes nothing."""
    slack = sandbox.workspace
    if message.user != user.id:
        raise Refused(409, f"{user.id} can't edit a message by {message.user}")
    if text == message.content.text:
        return {"channel": channel.id, "ts": message.ts}
    before = _told(message, slack)
    message.render(Content(text, [], []))
    message.edited = {"user": user.id, "ts": slack.ids.timestamp()}
    event = _hidden("message_changed", channel, slack) | {"message": _told(message, slack), "previous_message": before}
    told = await _tell(sandbox, channel, event, _HISTORY[channel.kind])
    return {"channel": channel.id, "ts": message.ts, **told}


async def delete(sandbox: Sandbox, channel: Channel, message: Message) -> Result:
    """What has replies leaves a tombstone, of which Slack tells as of an edit."""
    slack = sandbox.workspace
    before = _told(message, slack)
    message.deleted = True
    if not message.is_reply and slack.messages.replies(message):
        tombstone = {
            "type": "message",
            "subtype": "tombstone",
            "user": "USLACKBOT",
            "text": "This message was deleted.",
            "hidden": True,
            "ts": message.ts,
            "thread_ts": message.ts,
        }
        event = _hidden("message_changed", channel, slack) | {"message": tombstone, "previous_message": before}
    else:
        event = _hidden("message_deleted", channel, slack)
        event |= {"deleted_ts": message.ts, "previous_message": before}
    told = await _tell(sandbox, channel, event, _HISTORY[channel.kind])
    return {"channel": channel.id, "ts": message.ts, **told}


async def react(sandbox: Sandbox, user: User, channel: Channel, message: Message, name: str, *, on: bool) -> Result:
    """Put a reaction there, or take one's own away."""
    slack = sandbox.workspace
    users = message.reactions.setdefault(name, [])
    if (user.id in users) is on:
        raise Refused(409, f"{user.id} has {'already' if on else 'not'} reacted with :{name}:")
    (users.append if on else users.remove)(user.id)
    if not users:
        del message.reactions[name]
    event = {
        "type": "reaction_added" if on else "reaction_removed",
        "user": user.id,
        "reaction": name,
        "item_user": message.user,
        "item": {"type": "message", "channel": channel.id, "ts": message.ts},
        "event_ts": slack.ids.timestamp(),
    }
    told = await _tell(sandbox, channel, event, "reactions:read")
    return {"channel": channel.id, "ts": message.ts, **told}


async def _tell(sandbox: Sandbox, channel: Channel, event: Payload, scope: str) -> Result:
    """What the bot answered; nothing where it is not told, since it is no member or may not read there."""
    if not channel.bot_is_member or scope not in sandbox.settings.scopes:
        return {}
    return await send_event(sandbox, event, None)


def _hidden(subtype: str, channel: Channel, slack: Workspace) -> Payload:
    """What is told of a message that is there already; `ts` is of the telling."""
    ts = slack.ids.timestamp()
    told: Payload = {"type": "message", "subtype": subtype, "channel": channel.id, "ts": ts, "event_ts": ts}
    return told | {"channel_type": _KINDS[channel.kind], "hidden": True}


def _told(message: Message, slack: Workspace) -> Payload:
    """A reply names who wrote what it replies to."""
    told = message.as_slack(with_metadata=False)
    told |= {"client_msg_id": f"{message.channel}-{message.ts}"}
    root = slack.messages.find(message.channel, message.thread_ts) if message.thread_ts and message.is_reply else None
    return told | ({"parent_user_id": root.user} if root else {})


def _root(channel: Channel, thread_ts: str | None, slack: Workspace) -> Message | None:
    """A thread outlives its deleted parent, as long as it has replies."""
    if thread_ts is None:
        return None
    root = slack.messages.find(channel.id, thread_ts)
    if root is None:
        raise Refused(404, f"there is no message {thread_ts!r} in #{channel.name} to reply to")
    return root


def _file(slack: Workspace, user: User) -> Payload:
    file_id = slack.ids.new("F")
    told = {"id": file_id, "name": f"{file_id}.png", "title": file_id, "mimetype": "image/png", "filetype": "png"}
    return told | {"user": user.id, "mode": "hosted", "size": 1}
