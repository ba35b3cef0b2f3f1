"""Ports of the figures by day: keeping them, and reading them. ``db`` implements both."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from incidents.daily.tally import Cell, Count, Place, Rule, Tally
from incidents.model import Severity
from incidents.statistics import PastEpisode

DAY = timedelta(days=1)


def day_of(time: datetime) -> datetime:
    """When its day began, in UTC."""
    return time.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


class EpisodeTime(StrEnum):
    """By which time episodes are looked for."""

    OPENED = "opened_at"
    RESOLVED = "resolved_at"


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be counted: all before ``mark`` is, and what came before ``horizon`` may be."""

    mark: datetime
    horizon: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Whole incidents that have an episode from where the page began to before ``end``. ``now``: when it was read."""

    episodes: Sequence[PastEpisode]
    end: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class CountedDay:
    """A day (UTC), as it is stored.

    ``cells`` and ``rules`` by the parts of the place that they tell apart: none to all of them. ``places`` in full.
    """

    day: datetime
    cells: Mapping[tuple[str, ...], Mapping[Cell, Tally]]
    rules: Mapping[tuple[str, ...], Mapping[Rule, Count]]
    places: Mapping[Place, Tally]


@dataclass(frozen=True, slots=True)
class Happened:
    """How often events of one kind of ``HAPPENED`` happened to incidents of a rule in a place."""

    rule_uid: str
    rule_name: str
    cell: Cell
    kind: str
    count: int


class DailyFigures(Protocol):
    """The tables ``daily_figures``, ``daily_rules``, ``daily_places``, ``daily_times`` and ``hourly_alerts``, kept by
    one process at a time."""

    async def take(self, *, holder: str, even_at_rest: bool) -> int | None:
        """The fence of whoever may count now; None while another does, or while it is at rest after the last run."""

    async def finish(self, fence: int, *, rest: timedelta) -> None:
        """Done: nobody has to begin again before ``rest`` is over."""

    async def due(self, lag: timedelta) -> Due:
        """What is younger than ``lag`` may not have been committed. The first time, all is due."""

    async def changed_days(self, since: datetime, until: datetime, *, before: datetime) -> Sequence[datetime]:
        """Days earlier than ``before`` of whose figures something changed in this time, oldest first."""

    async def next_day(self, since: datetime) -> datetime | None:
        """The first day from ``since`` on in which anything happened, or of which anything is stored."""

    async def episodes(
        self, by: EpisodeTime, since: datetime, until: datetime, *, most: int, opened_before: datetime | None = None
    ) -> Page:
        """All episodes of those incidents of which one has its time there. The page ends early beyond ``most``.

        ``opened_before``: only those episodes count for finding them that opened earlier than that.
        """

    async def alerts(self, day: datetime) -> Sequence[tuple[str, Place, int]]:
        """By rule and place, by the hourly sums."""

    async def happened(self, since: datetime, until: datetime) -> Sequence[Happened]:
        """By rule and place, from ``since`` until before ``until``; not to tests."""

    async def store(self, day: CountedDay, *, mark: datetime, to: datetime, fence: int) -> bool:
        """Put a day in the place of what was known of it, and move the mark ``to`` where it then stands.

        False, and nothing is done: the mark is not where it was, for somebody counts anew. Raises LeaseLost.
        """

    async def start_over(self, since: datetime | None) -> datetime:
        """Let all be counted anew from the day of ``since`` (None: from the first incident); from when it will be.

        That is later where retention has deleted incidents: the figures of those days stay as they are.
        """


class GroupBy(StrEnum):
    """What figures are told apart by."""

    SERVICE = "service"
    CLUSTER = "cluster"
    SEVERITY = "severity"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Where:
    """Of what figures are asked: one of these each, by its whole name; none are named: any."""

    services: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()

    @property
    def parts(self) -> Mapping[str, tuple[str, ...]]:
        """By the part of a place that is asked for."""
        told = {"service": self.services, "cluster": self.clusters, "severity": self.severities}
        return {part: tuple(str(one) for one in values) for part, values in told.items() if values}

    def has(self, cell: Cell) -> bool:
        return all(getattr(cell, part) in values for part, values in self.parts.items())


@dataclass(frozen=True, slots=True)
class OpenNow:
    """What is open in a place, whenever it opened; ``oldest``: since when the one is that is open longest."""

    cell: Cell
    count: int
    oldest: datetime


class FiguresKept(Protocol):
    """Reading them."""

    async def counted_until(self) -> datetime | None:
        """All before it is counted; None: nothing ever was."""

    async def by_day(
        self, where: Where, since: datetime, until: datetime, *, parts: Collection[str], each_day: bool
    ) -> Sequence[tuple[datetime, Cell, Tally]]:
        """Of the days from ``since`` until before ``until``, told apart by these parts of the place.

        Unless ``each_day`` they are added up, and ``since`` stands for all of them.
        """

    async def by_rule(self, where: Where, since: datetime, until: datetime) -> Mapping[str, Count]:
        """By the rule's uid."""

    async def open_now(self, where: Where) -> Sequence[OpenNow]: ...
