"""The port for merging and splitting incidents: which series are whose, and where a key's alerts go meanwhile."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from incidents.model import Incident, Resolution, Series


@dataclass(frozen=True, slots=True)
class Alias:
    """Alerts of ``incident_key`` go to another incident, for ``merged_id``, which is of this key, was merged into it.

    ``incident_id`` is the one that holds its series now, ``other_key`` that one's own key.
    """

    incident_key: str
    incident_id: int
    merged_id: int
    other_key: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What an incident counts of its series, as ``Incident`` has it."""

    firing: int
    series: int
    doubts: Mapping[Resolution, int]


class Merges(Protocol):
    """The incidents that it is told of are locked by this transaction."""

    async def series_of(self, incident_id: int) -> list[Series]:
        """Those that are at home in it, firing first, then by name: none that it has lost to another incident."""

    async def series_merged_from(self, merged_ids: Collection[int], *, within: int) -> list[Series]:
        """What was moved into this incident from these merged ones, or came there as theirs."""

    async def move(self, series: Sequence[Series]) -> None:
        """Each is in the incident that it tells from now on; where that knew it before, it knows only this now."""

    async def count(self, incident: Incident) -> Counts:
        """Anew, from the series themselves."""

    async def merged_into(self, incident_ids: Collection[int]) -> list[Incident]:
        """Those that were merged into one of these, directly."""

    async def candidates(self, words: Collection[str], *, limit: int) -> list[Incident]:
        """Open incidents whose number, title, service or place has all these words, however written; newest first."""

    async def add_alias(self, merged: Incident, *, into: Incident) -> None:
        """Alerts of the merged one's key go there from now on, and so do those that went to the merged one."""

    async def take_back_alias(self, merged: Incident, *, family: Collection[int], within: int) -> None:
        """They no longer do. Those of its ``family``, which had come along with it, go to it again."""
