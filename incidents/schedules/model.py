"""Schedules as ``bongsu.yaml`` has them, and the overrides that people make. Frozen values."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import PurePath
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from incidents.birth import birth_mark

MIDNIGHT = time(0)
EVERY_DAY = frozenset(range(7))
FIRST_DAY = date(2024, 1, 1)
"""A Monday. The first of a list has the turn that begins then, or at the first handover after it."""


class Unit(StrEnum):
    """Days end at the same time on the clock, however long they are; hours are always 60 minutes."""

    DAYS = "days"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Rotation:
    """``people`` (Slack user ids, one or more) have it in turn, each for ``every`` days or hours.

    ``handover`` is a local time. ``start`` is the local day on which the first of them gets it, and only says whose
    turn is which: the rotation has neither beginning nor end. Hours are counted from ``handover`` on ``start``.
    """

    people: tuple[str, ...]
    every: int = 7
    unit: Unit = Unit.DAYS
    handover: time = time(9)
    start: date = FIRST_DAY


@dataclass(frozen=True, slots=True)
class Window:
    """The only hours of a layer, in local time: on days that begin as one of ``weekdays`` (Monday is 0).

    From ``begin`` to ``end``; where ``end`` is not later, to that time on the next day.
    """

    weekdays: frozenset[int] = EVERY_DAY
    begin: time = MIDNIGHT
    end: time = MIDNIGHT

    @property
    def is_over_midnight(self) -> bool:
        return self.end <= self.begin


@dataclass(frozen=True, slots=True)
class Layer:
    """``window`` None: it has somebody at every moment."""

    name: str
    rotation: Rotation
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Holiday:
    """On these local days, from midnight to midnight, ``person`` has it, or whoever the layer called ``layer`` has.

    One of the two is set. Where that layer has nobody the others count as ever.
    """

    days: frozenset[date]
    person: str | None = None
    layer: str | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """``person`` has it from ``start`` until before ``end``, aware UTC."""

    person: str
    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Calendar:
    """An iCalendar that a schedule is read from. ``source`` is an http(s) URL, often a secret one, or a whole path.

    ``people`` are Slack user ids by what its events say, casefolded: an attendee's e-mail address, or the summary.
    ``fallback`` has it where no event says otherwise; None: nobody. ``allow_private``: the URL may lead to a private
    address.
    """

    source: str = field(repr=False)
    people: Mapping[str, str]
    fallback: str | None = None
    allow_private: bool = False

    @property
    def is_file(self) -> bool:
        return self.source.startswith("/")

    @property
    def shown(self) -> str:
        """What may be told of where it is from: the host alone, or the file's name."""
        return PurePath(self.source).name if self.is_file else urlsplit(self.source).hostname or ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Of ``layers`` the first that has somebody counts. Nobody has it where none does.

    With a ``calendar`` there are no layers, and ``shifts`` count: those that were read, in order, without overlaps.
    ``user_group`` is a group's ``@handle`` or id that is kept in step. ``handover_channel`` is told who has it next.
    ``line`` is where it stands in ``bongsu.yaml``, from 1; None: nowhere.
    """

    name: str
    zone: ZoneInfo
    layers: tuple[Layer, ...]
    holidays: tuple[Holiday, ...] = ()
    calendar: Calendar | None = None
    shifts: tuple[Shift, ...] = ()
    user_group: str | None = None
    handover_channel: str | None = None
    line: int | None = field(default=None, compare=False)

    @property
    def people(self) -> tuple[str, ...]:
        """All whom ``bongsu.yaml`` names in it, each once."""
        turns = [person for layer in self.layers for person in layer.rotation.people]
        holidays = [one.person for one in self.holidays if one.person is not None]
        mapped = [] if self.calendar is None else [*self.calendar.people.values(), self.calendar.fallback]
        return tuple(dict.fromkeys(person for person in (*turns, *holidays, *mapped) if person is not None))

    def source_sha256(self) -> str:
        """Of all that decides what its calendar says: where one differs, it is to be read anew."""
        told = self.calendar
        parts = () if told is None else (told.source, self.zone.key, *map(repr, sorted(told.people.items())))
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    def layer(self, name: str) -> Layer | None:
        return next((layer for layer in self.layers if layer.name == name), None)


@dataclass(frozen=True, slots=True)
class Override:
    """``person`` has the schedule from ``start`` until before ``end``, aware UTC. Of several the newest ``id`` counts.

    ``by`` is ``str(Actor)``.
    """

    id: int
    schedule: str
    person: str
    start: datetime
    end: datetime
    by: str

    @property
    def birth(self) -> str:
        """By which it is told from another one with its id, in a database that was restored."""
        return birth_mark(self.start, self.schedule, self.person)

    def covers(self, at: datetime) -> bool:
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class StoredCalendar:
    """What is known of a schedule's calendar. ``read_at`` None: it never could be read.

    ``unmapped`` are those whom its events are about and ``bongsu.yaml`` does not know. ``error`` is why it could not be
    read last, ``failing_since`` since when; None: it could. ``source_sha256`` is of what was read, or tried, last.
    """

    schedule: str
    source_sha256: str
    shifts: tuple[Shift, ...] = ()
    unmapped: tuple[str, ...] = ()
    read_at: datetime | None = None
    error: str | None = None
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a schedule stands at a moment. ``person`` None: nobody has it; ``until`` None: until further notice.

    ``then`` is who has it from ``until`` on, None: nobody. ``overrides`` are those that are not over, soonest first.
    ``source`` is where its calendar is from, "" where it has none; ``calendar`` what is known of that, None: nothing.
    """

    schedule: str
    person: str | None
    until: datetime | None
    then: str | None
    overrides: tuple[Override, ...] = ()
    source: str = ""
    calendar: StoredCalendar | None = None
