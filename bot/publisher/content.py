"""What a message says, in a form that can be compared; and as plain text, where Slack refuses its blocks."""

import hashlib
from dataclasses import replace

from base import codec
from bot.message import Message

_LONGEST_PLAIN = 3900


def sha256_of(message: Message) -> str:
    """Lower-case hex of text and blocks. It travels in the message's metadata, which Slack gives back unchanged."""
    return hashlib.sha256(codec.dumps([message.text, message.blocks]).encode("utf-8", "surrogatepass")).hexdigest()


def unless_refused(message: Message, refused_sha256: str | None) -> Message:
    """The same; as plain text, where Slack has refused just this before."""
    if refused_sha256 is None or sha256_of(message) != refused_sha256:
        return message
    return replace(message, blocks=[], text=message.text[:_LONGEST_PLAIN])
