"""Where overrides, calendars, handovers and troubles are kept. ``db`` implements it."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from incidents.schedules.handover import Handover
from incidents.schedules.model import Override, Shift, StoredCalendar
from incidents.schedules.trouble import Trouble, TroubleKind


class Overrides(Protocol):
    """All of it belongs to the unit of work's tenant and transaction."""

    async def add(self, *, schedule: str, person: str, start: datetime, end: datetime, by: str) -> Override:
        """From now on it counts before all others of that schedule."""

    async def standing(self, schedules: Collection[str] | None = None) -> list[Override]:
        """Those that are not over now, soonest first; of all schedules where none are named."""

    async def get(self, override_id: int) -> Override | None:
        """Over or not, with the end that it has by now; None: there was never one."""

    async def end(self, override_id: int, *, by: str) -> Override | None:
        """It is over now, or never begins. As it was before; None: it is over already, or was never there."""


class Calendars(Protocol):
    """What was last read of each schedule's calendar."""

    async def standing(self, schedules: Collection[str]) -> Mapping[str, StoredCalendar]:
        """By schedule; those of which nothing is known are absent."""

    async def due(self, sources: Mapping[str, str]) -> list[str]:
        """Which of these schedules are to be read now: they were long ago, or from elsewhere. Takes no lock.

        ``sources``: each one's ``source_sha256``.
        """

    async def claim(self, schedule: str, *, source_sha256: str, lease: timedelta) -> bool:
        """Whether it is ours to read, for so long. False: somebody else does, or it is not due."""

    async def read(
        self,
        schedule: str,
        *,
        source_sha256: str,
        shifts: Collection[Shift],
        unmapped: Collection[str],
        rest: timedelta,
    ) -> None:
        """It could be read, and is due again after ``rest``. Nothing where it is from somewhere else by now."""

    async def failed(self, schedule: str, *, source_sha256: str, error: str, rest: timedelta) -> None:
        """It could not: what was read before stays."""


class Handovers(Protocol):
    """Who had which schedule when that was last looked at, of those that tell of it."""

    async def last(self, schedule: str) -> Handover | None:
        """None: it was never looked at."""

    async def get(self, handover_id: int) -> Handover | None:
        """None: there is none."""

    async def add(self, handover: Handover) -> int | None:
        """Its id; None: one of that schedule and time is there already."""


class Troubles(Protocol):
    """What is wrong with schedules and the people in them, and was told."""

    async def of(self, kind: TroubleKind) -> list[Trouble]:
        """Those that are not over."""

    async def get(self, trouble_id: int) -> Trouble | None:
        """None: it is over."""

    async def begin(self, trouble: Trouble) -> Trouble:
        """With its id; the one that is there, where one is."""

    async def change(self, trouble: Trouble) -> None:
        """Its ``detail`` is another."""

    async def end(self, trouble: Trouble) -> None:
        """It is over."""


class Turns(Protocol):
    """What one process at a time does, now and then."""

    async def take(self, name: str, *, rest: timedelta) -> bool:
        """Whether the turn is ours; then nobody gets one within ``rest``.

        Until the transaction ends nobody else gets past this either.
        """


class OnCall(Protocol):
    """The part of a unit of work that is about schedules."""

    @property
    def overrides(self) -> Overrides: ...
    @property
    def calendars(self) -> Calendars: ...
    @property
    def handovers(self) -> Handovers: ...
    @property
    def troubles(self) -> Troubles: ...
    @property
    def turns(self) -> Turns: ...
