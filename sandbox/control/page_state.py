"""`/_control/state`: all that the page shows to one person, as one JSON."""

from collections.abc import Iterable
from typing import Any

from sandbox.channels import Channel
from sandbox.interactions.elements import view_state
from sandbox.messages import Message
from sandbox.people import User
from sandbox.views import View
from sandbox.workspace import Workspace

COMMANDS = ["/incident"]
SHORTCUTS = [
    {"type": "message", "name": "Add to incident", "callback_id": "add_to_incident"},
    {"type": "message", "name": "Declare an incident", "callback_id": "declare_from_message"},
]
# Per channel: a page with more helps nobody.
MOST_SHOWN = 200


def page_state(user: User, slack: Workspace) -> dict[str, Any]:
    """What `user` sees::

        {
          "intro": str,
          "user": "U0ALICE",
          "users": [{"id", "name", "real_name", "is_bot"}],
          "groups": [{"id", "handle", "name", "members": [user id]}],
          "channels": [{
            "id", "name", "is_private", "is_archived", "is_dm", "bot_is_member", "bookmarks", "pins",
            "messages": [message]     # the last 200 in the channel, oldest first, this user's ephemerals too
          }],
          "views": [view],            # open modals, the top one last
          "home": view | null,
          "commands": ["/incident"],
          "shortcuts": [{"type", "name", "callback_id"}]     # of the menu of a message ("message")
        }

    A message is `{channel, ts, user, text, blocks, attachments, metadata, thread_ts, broadcast,
    edited: null | {user, ts}, deleted, files, reactions: {name: [user id]}, ephemeral: bool,
    state: {block_id: {action_id: {type, …}}}, replies: [message]}` (replies oldest first, none inside
    replies). A reply that was also sent to the channel stands in both places with `broadcast: true`.
    A deleted message appears (`deleted: true`) only while it has replies. Blocks always have a block_id,
    their elements an action_id.

    A view is as Slack shapes it (`id, type, title, submit, close, blocks, callback_id, private_metadata,
    hash, state: {values: {block_id: {action_id: {type, value | selected_…}}}}`, …) and
    `errors: {block_id: text}` below its inputs ("" for the form as a whole).
    """
    return {
        "intro": slack.settings.intro,
        "user": user.id,
        "users": [_user(one) for one in slack.users.values()],
        "groups": [
            {"id": g.id, "handle": g.handle, "name": g.name, "members": g.members} for g in slack.groups.values()
        ],
        "channels": [_channel(c, user, slack) for c in slack.channels.values() if _sees(user, c)],
        "views": [told_view(view) for view in slack.views.stack(user.id)],
        "home": told_view(home) if (home := slack.views.home(user.id)) else None,
        "commands": COMMANDS,
        "shortcuts": SHORTCUTS,
    }


def told_view(view: View) -> dict[str, Any]:
    return {**view.as_slack(view_state(view)), "errors": view.errors}


def _user(user: User) -> dict[str, Any]:
    return {"id": user.id, "name": user.name, "real_name": user.real_name, "is_bot": user.is_bot}


def _sees(user: User, channel: Channel) -> bool:
    return channel.kind == "public_channel" or user.id in channel.members


def _channel(channel: Channel, user: User, slack: Workspace) -> dict[str, Any]:
    return {
        "id": channel.id,
        "name": channel.name,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_dm": channel.dm_with is not None,
        "bot_is_member": channel.bot_is_member,
        "bookmarks": channel.bookmarks,
        "pins": channel.pins,
        "messages": _messages(channel, user, slack),
    }


def _messages(channel: Channel, user: User, slack: Workspace) -> list[dict[str, Any]]:
    own = [m for m in slack.messages.ephemerals_for(user.id) if m.channel == channel.id]
    said = sorted([*slack.messages.in_channel(channel.id), *own], key=lambda m: m.ts)
    threads = _threads(said)
    shown = [m for m in said if m.in_channel_view and (not m.deleted or threads.get(m.ts))]
    return [_message(m, threads.get(m.ts, [])) for m in shown[-MOST_SHOWN:]]


def _threads(said: Iterable[Message]) -> dict[str, list[Message]]:
    threads: dict[str, list[Message]] = {}
    for message in said:
        if message.is_reply and message.thread_ts and not message.deleted:
            threads.setdefault(message.thread_ts, []).append(message)
    return threads


def _message(message: Message, replies: list[Message]) -> dict[str, Any]:
    held: dict[str, dict[str, Any]] = {}
    for (block_id, action_id), value in message.chosen.items():
        held.setdefault(block_id, {})[action_id] = value
    return {**message.as_control(), "state": held, "replies": [_message(reply, []) for reply in replies]}
