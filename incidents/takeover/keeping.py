"""The port for what is taken over. ``db`` implements it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from incidents.takeover.model import Kind, PastAlert, PastIncident


class Takeover(Protocol):
    """``origin`` names the other tool's database; ids are unique within it, by ``Kind``."""

    async def known(self, origin: str, kind: Kind, their_ids: Collection[str]) -> Mapping[str, int]:
        """Our ids of those that were taken before."""

    async def open_names(self, incident_keys: Collection[str]) -> Mapping[str, str]:
        """The names of the open incidents of these keys."""

    async def add_incidents(self, origin: str, incidents: Sequence[PastIncident]) -> None:
        """Store them with their episode and timeline, numbered in their order. No open one has a key of an open one."""

    async def add_alerts(self, origin: str, alerts: Sequence[PastAlert], *, counts: bool) -> None:
        """Store them, each in its incident: the one that they name, else the one of its key that was open then.

        ``counts``: incidents count them.
        """

    async def link(self, origin: str, alerts: Sequence[PastAlert], *, counts: bool) -> int:
        """The same for some that are stored, but in no incident, as theirs was not taken until now; how many."""

    async def open_ids(self, origin: str) -> Sequence[int]:
        """Those of the incidents that were taken that are open, and not shown yet."""

    async def add_series(self, incident_id: int, *, names: tuple[str, ...]) -> None:
        """Of such an open incident: its series as its last alerts tell them, so that what comes finds them.

        ``names``: labels of which the first that is present names a series.
        """

    async def recount_from(self, earliest: datetime | None) -> datetime | None:
        """From when on the sums must be counted anew, which is remembered until ``recounted``; None: they are right."""

    async def recounted(self) -> None:
        """The sums are right."""
