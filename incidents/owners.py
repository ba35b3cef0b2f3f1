"""The port for who has open incidents. ``db`` implements it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol


class Owners(Protocol):
    async def due(self, *, rest: timedelta) -> Sequence[str]:
        """Everybody who has an open incident, as ``str(Actor)``; nobody where any process has asked within ``rest``."""

    async def incidents_of(self, owner: str) -> Sequence[int]:
        """The ids of the open incidents that this one has. Takes no lock."""
