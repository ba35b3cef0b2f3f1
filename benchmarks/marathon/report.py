"""What the marathon found, as a table that can be pasted into a page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.marathon.reckoning import Reckoning
from benchmarks.marathon.steps import percentiles

_FEW = 3
"""Of so many kills or fewer nothing follows."""
HEADINGS = (
    "killed at", "on", "kills", "L", "2×", "D", "S", "R", "E", "chance of one", "deadlocks", "run again",
    "ready after", "2xx after", "at rest after", "due to done",
)  # fmt: skip
LEGEND = """\
L: alerts that were answered 2xx and are stored nowhere. 2×: alerts that are stored more than once. D: messages in a
channel beyond the one of each incident, and any that nobody asked for. S: incidents that Slack does not show, or
otherwise than the database has them. R: thread entries that are missing or there twice. E: reminders that are missing
or there twice; escalation steps that were done twice, not at all or before their time, or that are planned where nobody
is to be called or missing where somebody is; and pages that do not stand exactly once where each was to be heard
(direct messages: at least once).

Chance of one: none in N kills means that at 95 % confidence fewer than 3 in N kills do it. Deadlocks, run again:
transactions that ran again, for a deadlock or for any other reason. Ready, 2xx: median and longest time from the death
to readiness and to the first alert that was taken. At rest: until Slack showed everything after the last kill; what a
dead process had claimed is free after 13 s{}. Due to done: median and 99th percentile of the time from when an
escalation step was due until it was done, over all of the leg."""
HURRIED = " (here it was freed at once)"


@dataclass
class Leg:
    """One line. ``rested`` in seconds, None where Slack never caught up; ``problem`` is what cut the leg short.

    ``ready`` and ``served``: seconds from each death to readiness, and to the first alert that was answered 2xx.
    """

    name: str
    kind: str
    kills: int = 0
    tried: int = 0
    """Requests to the REST API, where nobody is killed."""
    found: Reckoning = field(default_factory=Reckoning)
    ready: list[float] = field(default_factory=list)
    served: list[float] = field(default_factory=list)
    again: Counter[str] = field(default_factory=Counter)
    rested: float | None = 0.0
    problem: str = ""
    said: Counter[str] = field(default_factory=Counter)
    """Errors in the logs, by action."""
    amiss: Counter[str] = field(default_factory=Counter)
    """What of the escalation steps must not be: part of ``found``."""
    late: list[float] = field(default_factory=list)
    """Seconds from each step's time until it was done."""
    direct_twice: int = 0
    """Messages to people that were sent again. That is no fault: whether they are there can't be looked up."""
    notes: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return self.found.is_clean and self.rested is not None and not self.problem and self.kills + self.tried > 0

    def told(self) -> list[str]:
        direct = f"{self.direct_twice} messages to people were sent again, as nobody can look whether they are there"
        tried = f"{self.tried:,} requests, and each was answered as the OpenAPI document says"
        of_api = [tried] if self.tried and self.is_clean else []
        return [*self.notes, *of_api, *([direct] if self.direct_twice else [])]

    def row(self) -> tuple[str, ...]:
        others = self.again.total() - self.again["deadlock"]
        chance = f"< {300 / self.kills:.2g} %" if self.is_clean and self.kills > _FEW else "–"
        times = (_middle_and_worst(self.ready), _middle_and_worst(self.served))
        rested = "never" if self.rested is None else f"{self.rested:.0f} s"
        counts = (self.kills, *self.found.counts())
        return (
            f"`{self.name}`", self.kind, *map(str, counts), chance, str(self.again["deadlock"]), str(others), *times,
            rested, percentiles(self.late),
        )  # fmt: skip


def _middle_and_worst(seconds: Sequence[float]) -> str:
    return f"{median(seconds):.1f}, {max(seconds):.1f} s" if seconds else "–"


def markdown(legs: Sequence[Leg], *, minutes: float, hurried: bool) -> str:
    rows = [HEADINGS, ("---",) * len(HEADINGS), *(leg.row() for leg in legs)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    problems = "".join(f"\n{leg.name} on {leg.kind} was cut short: {leg.problem}" for leg in legs if leg.problem)
    legend = LEGEND.format(HURRIED if hurried else "")
    notes = "".join(f"\n{leg.name} on {leg.kind}: {note}" for leg in legs for note in leg.told())
    return f"{table}\n\n{_in_all(legs)} It took {minutes:.0f} minutes.{problems}{notes}\n\n{legend}\n"


def _in_all(legs: Sequence[Leg]) -> str:
    kills = sum(leg.kills for leg in legs)
    if not all(leg.is_clean for leg in legs):
        return f"{kills} kills, and **not everything is 0**."
    return f"{kills} kills in all, and nothing lost, doubled or stale."
