"""Where windows of maintenance are kept. ``db`` implements it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from incidents.maintenance.model import NewWindow, Window
from incidents.model import Incident, Place, Severity


@dataclass(frozen=True, slots=True)
class PastIncidents:
    """So many incidents of one rule, place and severity, and so many alerts in them."""

    place: Place
    rule_uid: str
    alert_name: str
    severity: Severity
    incidents: int
    alerts: int


class Maintenance(Protocol):
    """All of it belongs to the unit of work's tenant and transaction."""

    async def add(self, wanted: NewWindow) -> Window:
        """The clock looks at it when it begins. Where its token was used before, the window of that time."""

    async def get(self, window_id: int) -> Window | None: ...

    async def lock(self, window_id: int) -> Window | None:
        """The same, locked until the transaction ends."""

    async def standing(self) -> list[Window]:
        """Those that are not over for good, soonest first. Cheap, takes no lock."""

    async def over(self, *, before: tuple[datetime, int] | None, limit: int) -> list[Window]:
        """Those that are over for good, by (``ended_at``, id), newest first, from before that one on; None: the newest.

        Takes no lock.
        """

    async def save(self, window: Window, *, due_at: datetime | None) -> None:
        """How a locked one stands now. The clock looks at it at ``due_at``; None: never again."""

    async def any_due(self) -> bool:
        """Whether the clock must look at any now; cheap, takes no lock."""

    async def lock_due(self) -> Window | None:
        """The first that the clock must look at, locked; those that somebody else holds are left out."""

    async def unmarked(self) -> list[Incident]:
        """What is open, in no maintenance, and not declared by a person. Takes no lock."""

    async def marked(self, window_id: int, *, limit: int) -> list[int]:
        """The first open incidents that stand in it, by id. Takes no lock."""

    async def let_go(self, window_id: int) -> None:
        """What has resolved while it stood in it does so no more: nobody sees that change."""

    async def seen(self, incident_ids: Collection[int]) -> list[Incident]:
        """Those of them that there are. Takes no lock."""

    async def past(self, since: datetime, *, most: int) -> tuple[list[PastIncidents], bool]:
        """Of the newest ``most`` episodes since then; and whether there were more. Declared ones and tests apart."""
