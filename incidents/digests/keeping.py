"""Where editions of digests are kept. ``db`` implements it."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from incidents.digests.model import Digest, Edition, WantedChart


class Digests(Protocol):
    """All of it belongs to the unit of work's tenant and transaction."""

    async def latest(self, names: Collection[str]) -> Mapping[str, datetime]:
        """Until when each of these digests was told, left out, or not yet wanted. Absent: it was never seen."""

    async def begin(self, digest: Digest, *, at: datetime) -> None:
        """It is wanted from then on."""

    async def skip(self, digest: Digest, *, due_at: datetime) -> bool:
        """This edition is left out. False: another has decided about it."""

    async def publish(self, digest: Digest, *, since: datetime, due_at: datetime) -> tuple[Edition, bool]:
        """The edition of this time, kept, and whether that was done here: by whoever asks first."""

    async def get(self, edition_id: int) -> Edition:
        """Raises LookupError."""

    async def any_chart(self) -> bool:
        """Whether a picture is due below a message that stands; cheap, takes no lock."""

    async def take_chart(self, *, lease: timedelta) -> WantedChart | None:
        """The first picture that is due below a message that stands: ours for as long as the lease. None: none is."""

    async def chart_later(self, edition_id: int, *, wait: timedelta) -> None:
        """It is tried again then."""

    async def chart_done(self, edition_id: int, *, file_id: str | None) -> None:
        """Slack has it; None: there will be none."""
