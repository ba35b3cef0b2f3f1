"""Where people stand besides the audit log. ``db`` implements it."""

from collections.abc import Sequence
from typing import Protocol

from incidents.audit.person import Person


class Erasure(Protocol):
    @property
    def tables(self) -> Sequence[str]:
        """Those in which people stand."""

    async def erase(self, person: Person, *, table: str, after: int) -> tuple[int, int | None]:
        """In the next stretch of rows: how many named them, and where to go on; None: it is the end."""

    async def forget_places(self, person: Person) -> int:
        """What is shown to them alone: their home, and messages to them, which are sent no more."""
