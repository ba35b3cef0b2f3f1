"""A digest as a team wants it, and one edition of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from incidents.browse import Matching

EDITION = "digest:"
"""What the subject of one in the outbox begins with."""


@dataclass(frozen=True, slots=True)
class Digest:
    """``cron`` is five fields of crontab, of the clocks in ``zone``. ``services`` in lower case; none are named: all.

    ``name`` tells it from all others, and changes where its times or its services do. ``chart``: with a picture.
    """

    name: str
    channel: str
    cron: str
    zone: ZoneInfo
    services: tuple[str, ...] = ()
    chart: bool = True


@dataclass(frozen=True, slots=True)
class Edition:
    """A digest of one time, ``since`` … ``until``, which is when it was due; aware UTC.

    ``zone`` is whose days are its days. ``id`` 0: it is only looked at, not kept.
    """

    id: int
    channel: str
    since: datetime
    until: datetime
    zone: ZoneInfo
    services: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """As the outbox names it."""
        return f"{EDITION}{self.id}"

    @property
    def span(self) -> timedelta:
        return self.until - self.since

    @property
    def before(self) -> datetime:
        """When the time began that it is compared with, which is as long."""
        return self.since - self.span

    @property
    def matching(self) -> Matching:
        return Matching(services=self.services)


def edition_id(subject: str) -> int:
    """Of ``Edition.subject``."""
    return int(subject.removeprefix(EDITION))


@dataclass(frozen=True, slots=True)
class WantedChart:
    """A picture that belongs below a message that stands: its channel's id and its ts. ``attempts`` from 1."""

    edition: Edition
    channel_id: str
    ts: str
    attempts: int
