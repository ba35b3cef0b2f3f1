"""Schedules as ``bongsu.yaml`` has them, and the overrides that people make. Frozen values."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

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
class Schedule:
    """Of ``layers`` the first that has somebody counts. Nobody has it where none does."""

    name: str
    zone: ZoneInfo
    layers: tuple[Layer, ...]
    holidays: tuple[Holiday, ...] = ()

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

    def covers(self, at: datetime) -> bool:
        return self.start <= at < self.end


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
class Standing:
    """How a schedule stands at a moment. ``person`` None: nobody has it; ``until`` None: until further notice.

    ``then`` is who has it from ``until`` on, None: nobody. ``overrides`` are those that are not over, soonest first.
    """

    schedule: str
    person: str | None
    until: datetime | None
    then: str | None
    overrides: tuple[Override, ...] = ()
