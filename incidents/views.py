"""The port for what cards, lists and details show. ``db`` implements it."""

from collections.abc import Iterable
from typing import Protocol

from incidents.model import IncidentView, Status


class Views(Protocol):
    async def incident(self, incident_id: int) -> IncidentView:
        """Raises IncidentNotFound."""

    async def browse(self, *, statuses: Iterable[Status], limit: int) -> list[IncidentView]:
        """Gravest first, then oldest first."""

    async def count(self, *, statuses: Iterable[Status]) -> int: ...

    async def card_places(self, incident_id: int) -> list[tuple[str, str]]:
        """(channel id, ts) of each card of it that Slack has taken."""
