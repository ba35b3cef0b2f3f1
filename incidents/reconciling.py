"""The port for comparing what Slack shows with what it should show. ``db`` implements it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card that Slack shows, as far as we know. ``rev`` is what it shows, ``fence`` as it was when it was read."""

    outbox_id: int
    incident_id: int
    channel_id: str
    ts: str
    rev: int
    fence: int
    refused_sha256: str | None


class Reconciling(Protocol):
    """One incident after the other, by all processes together, and never while anything waits for Slack."""

    async def next(self, *, rest: timedelta, rest_after_all: timedelta) -> list[ShownCard]:
        """The cards of the next incident that is open or was resolved within a day; nobody gets another for ``rest``.

        Empty where it is not time yet, where something is due, and, once all were looked at, for ``rest_after_all``.
        """

    async def pause(self, rest: timedelta) -> None:
        """It can't be done now: nobody need try for so long."""

    async def missing(self, card: ShownCard) -> bool:
        """Slack has lost it: it is to be posted anew. False: it was changed or claimed since it was read."""

    async def differs(self, card: ShownCard) -> bool:
        """Slack shows something else: it is to be shown anew. False: as above."""
