"""The port for what cards, lists and details show. ``db`` implements it."""

from collections.abc import Iterable
from typing import Protocol

from incidents.browse import Filter, Page, Turn
from incidents.model import IncidentView, Status


class Views(Protocol):
    async def incident(self, incident_id: int) -> IncidentView:
        """Raises IncidentNotFound."""

    async def browse(self, *, statuses: Iterable[Status], limit: int) -> list[IncidentView]:
        """Gravest first, then oldest first."""

    async def page(self, wanted: Filter, *, turn: Turn | None = None, limit: int) -> Page:
        """Those that the filter lets through: open ones gravest first, then oldest first; past ones newest first.

        A page on which nothing is left any more is the first instead.
        """

    async def count(self, *, statuses: Iterable[Status]) -> int: ...

    async def card_places(self, incident_id: int) -> list[tuple[str, str]]:
        """(channel id, ts) of each card of it that Slack has taken."""
