"""What the bot can reach: channels, messages, people; or Slack's error why not."""

from sandbox.channels import Channel
from sandbox.errors import SlackError
from sandbox.messages import Message
from sandbox.people import User
from sandbox.webapi.arguments import Arguments
from sandbox.workspace import Workspace


def channel_by_id(args: Arguments, slack: Workspace) -> Channel:
    """Most methods take an id and no name. Private channels without the bot look absent."""
    channel = slack.channels.get(args.required("channel"))
    if channel is None or (channel.is_private and not channel.bot_is_member):
        raise SlackError("channel_not_found")
    return channel


def channel_to_post_in(args: Arguments, slack: Workspace) -> Channel:
    """chat.postMessage and chat.postEphemeral also take a name, and a person for direct messages."""
    wanted = args.required("channel")
    if wanted in slack.users:
        return slack.direct_messages(wanted)
    channel = slack.channel_named(wanted)
    if channel is None or (channel.is_private and not channel.bot_is_member):
        raise SlackError("channel_not_found")
    if channel.is_archived:
        raise SlackError("is_archived")
    if not channel.bot_is_member and "chat:write.public" not in slack.settings.scopes:
        raise SlackError("not_in_channel")
    return channel


def require_scope(slack: Workspace, *any_of: str) -> None:
    """Source of the shape: https://docs.slack.dev/reference/methods/auth.test#errors"""
    scopes = slack.settings.scopes
    if any_of and not set(any_of) & set(scopes):
        raise SlackError("missing_scope", needed=",".join(any_of), provided=",".join(scopes))


def require_kind_scope(slack: Workspace, channel: Channel, what: str) -> None:
    """`channels:history` for a public channel, `groups:history` for a private one, and so on."""
    prefix = {"im": "im", "private_channel": "groups", "public_channel": "channels"}[channel.kind]
    require_scope(slack, f"{prefix}:{what}")


def message_in(channel: Channel, ts: str, slack: Workspace) -> Message:
    message = slack.messages.find(channel.id, ts)
    if message is None or message.deleted:
        raise SlackError("message_not_found")
    return message


def user_by_id(user_id: str, slack: Workspace) -> User:
    user = slack.users.get(user_id)
    if user is None:
        raise SlackError("user_not_found")
    return user
