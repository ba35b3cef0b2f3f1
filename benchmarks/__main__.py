"""`python -m benchmarks`: everything on SQLite and on MariaDB, as one table. Under three minutes."""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks import footprint, latency, slow_sockets, throughput
from benchmarks.databases import KINDS, Databases, databases
from benchmarks.figures import Figure, table

LONGEST = 300.0
"""Seconds after which whatever still runs is given up."""
Measure = Callable[[str, Databases, Path], Awaitable[list[Figure]]]
PARTS: dict[str, Measure] = {
    "latency": latency.measure,
    "throughput": throughput.measure,
    "footprint": footprint.measure,
    "slow_sockets": slow_sockets.measure,
}


async def run(parts: list[str]) -> list[Figure]:
    figures: list[Figure] = []
    for kind in KINDS:
        with tempfile.TemporaryDirectory(prefix="bongsu-bench-") as folder, databases(kind, Path(folder)) as some:
            for part in parts:
                print(f"{kind}: {part} …", file=sys.stderr, flush=True)
                figures += await PARTS[part](kind, some, Path(folder))
    return figures


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"any of: {', '.join(PARTS)} (default: all)")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    began = time.monotonic()
    async with asyncio.timeout(LONGEST):
        figures = await run(given.parts or list(PARTS))
    print(table(figures))
    print(f"\n{os.cpu_count()} CPUs, everything on this machine, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
