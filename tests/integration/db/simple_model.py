"""The rules of intake once more, as plainly as can be: one alert after the other, in memory, and by nothing of ours.

Minutes since the beginning are the only time. It knows rules that see (no alert here says that its rule can't), alerts
that tell when they began, and tells of no messages.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

WINDOW, QUIET, COMES_BACK, HOUR, SILENCE = 10, 15, 30, 60, 490
WORST_FIRST = ("source_error", "no_data", "series_missing", "rule_deleted", "rule_changed", "paused")


@dataclass(frozen=True)
class Told:
    """One alert. ``doubt``: why an end is no recovery."""

    key: str
    series: str
    fires: bool
    start: int
    doubt: str | None = None


@dataclass
class Row:
    """What an incident knows of one of its series."""

    start: int
    fires: bool = True
    doubt: str | None = None
    ended_episode: int | None = None


@dataclass(eq=False)
class Case:
    """One incident. ``closed``: it was the so-many-th closing of any."""

    key: str
    is_critical: bool
    resolution: str | None = None
    ended_as: str | None = None
    resolved_at: int = 0
    closed: int = 0
    owner: str | None = None
    episode: int = 1
    flaps: bool = False
    is_noise: bool = False
    comes_back: bool = False
    last_alert: int = 0
    by_hand_at: int = -1
    alerts: int = 0
    rows: dict[str, Row] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.resolution is None

    @property
    def status(self) -> str:
        if not self.is_open:
            return "resolved"
        return "acknowledged" if self.owner else "active"

    @property
    def firing(self) -> int:
        return sum(row.fires for row in self.rows.values())

    @property
    def worst(self) -> str:
        doubts = {row.doubt for row in self.rows.values() if not row.fires and row.ended_episode == self.episode}
        return next((one for one in WORST_FIRST if one in doubts), "recovered")


@dataclass
class SimpleModel:
    """``homes``: in which incident each series was heard of last. ``bodies``: which delivery last said each of them."""

    now: int = 0
    cases: list[Case] = field(default_factory=list)
    homes: dict[str, Case] = field(default_factory=dict)
    early_ends: dict[str, int] = field(default_factory=dict)
    opened_at: dict[str, list[int]] = field(default_factory=dict)
    bodies: dict[str, int] = field(default_factory=dict)
    last_delivery: dict[str, int] = field(default_factory=dict)
    deliveries: int = 0
    closings: int = 0

    def of_key(self, key: str) -> list[Case]:
        return [case for case in self.cases if case.key == key]

    def open_of(self, key: str) -> Case | None:
        return next((case for case in self.of_key(key) if case.is_open), None)

    def known_start(self, series: str) -> int | None:
        return self.homes[series].rows[series].start if series in self.homes else None

    # What arrives

    def deliver(self, body: str, alerts: list[Told]) -> list[tuple[str, Case | None]]:
        """For each alert that is stored, why, and in which incident. None are: it is a duplicate."""
        known = [one.series for one in alerts if one.series in self.homes]
        seen = self.bodies.get(body)
        is_heard = any(self.last_delivery[series] != seen for series in known)
        if seen is not None and not is_heard and not any(self._is_news(told) for told in alerts):
            return []
        self.deliveries += 1
        self.bodies[body] = self.deliveries
        return [self._take(told) for told in alerts]

    def _is_news(self, told: Told) -> bool:
        home = self.homes.get(told.series)
        if home is None or not told.fires:
            return told.fires
        row = home.rows[told.series]
        return told.start > row.start or (told.start == row.start and row.fires and home.resolution == "stale")

    def _take(self, told: Told) -> tuple[str, Case | None]:
        reason, case = self._fire(told) if told.fires else self._end(told)
        if told.series in self.homes:
            self.last_delivery[told.series] = self.deliveries
        if case is not None:
            case.alerts += 1
            case.last_alert = self.now
        return reason, case

    def _fire(self, told: Told) -> tuple[str, Case]:
        home = self.homes.get(told.series)
        if home is not None:
            row = home.rows[told.series]
            if told.start < row.start:
                return "outdated_firing", home
            if told.start == row.start and (home.is_open or not row.fires):
                return "resent", home
            if told.start == row.start and home.resolution != "stale":
                return "still_firing", home
        case, reason = self._place_for(told, home)
        if home is not None and home is not case and home.rows[told.series].fires:
            home.rows[told.series] = Row(home.rows[told.series].start, fires=False, ended_episode=home.episode)
        case.rows[told.series] = Row(told.start)
        self.homes[told.series] = case
        if self.early_ends.get(told.series, -1) >= told.start:
            self._end_series(case, told.series, None)
            return "overtaken", case
        return reason, case

    def _place_for(self, told: Told, home: Case | None) -> tuple[Case, str]:
        case = home if home is not None and home.is_open else self.open_of(told.key)
        if case is not None:
            return case, "fired_again" if case is home else "joined"
        recent = [one for one in self.of_key(told.key) if self.now - one.resolved_at < WINDOW]
        if recent:
            last = max(recent, key=lambda one: one.closed)
            self._reopen(last)
            self._see_flapping(last)
            return last, "within_reopen_window"
        case = Case(told.key, is_critical=told.key.startswith("critical"), last_alert=self.now)
        self.cases.append(case)
        self.opened_at.setdefault(told.key, []).append(self.now)
        self._see_flapping(case)
        return case, "opened"

    def _see_flapping(self, case: Case) -> None:
        if len([at for at in self.opened_at[case.key] if self.now - at < HOUR]) >= 3:
            case.flaps = True

    def _end(self, told: Told) -> tuple[str, Case | None]:
        case = self.homes.get(told.series)
        row = case.rows[told.series] if case is not None else None
        if case is None or row is None or (told.start > row.start and not row.fires):
            self.early_ends[told.series] = max(told.start, self.early_ends.get(told.series, -1))
            return "unknown_series", None
        if told.start < row.start:
            return "stale_resolve", case
        if not row.fires:
            return "resent", case
        row.start = told.start
        return self._end_series(case, told.series, told.doubt), case

    def _end_series(self, case: Case, series: str, doubt: str | None) -> str:
        row = case.rows[series]
        row.fires, row.doubt, row.ended_episode = False, doubt, case.episode
        if not case.is_open:
            return "ended_after_closing"
        if case.firing:
            return "series_resolved"
        if case.flaps:
            return "flapping"
        worst = case.worst
        self._close(case, worst)
        return "recovered" if worst == "recovered" else "ended_unproven"

    def _close(self, case: Case, resolution: str) -> None:
        case.resolution = case.ended_as = resolution
        case.resolved_at, case.flaps = self.now, False
        self.closings += 1
        case.closed = self.closings
        case.comes_back = resolution == "manual" and case.is_critical and case.firing > 0

    def _reopen(self, case: Case) -> None:
        case.resolution, case.is_noise, case.comes_back = None, False, False
        case.episode += 1
        self.opened_at[case.key].append(self.now)

    # What people do: False where it is refused

    def acknowledge(self, case: Case, who: str) -> bool:
        if case.status != "active":
            return False
        case.owner = who
        return True

    def unacknowledge(self, case: Case, _who: str) -> bool:
        if case.status != "acknowledged":
            return False
        case.owner = None
        return True

    def resolve(self, case: Case, _who: str) -> bool:
        if not case.is_open:
            return False
        self._close(case, "manual")
        return True

    def reopen(self, case: Case, _who: str) -> bool:
        if case.is_open or self.open_of(case.key) is not None:
            return False
        self._reopen(case)
        case.by_hand_at = self.now
        return True

    def mark_noise(self, case: Case, _who: str) -> bool:
        if case.is_noise:
            return False
        if case.is_open:
            self._close(case, "noise")
        case.resolution, case.is_noise, case.comes_back = "noise", True, False
        return True

    def mark_real(self, case: Case, who: str) -> bool:
        if not case.is_noise:
            return False
        if case.firing:
            return self.reopen(case, who)
        case.is_noise = False
        case.resolution = case.ended_as if case.ended_as != "noise" else "manual"
        return True

    # What time does

    def passes(self, minutes: int) -> None:
        """So much of it, and the clock looks."""
        self.now += minutes
        for case in self._by_time():
            if case.is_open:
                self._look(case)
            elif case.comes_back and case.resolved_at + COMES_BACK <= self.now:
                case.comes_back = False
                if case.firing and self.open_of(case.key) is None:
                    self._reopen(case)
                    case.by_hand_at = self.now

    def _by_time(self) -> Iterator[Case]:
        yield from sorted(self.cases, key=lambda case: case.resolved_at)

    def _look(self, case: Case) -> None:
        if case.flaps and not case.firing and case.last_alert + QUIET <= self.now:
            self._close(case, case.worst)
        elif not case.is_critical and max(case.last_alert, case.by_hand_at) + SILENCE <= self.now:
            self._close(case, "stale")
