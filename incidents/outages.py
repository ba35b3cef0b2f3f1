"""Slack was away: since when, and what nobody has seen there meanwhile. ``db`` implements the port."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from incidents.model import Incident

MOST_NAMED = 20
"""So many of the missed incidents a digest names."""
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Outage:
    """From the first call that failed to the first that succeeded; ``until`` None: not yet. Whole seconds, UTC.

    ``locked_out``: Slack was there, and refused our token.
    """

    since: datetime
    until: datetime | None = None
    locked_out: bool = False

    @property
    def subject(self) -> str:
        """``away:2026-01-02T10:02:03Z/2026-01-02T11:04:05Z``: its digests' name in the outbox."""
        until = f"/{self.until:{_TIME}}" if self.until else ""
        return f"{'locked_out' if self.locked_out else 'away'}:{self.since:{_TIME}}{until}"

    @classmethod
    def of(cls, since: datetime, *, until: datetime | None = None, locked_out: bool = False) -> "Outage":
        ended = until.astimezone(UTC).replace(microsecond=0) if until else None
        return cls(since.astimezone(UTC).replace(microsecond=0), ended, locked_out)

    @classmethod
    def named(cls, subject: str) -> "Outage":
        """The one with this ``subject``. Raises ValueError for any other text."""
        kind, _, times = subject.partition(":")
        if kind not in {"away", "locked_out"}:
            raise ValueError(f"no outage: {subject!r}")
        since, _, until = times.partition("/")
        ended = datetime.fromisoformat(until) if until else None
        return cls(datetime.fromisoformat(since), ended, kind == "locked_out")


@dataclass(frozen=True, slots=True)
class Missed:
    """What one channel missed: the incidents that had no card there when Slack came back.

    ``worst`` names at most ``MOST_NAMED`` of them, open ones first, then by severity and age.
    """

    outage: Outage
    until: datetime
    total: int
    resolved: int
    worst: Sequence[Incident]

    @property
    def open(self) -> int:
        return self.total - self.resolved


class Outages(Protocol):
    """One row says for all processes whether Slack is away: who fails opens it, who first succeeds closes it."""

    async def failed(self, cause: str, *, locked_out: bool) -> bool:
        """A call got no answer, or none but that we may not. True: so it has been for long, and is an outage."""

    async def ended(self) -> Outage | None:
        """A call succeeded. The outage that is over by that; None where there was none.

        Each channel that has missed something gets a digest, and what waited goes on at once: the gravest first, and
        of reminders only the latest that still asks something.
        """

    async def missed(self, outbox_id: int) -> Missed:
        """What the digest in this row must tell. What is resolved gets no card: the digest shows it from now on."""

    async def rest(self, outbox_id: int, *, fence: int, rev: int) -> None:
        """Slack need not show this revision: something else does, or there is nothing to show."""

    async def away_since(self) -> datetime | None:
        """Since when nothing gets through; None: all is well, or it has not lasted long yet."""
