"""Messages in Slack that are on timelines: replies in a card's thread, and what people put there by hand.

The timeline is append-only: what is edited or deleted in Slack is told by a further event. Beside it stands what a
message says now, which is what people are shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from incidents.model import Incident

LONGEST_TEXT = 2500
"""Characters of a message that are kept: as many as a typed note may have. The rest stays where it was written."""


class ToldAs(StrEnum):
    """What a message is to an incident. It may be both."""

    NOTE = "note"
    """A reply in its thread."""
    ENTRY = "entry"
    """Somebody has put it on the timeline, by 📌 or by the shortcut."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message as people read it, at most ``LONGEST_TEXT`` characters of it.

    ``channel_id`` and ``ts`` are Slack's. ``author`` is a Slack user id, or ``app:`` and an app's name. ``link`` leads
    to the message; None while the workspace's address isn't known.
    """

    channel_id: str
    ts: str
    author: str
    text: str
    is_clipped: bool = False
    files: int = 0
    link: str | None = None

    def as_data(self) -> dict[str, Any]:
        """For an event."""
        told: dict[str, Any] = {"text": self.text, "channel": self.channel_id, "ts": self.ts}
        told |= {"clipped": True} if self.is_clipped else {}
        told |= {"files": self.files} if self.files else {}
        return told | ({"link": self.link} if self.link else {})


@dataclass(frozen=True, slots=True)
class Pin:
    """Whether somebody wants a message on the timeline, and since when: ``at`` is Slack's timestamp."""

    at: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A message that an incident's timeline tells, as it stands now.

    ``event_id`` is of the event that tells it; None: it was taken back before it was told. ``edited_ts`` is of the
    newest edit that was heard of, ``""``: none. ``is_gone``: it is not shown any more. ``pins`` are by Slack user id.
    ``id`` None: it is not stored yet.
    """

    channel_id: str
    ts: str
    incident_id: int
    kind: ToldAs
    author: str
    text: str
    is_clipped: bool = False
    files: int = 0
    event_id: int | None = None
    edited_ts: str = ""
    is_gone: bool = False
    pins: Mapping[str, Pin] = field(default_factory=dict)
    id: int | None = None

    @property
    def is_shown(self) -> bool:
        return self.event_id is not None and not self.is_gone

    @property
    def is_pinned(self) -> bool:
        return any(pin.is_on for pin in self.pins.values())


class Threads(Protocol):
    """All of it belongs to the unit of work's tenant and transaction."""

    async def hear(self, event_id: str) -> bool:
        """Remember an event of Slack's. False: it was heard before, here or in another process."""

    async def forget(self, *, before: datetime, limit: int) -> int:
        """Forget at most so many events that were heard before then; how many."""

    async def incident_of(self, channel_id: str, thread_ts: str) -> int | None:
        """The incident whose card begins this thread, also if that card was posted anew since; None: no card does."""

    async def has_cards(self, channel_id: str) -> bool:
        """Whether any card stands in this channel."""

    async def told(self, channel_id: str, ts: str) -> Sequence[Told]:
        """What timelines tell of this message."""

    async def save(self, told: Told) -> None:
        """Insert it, or overwrite the one with its id."""

    async def choices(self, *, limit: int) -> Sequence[Incident]:
        """Open incidents for a person to choose from: the gravest first, of these the newest."""
