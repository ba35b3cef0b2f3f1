"""The Home tabs of people: what one shows, and which of them Slack must be told anew. ``db`` implements the port."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from statistics import median
from typing import Protocol

from incidents.model import Incident

FOLLOWED_FOR = timedelta(days=7)
"""A Home that nobody has opened for so long is not kept up to date any more, until it is opened again."""
PAGE_KEPT_FOR = timedelta(minutes=10)
"""Whoever comes back later begins on the first page, where the gravest stand."""
NUMBERS_OVER = timedelta(hours=24)
FEWEST_SAMPLES = 5
"""A median of fewer says nothing."""


class Shelf(StrEnum):
    """Where an open incident stands in a person's Home: on one of them, the first that fits."""

    SNOOZED = "snoozed"
    MINE = "mine"
    """Assigned to the person, or acknowledged by them and assigned to nobody else."""
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class HomeLine:
    """One incident. ``card`` is the message that shows it, a roll-up where it has none of its own: (channel id, ts).

    ``snoozed_by`` is ``str(Actor)``; None: not known, or it is not snoozed.
    """

    incident: Incident
    card: tuple[str, str] | None = None
    snoozed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """A page of one shelf. ``total`` is of all its pages."""

    total: int = 0
    listed: Sequence[HomeLine] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """How long something took, by the times of ``count`` occurrences of it. ``middle`` None: too few to tell."""

    count: int
    middle: timedelta | None

    @classmethod
    def of(cls, times: Sequence[timedelta]) -> "Sample":
        if len(times) < FEWEST_SAMPLES:
            return cls(len(times), None)
        return cls(len(times), timedelta(seconds=median(one.total_seconds() for one in times)))


@dataclass(frozen=True, slots=True)
class Numbers:
    """The last ``NUMBERS_OVER`` of the whole team, tests of contact points left out.

    ``opened`` and ``resolved`` are counted up to ``most``, ``noise`` is how many of the resolved were called so, which
    no sample holds. ``acknowledged`` is from the alert that opened an incident to the first person who acknowledged,
    took or closed it; ``recovered`` from its first to its last moment, as its source tells, where it really recovered.
    """

    opened: int
    resolved: int
    noise: int
    acknowledged: Sample
    recovered: Sample
    most: int = 10_000

    @property
    def is_empty(self) -> bool:
        return not (self.opened or self.resolved)


@dataclass(frozen=True, slots=True)
class PageSizes:
    """How many lines of each shelf a page shows."""

    mine: int
    team: int
    snoozed: int

    def of(self, shelf: Shelf) -> int:
        size: int = getattr(self, shelf.value)
        return size


@dataclass(frozen=True, slots=True)
class HomeView:
    """All that one person's Home shows. ``page`` counts from 0 and is one of ``pages``, which are one or more.

    ``unacknowledged`` are active and not snoozed.
    """

    person: str
    mine: Lines
    team: Lines
    snoozed: Lines
    unacknowledged: int
    numbers: Numbers
    page: int = 0
    pages: int = 1

    @property
    def open(self) -> int:
        return self.mine.total + self.team.total + self.snoozed.total


@dataclass(frozen=True, slots=True)
class OpenedHome:
    """A Home that is kept up to date. ``page`` is what its person has turned to.

    ``content_sha256`` is of what Slack shows, ``view_hash`` Slack's own name of it; None: not known. ``failures``
    counts those since it was last shown.
    """

    user_id: str
    language: str
    page: int = 0
    content_sha256: str | None = None
    view_hash: str | None = None
    failures: int = 0


class Homes(Protocol):
    """All of it belongs to the unit of work's tenant and transaction."""

    async def view(self, user_id: str, *, page: int, sizes: PageSizes) -> HomeView:
        """A page that there is not any more is the last one."""

    async def world(self) -> str:
        """Another one whenever a Home may show something else than before: SHA-256, lower-case hex. Takes no lock."""

    async def opened(self, user_id: str, *, language: str | None = None, page: int | None = None) -> None:
        """Its person looks at it: it is to be shown anew, and followed.

        ``language`` None: as before, at first English. ``page`` None: as before for ``PAGE_KEPT_FOR``, then 0.
        """

    async def get(self, user_id: str) -> OpenedHome | None:
        """None: never opened, or not for long."""

    async def followed(self) -> int:
        """How many are kept up to date."""

    async def outdated(self, world: str, *, limit: int) -> list[str]:
        """Whose do not show this world and may be shown now: ids of people, who opened theirs last first."""

    async def shown(self, user_id: str, *, world: str, content_sha256: str, view_hash: str | None) -> None:
        """Slack shows this of that world."""

    async def failed(self, user_id: str, *, wait: timedelta) -> None:
        """What Slack shows is not known: to be shown anew, after ``wait`` unless its person opens it."""

    async def forget(self, user_id: str) -> None:
        """Nobody is there any more to see it."""

    async def forget_old(self) -> int:
        """Those that were not opened for ``FOLLOWED_FOR``; how many."""

    async def may_publish(self, *, urgent: bool) -> timedelta:
        """Zero: one may be published now. Else how long to wait; ``urgent``: somebody looks at it and waits."""

    async def close(self, *, wait: timedelta) -> None:
        """Slack said "not before ``wait``" to publishing."""

    async def lease(self, holder: str, *, until_in: timedelta) -> bool:
        """Whether this process is the one that keeps all of them up to date, for so long from now on."""

    async def release(self, holder: str) -> None:
        """It is so no more."""
