"""Where it is kept when a heartbeat was last heard of. ``db`` implements it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from incidents.heartbeats.model import Pulse


class Heartbeats(Protocol):
    """All of it belongs to the unit of work's tenant and transaction."""

    async def all(self) -> list[Pulse]:
        """By name."""

    async def lock(self) -> list[Pulse]:
        """The same, locked until the transaction ends."""

    async def add(self, within: Mapping[str, timedelta]) -> None:
        """Expect these from now on. Those that are there already stay as they are."""

    async def remove(self, names: Collection[str]) -> None:
        """Nobody expects these any more."""

    async def heard(self, within: Mapping[str, timedelta]) -> None:
        """A beat of these, which are expected again within that time. One a second counts.

        In one statement, but for one that nobody has expected yet: from now on it is.
        """

    async def save(self, pulses: Sequence[Pulse]) -> None:
        """Overwrite rows that this transaction has locked."""

    async def listened_at(self) -> datetime | None:
        """Until when it is known that somebody listened; None: nobody ever did. Takes no lock."""

    async def listen(self) -> datetime:
        """Somebody listens now; until when that was known before. Locked until the transaction ends."""

    async def unseen_since(self) -> datetime | None:
        """Since when the message waits for Slack that nobody has seen for longest, however often it was tried."""

    async def take_turn(self, *, rest: timedelta) -> bool:
        """Whether it is for this process to call the dead man's switch: once in ``rest``, whoever asks."""
