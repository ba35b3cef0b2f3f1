"""Ports for what the clock does with the past: hourly sums, and deleting what is old. ``db`` implements them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RollupLimits:
    """How much is counted at once, and how far behind the present.

    What is younger than ``lag`` is left alone, since its transaction may not have committed yet. One step counts about
    ``rows`` alerts, and an hour takes ``distinct`` rows, beyond which all is counted as ``(other)``.
    """

    lag: timedelta = timedelta(seconds=60)
    rows: int = 5000
    distinct: int = 10_000


@dataclass(frozen=True, slots=True)
class RollupStep:
    """What one step did. ``busy``: another process counts, so this one did nothing. ``more``: another step is due.

    All before ``counted_until`` is counted. ``folded`` alerts were counted as ``(other)``.
    """

    counted_until: datetime | None = None
    folded: int = 0
    more: bool = False
    busy: bool = False


class Rollups(Protocol):
    """Sums by hour (UTC), rule, service, cluster and severity: ``alert_rollups``."""

    async def count_alerts(self, limits: RollupLimits) -> RollupStep:
        """Add the next alerts that are not counted yet."""

    async def count_episodes(self, limits: RollupLimits) -> RollupStep:
        """Count the episodes of the next hours in which one began, ended or became graver."""

    async def counted_until(self) -> datetime | None:
        """All before it is counted; None where nothing was ever counted."""

    async def start_over(self, since: datetime | None) -> datetime:
        """Let all be counted anew from the hour of ``since`` (None: from the first alert); from when it will be.

        That is later where retention has deleted older rows: sums of those hours stay as they are.
        """


class Kept(StrEnum):
    """What retention walks through, in this order: nothing goes before what refers to it."""

    ALERTS = "alerts"
    BARE_DELIVERIES = "bare_deliveries"
    """Refused ones and duplicates, which brought no alerts."""
    DELIVERIES = "deliveries"
    INCIDENTS = "incidents"
    """With all that belongs to them."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What is older than ``before``.

    Alerts received before ``alerts_from`` count as gone, None: none does; and so do deliveries that brought none where
    ``bare_are_gone``.
    """

    kept: Kept
    before: datetime
    alerts_from: datetime | None = None
    bare_are_gone: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a walk has come to."""

    time: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Json:
    """JSON as it stands in the database, to the byte."""

    text: str


StoredRow = Mapping[str, bool | int | float | str | bytes | datetime | Json | None]


@dataclass(frozen=True, slots=True)
class OldRows:
    """One stretch of a walk: what may be deleted there. ``next`` None: there is nothing more.

    ``versions`` are those of incidents, by id. ``counts`` says how many rows there are of each table; ``rows`` holds
    them by table and by the day that they belong to, where they were asked for.
    """

    ids: tuple[int, ...]
    next: Cursor | None
    versions: Mapping[int, int]
    counts: Mapping[str, int]
    rows: Mapping[tuple[str, date], Sequence[StoredRow]]


class OldData(Protocol):
    """Retention's side of the tables."""

    async def take(self, *, holder: str, even_at_rest: bool) -> int | None:
        """The fence of whoever may delete now; None while another does, or while it is at rest after the last run."""

    async def finish(self, fence: int, *, rest: timedelta) -> None:
        """Done: nobody has to begin again before ``rest`` is over."""

    async def give_up(self, before: datetime) -> datetime | None:
        """Give up counting anew what is older, so that it may be deleted up to where it has been counted: the answer.

        None: nothing was ever counted, so nothing may go.
        """

    async def look(self, walk: Walk, *, after: Cursor | None, limit: int, with_rows: bool) -> OldRows:
        """The next of at most ``limit`` rows; fewer where they are large."""

    async def delete(self, walk: Walk, old: OldRows, *, fence: int) -> Mapping[str, int]:
        """Delete those of them that are still as they were; how many rows of each table. Raises LeaseLost."""

    async def walked(self, walk: Walk) -> None:
        """All of the walk was looked at: the next one need not begin at the beginning."""

    async def oldest(self) -> Mapping[str, datetime]:
        """When the oldest row of each table came; of incidents, when the one that was resolved first was."""
