"""The ports for what cards, lists and details show. ``db`` implements them."""

from collections.abc import Iterable
from typing import Protocol

from incidents.browse import Filter, Page, PageTurn
from incidents.inspection import AlertPage, SeriesPage, Trace, Turn
from incidents.model import IncidentView, Status


class Views(Protocol):
    async def incident(self, incident_id: int) -> IncidentView:
        """Raises IncidentNotFound."""

    async def browse(self, *, statuses: Iterable[Status], limit: int) -> list[IncidentView]:
        """Gravest first, then oldest first."""

    async def page(self, wanted: Filter, *, turn: PageTurn | None = None, limit: int) -> Page:
        """Those that the filter lets through: open ones gravest first, then oldest first; past ones newest first.

        A page on which nothing is left any more is the first instead.
        """

    async def count(self, *, statuses: Iterable[Status]) -> int: ...

    async def card_places(self, incident_id: int) -> list[tuple[str, str]]:
        """(channel id, ts) of each card of it that Slack has taken."""


class Inspection(Protocol):
    """A close look at one incident. All of it costs the same however much has come in."""

    async def trace(self, incident_id: int) -> Trace:
        """Raises IncidentNotFound."""

    async def series(self, incident_id: int, turn: Turn, *, limit: int) -> SeriesPage:
        """What fires first, longest first; then what has ended. Raises IncidentNotFound."""

    async def alerts(self, incident_id: int, turn: Turn, *, limit: int) -> AlertPage:
        """Newest first: those that arrived in it, wherever their series are now. Raises IncidentNotFound."""
