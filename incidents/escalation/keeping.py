"""Where planned steps are kept. ``db`` implements it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from incidents.escalation.model import PlannedStep
from incidents.model import Incident


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was made: the step, its incident as it is now, and what its event says."""

    step: PlannedStep
    incident: Incident
    told: Mapping[str, Any]


class Escalation(Protocol):
    """All of it belongs to the unit of work's tenant and transaction.

    Whoever writes steps of an incident has locked the incident, or has just opened it.
    """

    async def of(self, incident: Incident) -> list[PlannedStep]:
        """The steps of its present episode, in the order in which they were planned."""

    async def last_step(self, incident: Incident) -> int:
        """The number of the last step of its present episode, 0: there is none."""

    async def planned(self, incident_ids: Collection[int]) -> list[PlannedStep]:
        """Those that are still to be done, soonest first."""

    async def planned_incidents(self) -> list[int]:
        """Of which something is to be done."""

    async def plan(self, steps: Sequence[PlannedStep]) -> None:
        """New ones."""

    async def settle(self, step: PlannedStep) -> None:
        """What has become of a step: it is neither planned nor due from now on."""

    async def tell_in(self, steps: Sequence[PlannedStep], *, outbox_id: int) -> None:
        """The message of this outbox row tells them."""

    async def told_in(self, outbox_id: int) -> list[Page]:
        """What the message of this outbox row tells, in the order in which it was done."""

    async def count_told_in(self, outbox_id: int) -> int:
        """How many steps it tells."""

    async def cancel(self, incident_ids: Collection[int], *, reason: str) -> None:
        """Nothing that is planned for these happens."""

    async def cancel_steps(self, steps: Sequence[PlannedStep], *, reason: str) -> None:
        """The same for these alone."""

    async def any_due(self) -> bool:
        """Whether there is anything to do now; cheap, takes no lock."""

    async def due(self, *, limit: int) -> list[int]:
        """The incidents whose steps are due longest, each once. Takes no lock."""

    async def untaken(self, *, since: datetime, until: datetime, limit: int) -> list[PlannedStep]:
        """Steps whose messages were asked for between these times, and that Slack has not taken; each is told once.

        Once, that is, it has a ``reason``.
        """

    async def overdue(self, *, since: datetime) -> tuple[int, datetime | None]:
        """How many steps were due before ``since`` and are not done, and the time of the first, None: none is."""
