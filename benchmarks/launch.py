"""`bongsu serve` as a benchmark wants it: `python -m benchmarks.launch [--profile FILE] [--without-publisher] …`."""

import argparse
import cProfile
import sys
from datetime import timedelta
from pathlib import Path

from bongsu.cli import main as bongsu
from bot.publisher import Publisher
from incidents.rules import pace
from incidents.rules.pace import Pace


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.launch", description=__doc__)
    parser.add_argument("--profile", type=Path, help="where to write what cProfile saw, once it is told to stop")
    parser.add_argument("--without-publisher", action="store_true", help="nothing is shown in Slack")
    parser.add_argument("--without-pace", action="store_true", help="Slack is told as fast as it answers")
    given = parser.parse_args()
    if given.without_publisher:
        Publisher.start = _stay  # type: ignore[method-assign]
    if given.without_pace:
        pace.POSTS = pace.UPDATES = pace.READS = pace.HOMES = Pace(timedelta(0), {})
    if given.profile is None:
        return bongsu(["serve"])
    profile = cProfile.Profile()
    try:
        return profile.runcall(bongsu, ["serve"])
    finally:
        profile.dump_stats(given.profile)


def _stay(self: Publisher) -> None:
    """What stands in for its start."""


if __name__ == "__main__":
    sys.exit(main())
