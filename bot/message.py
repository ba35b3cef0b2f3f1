"""What Slack is asked to show."""

from dataclasses import dataclass
from typing import Any

Block = dict[str, Any]
"""One element of Block Kit as JSON: https://docs.slack.dev/reference/block-kit"""


@dataclass(frozen=True, slots=True)
class Message:
    """What a post or an update carries.

    ``text`` is a full sentence, at most 4,000 characters: with blocks, notifications and screen readers read only it.
    ``blocks`` are at most 50; empty where the text says it all. ``broadcast``: the channel sees it, too, if
    it stands in a thread. ``in_channel``: an answer to a command that everybody there sees.
    """

    text: str
    blocks: list[Block]
    broadcast: bool = False
    in_channel: bool = False
