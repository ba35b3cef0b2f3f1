"""Steps that should have been done by now: what watches over others must be watched itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.hours import full_hour, hour_name, hour_named
from incidents.ports import UnitOfWork

LATE = timedelta(seconds=30)
"""A step is looked at within seconds of its time; after a crash once a lease has run out. Later than this is stuck."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """So many ``steps`` are late. ``first``: when the oldest was due, None: none is. ``now``: when that was so."""

    steps: int
    first: datetime | None
    now: datetime

    @property
    def age(self) -> timedelta:
        """How late the oldest is."""
        return timedelta(0) if self.first is None else self.now - self.first


async def overdue(uow: UnitOfWork) -> Overdue:
    """As things stand now. Takes no lock."""
    steps, first = await uow.escalation.overdue(since=uow.now - LATE)
    return Overdue(steps, first, uow.now)


@dataclass(frozen=True, slots=True)
class OverdueHour:
    """An hour in which steps were late: what one notice tells of. ``since`` is aware UTC, a full hour."""

    since: datetime

    @property
    def subject(self) -> str:
        """``overdue:20260102T10``: its name in the outbox."""
        return f"overdue:{hour_name(self.since)}"

    @classmethod
    def of(cls, at: datetime) -> "OverdueHour":
        return cls(full_hour(at))

    @classmethod
    def named(cls, subject: str) -> "OverdueHour | None":
        """The one with this ``subject``; None for any other text."""
        kind, _, since = subject.partition(":")
        return cls(hour_named(since)) if kind == "overdue" else None
