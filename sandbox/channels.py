"""Channels and direct messages."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.people import BOT_USER_ID


@dataclass(slots=True)
class Channel:
    """`dm_with`: the person, when it is the bot's direct messages with one. `last_post_at`: epoch seconds."""

    id: str
    name: str
    members: list[str] = field(default_factory=list)
    is_private: bool = False
    is_archived: bool = False
    dm_with: str | None = None
    last_post_at: float = 0.0
    pins: list[str] = field(default_factory=list)
    bookmarks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def bot_is_member(self) -> bool:
        return BOT_USER_ID in self.members

    @property
    def kind(self) -> str:
        """As `types` of conversations.list names it."""
        if self.dm_with:
            return "im"
        return "private_channel" if self.is_private else "public_channel"

    def as_slack(self) -> dict[str, Any]:
        if self.dm_with:
            return {"id": self.id, "is_im": True, "user": self.dm_with, "is_archived": self.is_archived}
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.is_private,
            "is_archived": self.is_archived,
            "is_general": self.id == "C0GENERAL",
            "is_member": self.bot_is_member,
            "is_shared": False,
            "num_members": len(self.members),
        }


def first_channels() -> dict[str, Channel]:
    everyone = ["U0ALICE", "U0BOB", "U0CAROL", BOT_USER_ID]
    channels = [
        Channel("C0INCIDENTS", "incidents", list(everyone)),
        Channel("C0GENERAL", "general", list(everyone)),
    ]
    return {channel.id: channel for channel in channels}
