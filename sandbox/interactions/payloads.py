"""The payloads of interactions, commands and events, exactly as Slack shapes them. Pure.

Source: https://docs.slack.dev/reference/interaction-payloads and
https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from collections.abc import Mapping
from typing import Any

from sandbox.channels import Channel
from sandbox.messages import Message
from sandbox.people import APP_ID, BOT_ID, BOT_USER_ID, TEAM_ID, User

Payload = dict[str, Any]


def who_and_where(kind: str, user: User) -> Payload:
    return {
        "type": kind,
        "team": {"id": TEAM_ID, "domain": "sandbox"},
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
        "api_app_id": APP_ID,
        "token": "sandbox",
        "enterprise": None,
        "is_enterprise_install": False,
    }


def named(channel: Channel) -> Payload:
    """Slack names neither direct messages nor private channels."""
    return {"id": channel.id, "name": _name(channel)}


def _name(channel: Channel) -> str:
    if channel.dm_with:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def message_container(message: Message, attachment_id: int | None) -> Payload:
    container: Payload = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.visible_to is not None,
    }
    if attachment_id is not None:
        container |= {"type": "message_attachment", "attachment_id": attachment_id, "is_app_unfurl": False}
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    return container


def action(block: Mapping[str, Any], element: Mapping[str, Any], chosen: Payload, ts: str) -> Payload:
    """One entry of `actions`."""
    told = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        **chosen,
        "action_ts": ts,
    }
    copied = {name: element[name] for name in ("text", "style", "placeholder", "url") if name in element}
    return copied | told


def slash_command(
    user: User, channel: Channel, *, command: str, text: str, trigger_id: str, response_url: str
) -> dict[str, str]:
    return {
        "token": "sandbox",
        "team_id": user.team_id,
        "team_domain": "sandbox",
        "channel_id": channel.id,
        "channel_name": _name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def event_callback(event: Mapping[str, Any], *, event_id: str, at: int) -> Payload:
    """`at`: epoch seconds."""
    return {
        "token": "sandbox",
        "team_id": TEAM_ID,
        "api_app_id": APP_ID,
        "event": dict(event),
        "type": "event_callback",
        "event_id": event_id,
        "event_time": at,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM_ID,
                "user_id": BOT_USER_ID,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{event_id}",
    }


def ephemeral_message(message: Message) -> Payload:
    """Slack tells little about an ephemeral message that was clicked."""
    return {"type": "message", "user": BOT_USER_ID, "bot_id": BOT_ID, "app_id": APP_ID, "ts": message.ts}
