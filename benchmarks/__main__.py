"""`python -m benchmarks`: everything on SQLite and on MariaDB, as one table. It stops by itself."""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import (
    api,
    clicks,
    escalation,
    footprint,
    full,
    latency,
    people,
    percentiles,
    rate,
    recovery,
    single,
    slow_sockets,
    storm,
)
from benchmarks.databases import KINDS, databases
from benchmarks.figures import Figure, at_most, table
from benchmarks.ground import Ground, Memory, Options

LONGEST = 1800.0
"""Seconds after which whatever still runs is given up."""
_MOST_MEMORY = 300


@dataclass(frozen=True, slots=True)
class Part:
    """``kinds``: the databases that it is measured on."""

    measure: Callable[[Ground], Awaitable[list[Figure]]]
    kinds: Sequence[str] = KINDS


PARTS = {
    "latency": Part(latency.measure),
    "rate": Part(rate.measure),
    "single": Part(single.measure, ("MariaDB",)),
    "percentiles": Part(percentiles.measure, ("MariaDB",)),
    "full": Part(full.measure, ("MariaDB",)),
    "footprint": Part(footprint.measure),
    "clicks": Part(clicks.measure, ("MariaDB",)),
    "people": Part(people.measure, ("MariaDB",)),
    "escalation": Part(escalation.measure, ("MariaDB",)),
    "storm": Part(storm.measure, ("MariaDB",)),
    "slow_sockets": Part(slow_sockets.measure),
    "recovery": Part(recovery.measure, ("MariaDB",)),
    "api": Part(api.measure, ("MariaDB",)),
}


async def run(parts: Sequence[str], options: Options) -> tuple[list[Figure], list[str]]:
    """The figures, and a text for each `serve` that was profiled."""
    figures: list[Figure] = []
    memory: list[Memory] = []
    profiles: list[str] = []
    for kind in KINDS:
        wanted = [part for part in parts if kind in PARTS[part].kinds]
        if not wanted:
            continue
        with tempfile.TemporaryDirectory(prefix="bongsu-bench-") as folder, databases(kind, Path(folder)) as some:
            ground = Ground(kind, some, Path(folder), options, memory, profiles)
            for part in wanted:
                print(f"{kind}: {part} …", file=sys.stderr, flush=True)
                figures += await PARTS[part].measure(ground)
    return figures + _most(memory), profiles


def _most(memory: Sequence[Memory]) -> list[Figure]:
    """The one `serve` that took the most, if any was watched."""
    if not memory:
        return []
    most = max(memory, key=lambda one: one.peak)
    name = f"peak memory of serve ({most.what})"
    return [Figure(name, most.peak, "MiB", "the same when ready", most.at_first, at_most(_MOST_MEMORY, "MiB"))]


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"any of: {', '.join(PARTS)} (default: all)")
    parser.add_argument(
        "--mix",
        choices=tuple(rate.NAMES),
        action="append",
        help="what `rate` sends: everyday's mix, or new series only",
    )
    parser.add_argument("--without-publisher", action="store_true", help="to see what it costs that Slack is told")
    parser.add_argument("--profile", action="store_true", help="show where serve spends its time; figures suffer")
    beside = "how many `api` is measured beside, with ten alerts each"
    parser.add_argument("--incidents", type=int, default=Options().incidents, help=beside)
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    options = Options(given.mix or tuple(rate.NAMES), not given.without_publisher, given.profile, given.incidents)
    began = time.monotonic()
    async with asyncio.timeout(LONGEST):
        figures, profiles = await run(given.parts or list(PARTS), options)
    for profile in profiles:
        print(f"{profile}\n")
    print(table(figures))
    print(f"\n{os.cpu_count()} CPUs, everything on this machine, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
