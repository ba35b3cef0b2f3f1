"""Where planned steps are kept. ``db`` implements it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from incidents.escalation.model import PlannedStep


class Escalation(Protocol):
    """All of it belongs to the unit of work's tenant and transaction.

    Whoever writes steps of an incident has locked the incident, or has just opened it.
    """

    async def of(self, incident_ids: Collection[int]) -> list[PlannedStep]:
        """The steps of their present episodes, in the order in which they were planned."""

    async def planned(self, incident_ids: Collection[int]) -> list[PlannedStep]:
        """Those that are still to be done, soonest first."""

    async def plan(self, steps: Sequence[PlannedStep]) -> None:
        """New ones."""

    async def settle(self, step: PlannedStep) -> None:
        """What has become of a step: it is neither planned nor due from now on."""

    async def cancel(self, incident_ids: Collection[int], *, reason: str) -> None:
        """Nothing that is planned for these happens."""

    async def any_due(self) -> bool:
        """Whether there is anything to do now; cheap, takes no lock."""

    async def due(self, *, limit: int) -> list[int]:
        """The incidents whose steps are due longest, each once. Takes no lock."""

    async def overdue(self, *, since: datetime) -> tuple[int, datetime | None]:
        """How many steps were due before ``since`` and are not done, and the time of the first, None: none is."""
