"""The figures of a time, from the episodes in it. Pure; how each is computed is told in docs/explanation/figures.md.

Episodes of an incident that follow each other within the reopen window are one occurrence, which gives one sample.
"""

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Protocol

from incidents.browse import Matching
from incidents.model import DECLARED, AlertKind, Incident, Resolution, Severity

FEWEST = 5
"""Of fewer samples nothing is told but how many there are."""
QUICK, SOON = timedelta(minutes=5), timedelta(minutes=15)
NOISIEST = 5
"""Rules that are named."""
_UNDONE = frozenset({"marked_real", "unmerged"})
"""Reasons of an episode that takes an end back: however late, it goes on with the occurrence before it."""
_PROVEN = frozenset({Resolution.RECOVERED, Resolution.MANUAL})


@dataclass(frozen=True, slots=True)
class PastEpisode:
    """An episode, and of its incident what the figures ask. Times as in ``incidents.model.Episode``.

    ``resolution`` is how it counts by now: the last one's is its incident's, which noise, and its undoing, change
    afterwards.
    """

    incident_id: int
    number: int
    opened_at: datetime
    started_at: datetime
    opened_reason: str
    inherited: bool
    responded_at: datetime | None
    resolved_at: datetime | None
    resolution: Resolution | None
    recovered_at: datetime | None
    rule_uid: str = ""
    rule_name: str = ""
    source: str = ""
    kind: AlertKind = AlertKind.DATA
    severity: Severity = Severity.UNKNOWN
    service: str = ""
    cluster: str = ""
    namespace: str = ""
    phase: str = ""


@dataclass(frozen=True, slots=True)
class Spread:
    """Of ``n`` samples; None, all three, where there are fewer than ``FEWEST``. p90 is the nearest rank's."""

    n: int
    median: timedelta | None = None
    p90: timedelta | None = None
    mean: timedelta | None = None

    @classmethod
    def of(cls, samples: Iterable[timedelta]) -> "Spread":
        told = sorted(one.total_seconds() for one in samples)
        if len(told) < FEWEST:
            return cls(len(told))
        shown = statistics.median(told), told[math.ceil(0.9 * len(told)) - 1], statistics.fmean(told)
        return cls(len(told), *(timedelta(seconds=seconds) for seconds in shown))


@dataclass(frozen=True, slots=True)
class Share:
    n: int
    of: int

    @property
    def percent(self) -> int | None:
        """Rounded half up; None: of nothing."""
        return (200 * self.n + self.of) // (2 * self.of) if self.of else None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, and how much came of it. ``name`` is ``""`` where none is known."""

    uid: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """``opened`` and ``ended`` count occurrences; tests, and what was merged into others, are no occurrences of theirs.

    ``acknowledged``, ``recovered`` and ``closed`` are the times that MTTA, MTTR and time to close are made of.
    ``covered``: how many of those that ended give MTTR a sample. ``quick`` and ``soon``: acknowledged within five and
    fifteen minutes, of those of which that is known. ``untouched``: of those that recovered, to which nobody had
    responded. ``false_recoveries``: of the recoveries, which were followed by a reopening within the window.
    ``left_out`` counts what ended otherwise than recovered or closed; merged ones are told here, too. ``severities``:
    how grave those were that opened.
    """

    opened: int
    ended: int
    acknowledged: Spread
    recovered: Spread
    closed: Spread
    covered: Share
    quick: Share
    soon: Share
    untouched: Share
    false_recoveries: Share
    left_out: Mapping[Resolution, int]
    noisiest: Sequence[Rule]
    severities: Mapping[Severity, int] = field(default_factory=dict)


def figures(
    episodes: Iterable[PastEpisode],
    *,
    since: datetime,
    now: datetime,
    reopen_window: timedelta,
    until: datetime | None = None,
) -> Figures:
    """Of what opened and ended from ``since`` until before ``until`` (None: now), as it is known now.

    ``episodes``: all of every incident of which one was opened or resolved since then; others do no harm.
    """
    span = Span(since, until)
    chains = [chain for chain in occurrences(episodes, reopen_window) if chain.kind is not AlertKind.TEST]
    own = [chain for chain in chains if chain.outcome is not Resolution.MERGED]
    opened = [chain for chain in own if span.has(chain.opened_at)]
    ended = [chain for chain in own if span.has(chain.ended_at)]
    awaited = [chain for chain in opened if chain.is_awaiting]
    recovered = [chain for chain in ended if chain.outcome is Resolution.RECOVERED]
    to_recover = [time for chain in recovered if (time := chain.time_to_recover) is not None]
    return Figures(
        opened=len(opened),
        ended=len(ended),
        acknowledged=Spread.of(time for chain in awaited if (time := chain.time_to_respond) is not None),
        recovered=Spread.of(to_recover),
        closed=Spread.of(time for chain in ended if (time := chain.time_to_close) is not None),
        covered=Share(len(to_recover), len(ended)),
        quick=_within(QUICK, awaited, now),
        soon=_within(SOON, awaited, now),
        untouched=Share(sum(chain.is_untouched for chain in recovered), len(recovered)),
        false_recoveries=_false_recoveries(chains, span, reopen_window),
        left_out=_left_out(chains, span),
        noisiest=_noisiest(chains, span),
        severities=Counter(chain.first.severity for chain in opened),
    )


@dataclass(frozen=True, slots=True)
class Span:
    """From ``since`` until before ``until``; None: it has not ended."""

    since: datetime
    until: datetime | None

    def has(self, at: datetime | None) -> bool:
        return at is not None and at >= self.since and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence: episodes that follow each other, oldest first."""

    episodes: Sequence[PastEpisode]

    @property
    def first(self) -> PastEpisode:
        return self.episodes[0]

    @property
    def kind(self) -> AlertKind:
        return self.first.kind

    @property
    def opened_at(self) -> datetime:
        return self.first.opened_at

    @property
    def started_at(self) -> datetime:
        return min(episode.started_at for episode in self.episodes)

    @property
    def ended_at(self) -> datetime | None:
        return self.episodes[-1].resolved_at

    @property
    def outcome(self) -> Resolution | None:
        return self.episodes[-1].resolution

    @property
    def responded_at(self) -> datetime | None:
        """The first response; what somebody does to an incident that is over is none."""
        return min((at for episode in self.episodes if (at := _response(episode)) is not None), default=None)

    @property
    def is_awaiting(self) -> bool:
        """Whether somebody was asked to respond: nobody is where it had an owner from its beginning, or is noise."""
        return not self.first.inherited and self.outcome is not Resolution.NOISE

    @property
    def time_to_respond(self) -> timedelta | None:
        return None if self.responded_at is None else max(timedelta(0), self.responded_at - self.opened_at)

    @property
    def time_to_recover(self) -> timedelta | None:
        """By the source's times; None where these say nothing, or nonsense."""
        ends = [episode.recovered_at for episode in self.episodes if episode.recovered_at is not None]
        if self.outcome is not Resolution.RECOVERED or self.first.source == DECLARED or not ends:
            return None
        lasted = max(ends) - self.started_at
        return lasted if lasted >= timedelta(0) else None

    @property
    def time_to_close(self) -> timedelta | None:
        if self.outcome is not Resolution.MANUAL or self.ended_at is None:
            return None
        return max(timedelta(0), self.ended_at - self.started_at)

    @property
    def is_untouched(self) -> bool:
        return self.responded_at is None and not self.first.inherited

    @property
    def left_out(self) -> Resolution | None:
        """How it ended, where that proves nothing; None: it recovered, was closed by hand, or is open."""
        return None if self.outcome in _PROVEN else self.outcome

    def is_in_time(self, limit: timedelta, now: datetime) -> bool | None:
        """Whether somebody responded within ``limit``; None: nobody has yet, and it is not so old."""
        if self.time_to_respond is not None:
            return self.time_to_respond <= limit
        return False if self.ended_at is not None or now - self.opened_at > limit else None

    def recoveries(self, window: timedelta) -> Iterator[tuple[datetime, bool]]:
        """When each of its episodes recovered, and whether the next one opened within the reopen window."""
        for before, after in pairwise([*self.episodes, None]):
            if before is None or before.resolution is not Resolution.RECOVERED or before.resolved_at is None:
                continue
            yield before.resolved_at, after is not None and _is_within(before, after, window)


def _response(episode: PastEpisode) -> datetime | None:
    at, end = episode.responded_at, episode.resolved_at
    return None if at is None or (end is not None and at > end) else at


def occurrences(episodes: Iterable[PastEpisode], window: timedelta) -> list[Occurrence]:
    ordered = sorted(episodes, key=lambda one: (one.incident_id, one.number))
    chains = []
    for _, of_one in groupby(ordered, key=lambda one: one.incident_id):
        chain: list[PastEpisode] = []
        for episode in of_one:
            if chain and not _goes_on(chain[-1], episode, window):
                chains.append(Occurrence(chain))
                chain = []
            chain.append(episode)
        chains.append(Occurrence(chain))
    return chains


def _goes_on(before: PastEpisode, after: PastEpisode, window: timedelta) -> bool:
    return after.opened_reason in _UNDONE or _is_within(before, after, window)


def _is_within(before: PastEpisode, after: PastEpisode, window: timedelta) -> bool:
    return before.resolved_at is not None and after.opened_at - before.resolved_at <= window


def _within(limit: timedelta, chains: Sequence[Occurrence], now: datetime) -> Share:
    known = [in_time for chain in chains if (in_time := chain.is_in_time(limit, now)) is not None]
    return Share(sum(known), len(known))


def _false_recoveries(chains: Sequence[Occurrence], span: Span, window: timedelta) -> Share:
    """Of episodes, since each recovery was told to people."""
    told = [reopened for chain in chains for at, reopened in chain.recoveries(window) if span.has(at)]
    return Share(sum(told), len(told))


def _left_out(chains: Sequence[Occurrence], span: Span) -> Mapping[Resolution, int]:
    counted = Counter(chain.left_out for chain in chains if span.has(chain.ended_at))
    return {outcome: count for outcome, count in counted.most_common() if outcome is not None}


def _noisiest(chains: Sequence[Occurrence], span: Span) -> list[Rule]:
    """All that opened, noise and merged ones too: each has asked for somebody."""
    opened = [chain.first for chain in chains if span.has(chain.opened_at) and chain.first.rule_uid]
    names = {one.rule_uid: one.rule_name for one in opened}
    counted = Counter(one.rule_uid for one in opened)
    ordered = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return [Rule(uid, names[uid], count) for uid, count in ordered[:NOISIEST]]


@dataclass(frozen=True, slots=True)
class Past:
    """What the figures of a time are made from.

    ``since`` and ``alerts_since`` are later than was asked for where more has happened than is read at once.
    ``alerts`` are the rules of which the most alerts came, by the hourly sums, whose first hour may have begun before.
    ``open_now`` counts what is open whenever it opened; ``oldest`` is the one that is open longest.
    """

    since: datetime
    now: datetime
    episodes: Sequence[PastEpisode]
    open_now: int
    oldest: Incident | None
    alerts: Sequence[Rule]
    alerts_since: datetime
    is_cut: bool = False


class Statistics(Protocol):
    async def past(self, matching: Matching, *, within: timedelta) -> Past:
        """What has happened within this time to incidents that match."""
