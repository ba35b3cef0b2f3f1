"""Counting occurrences, so that what is counted of days and of places can be added up. Pure.

It agrees with ``incidents.statistics.figures`` on the same episodes; a test holds the two together.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from incidents.daily.quality import quality
from incidents.daily.times import Times
from incidents.model import AlertKind, Resolution
from incidents.statistics import QUICK, SOON, Occurrence, PastEpisode, Span, occurrences

OTHER = "(other)"
"""Where what is rare is counted: labels may have a million values."""

LEFT_OUT: tuple[Resolution, ...] = tuple(
    one for one in Resolution if one not in {Resolution.RECOVERED, Resolution.MANUAL, Resolution.TEST}
)
"""Ends that prove nothing. Each is counted under its own name."""
COUNTS: tuple[str, ...] = (
    "alerts", "opened", "ended", "acknowledged_in_5min", "known_in_5min", "acknowledged_in_15min", "known_in_15min",
    "recovered", "recovered_untouched", "recoveries_told", "false_recoveries", *(one.value for one in LEFT_OUT),
)  # fmt: skip


class Cell(NamedTuple):
    """Where something was counted. A part that is None: all of them together."""

    service: str | None = None
    cluster: str | None = None
    severity: str | None = None

    def only(self, parts: Iterable[str]) -> "Cell":
        """Of all but these parts, everything together."""
        kept = set(parts)
        return Cell(*(value if name in kept else None for name, value in zip(self._fields, self, strict=True)))


class Place(NamedTuple):
    """All that is known of where something was counted."""

    cluster: str
    namespace: str
    service: str
    phase: str
    severity: str

    @property
    def cell(self) -> Cell:
        return Cell(self.service, self.cluster, self.severity)


Spot = TypeVar("Spot", Cell, Place)


@dataclass(slots=True)
class Tally:
    """``counts`` by the names of ``COUNTS``; ``mtta``, ``mttr`` and ``close`` are what these times are made of."""

    counts: Counter[str] = field(default_factory=Counter)
    mtta: Times = field(default_factory=Times)
    mttr: Times = field(default_factory=Times)
    close: Times = field(default_factory=Times)

    def plus(self, other: "Tally") -> None:
        counts = self.counts
        for name, count in other.counts.items():
            counts[name] += count
        self.mtta.plus(other.mtta)
        self.mttr.plus(other.mttr)
        self.close.plus(other.close)

    def count(self, one: Occurrence, span: Span, *, now: datetime, window: timedelta) -> None:
        """What of it falls into ``span``."""
        for at, reopened in one.recoveries(window):
            if span.has(at):
                self.counts["recoveries_told"] += 1
                self.counts["false_recoveries"] += reopened
        if one.left_out is not None and span.has(one.ended_at):
            self.counts[one.left_out.value] += 1
        if one.outcome is Resolution.MERGED:
            return
        if span.has(one.opened_at):
            self._count_opening(one, now)
        if span.has(one.ended_at):
            self._count_end(one)

    def _count_opening(self, one: Occurrence, now: datetime) -> None:
        self.counts["opened"] += 1
        if not one.is_awaiting:
            return
        if one.time_to_respond is not None:
            self.mtta.add(one.time_to_respond)
        for limit, name in ((QUICK, "in_5min"), (SOON, "in_15min")):
            in_time = one.is_in_time(limit, now)
            if in_time is not None:
                self.counts[f"known_{name}"] += 1
                self.counts[f"acknowledged_{name}"] += in_time

    def _count_end(self, one: Occurrence) -> None:
        self.counts["ended"] += 1
        if one.outcome is Resolution.RECOVERED:
            self.counts["recovered"] += 1
            self.counts["recovered_untouched"] += one.is_untouched
        if one.time_to_recover is not None:
            self.mttr.add(one.time_to_recover)
        if one.time_to_close is not None:
            self.close.add(one.time_to_close)


class Rule(NamedTuple):
    """A rule in one place."""

    uid: str
    cell: Cell


@dataclass(slots=True)
class Count:
    """How much came of a rule. ``name`` is ``""`` where none is known. ``quality`` by the names of ``QUALITY``."""

    name: str = ""
    occurrences: int = 0
    alerts: int = 0
    quality: Counter[str] = field(default_factory=Counter)

    def plus(self, other: "Count") -> None:
        self.name = self.name or other.name
        self.occurrences += other.occurrences
        self.alerts += other.alerts
        self.quality.update(other.quality)


class Tallies:
    """All of one span, by place and by rule. Incidents are added whole, in any order, and none of them twice."""

    def __init__(self, since: datetime, until: datetime | None, *, window: timedelta) -> None:
        self._span = Span(since, until)
        self._window = window
        self._seen: set[int] = set()
        self.places: dict[Place, Tally] = {}
        self.rules: dict[Rule, Count] = {}

    @property
    def cells(self) -> dict[Cell, Tally]:
        """By the parts of places that are asked for; made anew each time."""
        return _by_cell(self.places)

    def add(self, episodes: Sequence[PastEpisode], *, now: datetime) -> None:
        """``episodes``: all of each incident that has any of them. Those that were added already are passed over."""
        new = [one for one in episodes if one.incident_id not in self._seen]
        self._seen.update(one.incident_id for one in new)
        for one in occurrences(new, self._window):
            if one.kind is not AlertKind.TEST:
                self._count(one, now)

    def _count(self, one: Occurrence, now: datetime) -> None:
        first = one.first
        place = place_of(first.cluster, first.namespace, first.service, first.phase, first.severity)
        self._tally(place).count(one, self._span, now=now, window=self._window)
        if first.rule_uid:
            self._count_rule(one, place.cell)

    def _count_rule(self, one: Occurrence, cell: Cell) -> None:
        opened, counted = self._span.has(one.opened_at), quality(one, self._span, window=self._window)
        if opened or counted:
            self._rule(one.first.rule_uid, cell).plus(Count(one.first.rule_name, int(opened), 0, counted))

    def add_event(self, rule_uid: str, rule_name: str, cell: Cell, kind: str, count: int) -> None:
        """``kind``: one of ``HAPPENED``."""
        if rule_uid:
            self._rule(rule_uid, cell).plus(Count(rule_name, quality=Counter({kind: count})))

    def add_alerts(self, rule_uid: str, place: Place, alerts: int) -> None:
        self._tally(place).counts["alerts"] += alerts
        if rule_uid and rule_uid != OTHER:
            self._rule(rule_uid, place.cell).alerts += alerts

    def _tally(self, place: Place) -> Tally:
        return self.places.setdefault(place, Tally())

    def _rule(self, uid: str, cell: Cell) -> Count:
        return self.rules.setdefault(Rule(uid.rstrip(" "), cell), Count())


def cell_of(service: str, cluster: str, severity: str) -> Cell:
    """MySQL holds 'a' and 'a ' equal; so, to count the same on each database, do we."""
    return Cell(service.rstrip(" "), cluster.rstrip(" "), str(severity))


def place_of(cluster: str, namespace: str, service: str, phase: str, severity: str) -> Place:
    """The same."""
    return Place(cluster.rstrip(" "), namespace.rstrip(" "), service.rstrip(" "), phase.rstrip(" "), str(severity))


def folded(cells: Mapping[Cell, Tally], most: int) -> dict[Cell, Tally]:
    """At most about ``most`` of them: the rarest together, for each severity."""
    kept, rare = _parted(cells, most)
    for cell in rare:
        kept.setdefault(Cell(OTHER, OTHER, cell.severity), Tally()).plus(cells[cell])
    return kept


def places_folded(places: Mapping[Place, Tally], most: int) -> dict[Place, Tally]:
    """The same of places."""
    kept, rare = _parted(places, most)
    for place in rare:
        other = Place(OTHER, OTHER, OTHER, OTHER, place.severity)
        kept.setdefault(other, Tally()).plus(places[place])
    return kept


def _parted(tallies: Mapping[Spot, Tally], most: int) -> tuple[dict[Spot, Tally], Sequence[Spot]]:
    """The ``most`` of which the most opened, and the others."""
    if len(tallies) <= most:
        return dict(tallies), []
    ordered = sorted(tallies, key=lambda one: (-tallies[one].counts["opened"], -tallies[one].counts["alerts"], one))
    return {one: tallies[one] for one in ordered[:most]}, ordered[most:]


def _by_cell(places: Mapping[Place, Tally]) -> dict[Cell, Tally]:
    sums: dict[Cell, Tally] = {}
    for place, tally in places.items():
        sums.setdefault(place.cell, Tally()).plus(tally)
    return sums


def together(cells: Mapping[Cell, Tally], parts: Iterable[str]) -> dict[Cell, Tally]:
    """Added up over all but these parts of the place."""
    kept, sums = set(parts), dict[Cell, Tally]()
    for cell, tally in cells.items():
        sums.setdefault(cell.only(kept), Tally()).plus(tally)
    return sums
