"""Where overrides are kept. ``db`` implements it."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from incidents.schedules.model import Override


class Overrides(Protocol):
    """All of it belongs to the unit of work's tenant and transaction."""

    async def add(self, *, schedule: str, person: str, start: datetime, end: datetime, by: str) -> Override:
        """From now on it counts before all others of that schedule."""

    async def standing(self, schedules: Collection[str] | None = None) -> list[Override]:
        """Those that are not over now, soonest first; of all schedules where none are named."""

    async def end(self, override_id: int, *, by: str) -> Override | None:
        """It is over now, or never begins. As it was before; None: it is over already, or was never there."""
