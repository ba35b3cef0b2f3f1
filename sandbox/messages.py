"""Messages, public and ephemeral."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.people import APP_ID, BOT_ID, BOT_USER_ID, TEAM_ID

Block = dict[str, Any]

# Old renderings are kept for stale clicks only.
KEPT_RENDERINGS = 20


@dataclass(slots=True)
class Content:
    """What a message says, checked."""

    text: str
    blocks: list[Block]
    attachments: list[dict[str, Any]]
    metadata: dict[str, Any] | None = None


@dataclass(slots=True)
class Message:
    """`visible_to`: the one person who sees an ephemeral message, None when everybody does."""

    channel: str
    ts: str
    user: str
    content: Content
    thread_ts: str | None = None
    broadcast: bool = False
    visible_to: str | None = None
    edited: dict[str, str] | None = None
    deleted: bool = False
    files: list[dict[str, Any]] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    chosen: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    renderings: deque[Content] = field(default_factory=lambda: deque(maxlen=KEPT_RENDERINGS))

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def in_channel_view(self) -> bool:
        """Stands in the channel itself, not only in a thread."""
        return not self.is_reply or self.broadcast

    def render(self, content: Content) -> None:
        self.renderings.append(self.content)
        self.content = content

    def as_slack(self, *, with_metadata: bool) -> dict[str, Any]:
        """As conversations.history tells it. Without `with_metadata` the payload stays away."""
        said: dict[str, Any] = {"type": "message", "user": self.user, "ts": self.ts, "text": self.content.text}
        said["team"] = TEAM_ID
        if self.user == BOT_USER_ID:
            said |= {"bot_id": BOT_ID, "app_id": APP_ID}
        if self.content.blocks:
            said["blocks"] = self.content.blocks
        if self.content.attachments:
            said["attachments"] = self.content.attachments
        if self.content.metadata:
            said["metadata"] = self._metadata(with_metadata)
        return said | self._circumstances()

    def _metadata(self, whole: bool) -> dict[str, Any]:
        metadata = self.content.metadata or {}
        return metadata if whole else {"event_type": metadata.get("event_type")}

    def _circumstances(self) -> dict[str, Any]:
        extra: dict[str, Any] = {"files": self.files} if self.files else {}
        if self.thread_ts:
            extra["thread_ts"] = self.thread_ts
        if self.broadcast:
            extra["subtype"] = "thread_broadcast"
        if self.edited:
            extra["edited"] = self.edited
        if self.reactions:
            extra["reactions"] = [
                {"name": name, "users": users, "count": len(users)} for name, users in self.reactions.items()
            ]
        return extra

    def as_control(self) -> dict[str, Any]:
        """As `/_control/messages` tells it: everything, always with the same fields."""
        return {
            "channel": self.channel,
            "ts": self.ts,
            "user": self.user,
            "text": self.content.text,
            "blocks": self.content.blocks,
            "attachments": self.content.attachments,
            "metadata": self.content.metadata,
            "thread_ts": self.thread_ts,
            "broadcast": self.broadcast,
            "edited": self.edited,
            "deleted": self.deleted,
            "files": self.files,
            "reactions": self.reactions,
            "ephemeral": self.visible_to is not None,
        }


class Messages:
    """All messages in the order of their `ts`."""

    def __init__(self) -> None:
        self._public: dict[str, dict[str, Message]] = {}
        self._ephemeral: dict[tuple[str, str], Message] = {}
        self._threads: dict[tuple[str, str], list[Message]] = {}

    def add(self, message: Message) -> None:
        if message.visible_to:
            self._ephemeral[message.channel, message.ts] = message
        else:
            self._public.setdefault(message.channel, {})[message.ts] = message
            if message.is_reply and message.thread_ts:
                self._threads.setdefault((message.channel, message.thread_ts), []).append(message)

    def find(self, channel: str, ts: str) -> Message | None:
        """A message that everybody sees, deleted ones too."""
        return self._public.get(channel, {}).get(ts)

    def find_ephemeral(self, channel: str, ts: str) -> Message | None:
        return self._ephemeral.get((channel, ts))

    def in_channel(self, channel: str) -> list[Message]:
        return list(self._public.get(channel, {}).values())

    def replies(self, parent: Message) -> list[Message]:
        """Those that were not deleted, oldest first."""
        thread = self._threads.get((parent.channel, parent.ts), [])
        return [message for message in thread if not message.deleted]

    def ephemerals_for(self, user: str) -> Iterator[Message]:
        return (m for m in self._ephemeral.values() if m.visible_to == user and not m.deleted)
