"""What a part of the benchmarks stands on: a kind of database, what was asked for, and what else is watched."""

import pstats
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from benchmarks.bodies import SERVICES
from benchmarks.databases import Databases
from benchmarks.processes import TOKEN
from benchmarks.sender import Job
from benchmarks.stage import Stage, stage

_TOP = 40


@dataclass(frozen=True, slots=True)
class Options:
    """``mixes`` are those of ``bodies.MIXES``; ``profiles``: serve runs under cProfile, which slows it down.

    ``incidents``: how many ``api`` is measured beside.
    """

    mixes: Sequence[str] = ("steady", "new")
    publishes: bool = True
    profiles: bool = False
    incidents: int = 100_000


@dataclass(frozen=True, slots=True)
class Memory:
    """MiB that one `serve` took when it was ready, and the most until its load ended."""

    what: str
    at_first: float
    peak: float


@dataclass(frozen=True)
class Ground:
    """``folder`` is where processes keep their files. ``memory`` and ``profiles`` grow with each `serve` that ran."""

    kind: str
    databases: Databases
    folder: Path
    options: Options
    memory: list[Memory] = field(default_factory=list)
    profiles: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def serving(
        self,
        what: str,
        database: str,
        *,
        publishes: bool = True,
        paces: bool = True,
        storms: bool = False,
        channels: Sequence[str] = (),
    ) -> AsyncIterator[Stage]:
        """A sandbox with a channel for each service of the load and these ``channels``, and a `serve` that is watched.

        ``paces``: Slack's pace is kept. ``storms``: they are shown in roll-ups.
        """
        profile = self.folder / f"{len(self.memory)}.profile" if self.options.profiles else None
        publishes = publishes and self.options.publishes
        what = f"{self.kind}, {what}"
        async with stage(
            self.folder,
            database=database,
            channels=[*SERVICES, *channels],
            publishes=publishes,
            paces=paces,
            storms=storms,
            profile=profile,
        ) as here:
            at_first = here.bongsu.resident_mebibytes
            yield here
            self.memory.append(Memory(what, at_first, here.bongsu.peak_mebibytes))
        if profile is not None:
            self.profiles.append(f"{what}:\n{_top(profile)}")


def webhooks(here: Stage, *, mix: str = "steady", wave: int = 0, seconds: float = 10.0) -> Job:
    """The usual load: 10 alerts a webhook, 16 connections, as fast as it is answered."""
    return Job(url=f"{here.url}/webhooks/grafana", token=TOKEN, mix=mix, wave=wave, seconds=seconds)


def _top(profile: Path) -> str:
    """The functions that took the most time themselves."""
    told = StringIO()
    pstats.Stats(str(profile), stream=told).strip_dirs().sort_stats("tottime").print_stats(_TOP)
    return told.getvalue().strip()
