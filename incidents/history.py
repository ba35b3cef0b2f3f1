"""Ports for what has happened to incidents: their series, timelines and episodes. ``db`` implements them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from incidents.merges import Alias
from incidents.model import Episode, Event, Incident, Series


class SeriesStore(Protocol):
    async def latest(self, keys: Iterable[str]) -> dict[str, Series]:
        """By series key: the series in the newest incident that holds it."""

    async def save(self, series: Sequence[Series], *, deliveries: Mapping[int, int]) -> None:
        """Insert or update by (incident, key). ``deliveries`` has the real ids of those of this batch."""

    async def firing_blindly(self, incident_ids: Iterable[int]) -> list[Series]:
        """Those of these incidents' firing series that fire in doubt: their rule can't see."""

    async def latest_ends(self, incident_ids: Iterable[int]) -> Mapping[tuple[int, int], datetime]:
        """By incident and episode: when the last series ended of those that ended in it and have not fired since."""

    async def end_firing(self, incident: Incident) -> None:
        """What fires in this incident has ended now, in its present episode."""


@dataclass(frozen=True, slots=True)
class Past:
    """``opened``: by incident key, how many episodes of all its incidents opened since then; absent: none.

    ``snoozed``: the ids of those of its incidents whose snooze lasts. ``aliases``: by key, into what people have merged
    the last incident of it.
    """

    opened: Mapping[str, int] = field(default_factory=dict)
    snoozed: frozenset[int] = frozenset()
    aliases: Mapping[str, Alias] = field(default_factory=dict)


class Timeline(Protocol):
    async def add(self, incident_id: int, events: Sequence[Event]) -> list[Event]:
        """Append; the returned events have ids."""

    async def add_many(self, events: Sequence[tuple[int, Event]]) -> None:
        """Append events of many incidents, each with its incident's id, in this order."""

    async def add_numbered(self, events: Sequence[tuple[int, Event]]) -> list[Event]:
        """The same; the returned events have ids."""

    async def of(self, incident_id: int, *, limit: int) -> list[Event]:
        """The newest ``limit`` events, oldest first. Messages of threads that they tell read as they stand now."""

    async def get(self, event_id: int) -> Event:
        """Raises LookupError."""

    async def openings(self, incident_ids: Sequence[int]) -> Mapping[int, int]:
        """By incident: the id of the event that tells of its opening."""


class Episodes(Protocol):
    async def current(self, incident: Incident) -> Episode:
        """The row of the incident's present episode."""

    async def past_of(self, keys: Iterable[str], *, opened_since: datetime, alive_since: datetime) -> Past:
        """What matters of these incident keys where one more incident may open, in one statement.

        Episodes count since ``opened_since``; an alias holds while what it leads to is open, or was not resolved before
        ``alive_since``.
        """

    async def current_of(self, incidents: Sequence[Incident]) -> dict[int, Episode]:
        """The same for many, by incident id."""

    async def save(self, episodes: Sequence[Episode]) -> None:
        """Insert or update by (incident, number)."""
