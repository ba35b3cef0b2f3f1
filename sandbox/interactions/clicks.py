"""Somebody presses a button or chooses from a menu: in a message, an ephemeral message or a view."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.channels import Channel
from sandbox.errors import Refused
from sandbox.interactions import payloads
from sandbox.interactions.elements import STATE, Block, Element, choose, find_element, state_of, view_state
from sandbox.messages import Content, Message
from sandbox.people import User
from sandbox.views import View
from sandbox.workspace import Workspace

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Press:
    """`value` picks among options. `raw_value` is sent as it is, as from a rendering of long ago."""

    user: User
    action_id: str
    block_id: str | None = None
    value: Any = None
    raw_value: str | None = None


def press_in_message(press: Press, channel: Channel, ts: str, slack: Workspace) -> Payload:
    """The block_actions payload. Raises Refused when there is nothing to press."""
    message = _message(press.user, channel, ts, slack)
    block, element, attachment_id = _find(press, message)
    chosen = _chosen(press, element, slack)
    _remember(message.chosen, block, element, chosen)
    blocks = [b for _, bs in _places(message.content) for b in bs]
    told = _block_actions(press, block, element, chosen, slack)
    return told | {
        "container": payloads.message_container(message, attachment_id),
        "channel": payloads.named(channel),
        "message": _told(message),
        "state": {"values": state_of(blocks, message.chosen)},
        "response_url": slack.response_urls.issue(channel.id, press.user.id, message),
    }


def press_in_view(press: Press, view: View, slack: Workspace) -> Payload:
    """The same in a modal or Home tab, whose own state remembers what was chosen."""
    found = find_element(view.blocks, press.action_id, press.block_id)
    if found is None:
        raise Refused(404, f"the view has no element {press.action_id!r}")
    block, element = found
    chosen = _chosen(press, element, slack)
    _remember(view.chosen, block, element, chosen)
    told = _block_actions(press, block, element, chosen, slack)
    return told | {
        "container": {"type": "view", "view_id": view.id},
        "view": view.as_slack(view_state(view)),
    }


def _message(user: User, channel: Channel, ts: str, slack: Workspace) -> Message:
    message = slack.messages.find(channel.id, ts) or slack.messages.find_ephemeral(channel.id, ts)
    if message is None or message.visible_to not in (None, user.id):
        raise Refused(404, f"{user.id} sees no message {ts} in #{channel.name}")
    if message.deleted:
        raise Refused(409, f"the message {ts} in #{channel.name} was deleted")
    return message


def _places(content: Content) -> Iterator[tuple[int | None, list[dict[str, Any]]]]:
    """(attachment id or None, blocks)."""
    yield None, content.blocks
    for attachment in content.attachments:
        yield attachment["id"], attachment.get("blocks", [])


def _find(press: Press, message: Message) -> tuple[Block, Element, int | None]:
    """A stale click finds what an older rendering showed, the latest one first."""
    older = list(message.renderings)[::-1] if press.raw_value is not None else []
    for content in (message.content, *older):
        for attachment_id, blocks in _places(content):
            if found := find_element(blocks, press.action_id, press.block_id):
                return *found, attachment_id
    raise Refused(404, f"the message {message.ts} has no element {press.action_id!r}")


def _chosen(press: Press, element: Element, slack: Workspace) -> Payload:
    if press.raw_value is None:
        return choose(element, press.value, slack)
    if element["type"] == "button":
        return {"value": press.raw_value}
    if element["type"] == "overflow" or STATE[element["type"]][0] == "selected_option":
        text = {"type": "plain_text", "text": press.raw_value, "emoji": True}
        return {"selected_option": {"text": text, "value": press.raw_value}}
    return {STATE[element["type"]][0]: press.raw_value}


def _remember(held: dict[tuple[str, str], Payload], block: Block, element: Element, chosen: Mapping[str, Any]) -> None:
    if element["type"] in STATE:
        held[block["block_id"], element["action_id"]] = {"type": element["type"], **chosen}


def _block_actions(press: Press, block: Block, element: Element, chosen: Payload, slack: Workspace) -> Payload:
    return {
        **payloads.who_and_where("block_actions", press.user),
        "trigger_id": slack.triggers.issue(press.user.id),
        "actions": [payloads.action(block, element, chosen, slack.ids.timestamp())],
    }


def _told(message: Message) -> Payload:
    if message.visible_to:
        return payloads.ephemeral_message(message)
    return message.as_slack(with_metadata=True)
