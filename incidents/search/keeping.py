"""The port for the words of incidents. ``db`` implements it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from incidents.model import Incident


@dataclass(frozen=True, slots=True)
class FollowStep:
    """What one step did: so many ``incidents`` got their words. ``more``: another step is due.

    ``busy``: another process does it just now, so this one did nothing.
    """

    incidents: int = 0
    more: bool = False
    busy: bool = False


class SearchWords(Protocol):
    """Follows the incidents by their numbers, which they get in the order in which they are committed."""

    async def is_behind(self) -> bool:
        """Whether there are incidents without words. Takes no lock."""

    async def follow(self, *, limit: int) -> FollowStep:
        """Write the words of the next incidents that have none yet."""

    async def rewrite(self, incidents: Sequence[Incident]) -> None:
        """Of incidents whose title was changed: their words anew, in the transaction that changes it."""
