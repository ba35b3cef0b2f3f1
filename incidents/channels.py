"""Channels in which Slack has no place for us, and what is said of them to who runs Bongsu."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from incidents.hours import full_hour, hour_name, hour_named

_LONGEST_NAME = 44


@dataclass(frozen=True, slots=True)
class UnusableChannel:
    """``channel`` as configured, a name or an id; ``code`` is Slack's error, None: it takes messages again."""

    channel: str
    code: str | None


@dataclass(frozen=True, slots=True)
class ChannelHour:
    """An hour in which a channel could not be used: what one notice tells of. ``since`` is aware UTC, a full hour.

    Of a very long name only the beginning is known.
    """

    channel: str
    since: datetime

    @property
    def subject(self) -> str:
        """``channel:20260102T10:#payments``: its name in the outbox, at most 64 characters."""
        return f"channel:{hour_name(self.since)}:{self.channel}"

    def is_of(self, channel: str) -> bool:
        return channel[:_LONGEST_NAME] == self.channel

    @classmethod
    def of(cls, channel: str, at: datetime) -> "ChannelHour":
        return cls(channel[:_LONGEST_NAME], full_hour(at))

    @classmethod
    def named(cls, subject: str) -> "ChannelHour | None":
        """The one with this ``subject``; None for any other text."""
        kind, _, rest = subject.partition(":")
        since, _, channel = rest.partition(":")
        if kind != "channel":
            return None
        return cls(channel, hour_named(since))


Unusable = Sequence[UnusableChannel]
