"""A window of maintenance, what it is of, and when it is. Frozen values, all times aware and UTC."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from incidents.birth import birth_mark

EVERYTHING = "everything"
"""What people call the scope that nothing limits."""
_LONGEST_NAME = 80


class Repeat(StrEnum):
    NONE = "none"
    DAILY = "daily"
    WEEKLY = "weekly"

    @property
    def period(self) -> timedelta | None:
        """None: it is once."""
        return _PERIODS.get(self)


_PERIODS = {Repeat.DAILY: timedelta(days=1), Repeat.WEEKLY: timedelta(weeks=1)}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a window is of: of each field the values that count, exact and in lower case; none: each does.

    ``rule`` is a rule's uid or an alert's name.
    """

    service: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()
    namespace: tuple[str, ...] = ()
    phase: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()

    def limits(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """(field, values), where any is named."""
        for field in fields(self):
            if values := getattr(self, field.name):
                yield field.name, values

    @property
    def is_everything(self) -> bool:
        return not any(self.limits())

    @property
    def name(self) -> str:
        """``payments``; ``cluster=prod-a severity=warning``: how people type it, cut where it is very long."""
        if self.is_everything:
            return EVERYTHING
        told = [
            ",".join(values) if field == "service" else f"{field}={','.join(values)}" for field, values in self.limits()
        ]
        name = " ".join(told)
        return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


SCOPE_FIELDS = tuple(field.name for field in fields(Scope))


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Once: from ``start`` until before ``end``."""

    start: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Window:
    """``starts_at`` and ``ends_at``, full seconds, are of the first occurrence; others have the same local times in
    ``zone``.

    ``by`` is ``str(Actor)``, ``channel`` the id of the Slack channel that hears of it. ``ended_at``: nothing of it is
    after that; None: it goes on. ``under_way``: the start of the occurrence that the clock has begun and not ended;
    None: none. ``left``: the first of the incidents that fired as the occurrence that began at ``left_of`` ended.
    """

    id: int
    scope: Scope
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    by: str
    channel: str
    created_at: datetime
    repeats: Repeat = Repeat.NONE
    reason: str = ""
    ended_at: datetime | None = None
    ended_by: str | None = None
    under_way: datetime | None = None
    left: tuple[int, ...] = ()
    left_of: datetime | None = None

    @property
    def name(self) -> str:
        return self.scope.name

    @property
    def birth(self) -> str:
        """By which it is told from another one with its id, in a database that was restored."""
        return birth_mark(self.created_at)

    @property
    def was_announced(self) -> bool:
        """Whether whoever saw it being made has heard that its first occurrence begins."""
        return self.starts_at <= self.created_at


@dataclass(frozen=True, slots=True)
class NewWindow:
    """``token`` is of the form or the command that asked for it: what arrives twice makes one."""

    token: str
    scope: Scope
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    by: str
    channel: str
    repeats: Repeat = Repeat.NONE
    reason: str = ""


@dataclass(frozen=True, slots=True)
class InMaintenance:
    """What a card tells of the window that its incident stands in. ``until`` is the end of this occurrence."""

    name: str
    reason: str
    until: datetime
