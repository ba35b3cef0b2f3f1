"""A ``bongsu.yaml`` that can't be read while Bongsu runs, and what is said of it to who runs it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from incidents.hours import full_hour, hour_name, hour_named

LONGEST_MISTAKE = 128


@dataclass(frozen=True, slots=True)
class BrokenConfig:
    """``mistake``: where and what, in a sentence of at most ``LONGEST_MISTAKE`` characters. ``since`` is aware UTC."""

    mistake: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ConfigHour:
    """An hour in which the file became unreadable: what one notice tells of. ``since`` is aware UTC, a full hour."""

    since: datetime

    @property
    def subject(self) -> str:
        """``config:20260102T10``: its name in the outbox."""
        return f"config:{hour_name(self.since)}"

    @classmethod
    def of(cls, at: datetime) -> "ConfigHour":
        return cls(full_hour(at))

    @classmethod
    def named(cls, subject: str) -> "ConfigHour | None":
        """The one with this ``subject``; None for any other text."""
        kind, _, since = subject.partition(":")
        return cls(hour_named(since)) if kind == "config" else None


class Configuration(Protocol):
    """What the processes of one installation know of its file. The last that had news of it counts."""

    async def broken(self) -> BrokenConfig | None:
        """None: it can be read."""

    async def broke(self, mistake: str) -> BrokenConfig:
        """It can't be read. It has been so since the first that said so."""

    async def mended(self) -> BrokenConfig | None:
        """It can be read: what was wrong until now, None: nothing."""
