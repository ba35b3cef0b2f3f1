"""`python -m benchmarks.marathon`: processes are killed at random while alerts and clicks arrive. What got lost?

Two processes on one MariaDB, then one on SQLite. Exit code 1 if anything was lost, doubled or stale.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.databases import KINDS, databases
from benchmarks.figures import lines
from benchmarks.front import front
from benchmarks.load import SERVICES, Load, Tally
from benchmarks.loopback import Http
from benchmarks.processes import local_url, sandbox, serve
from benchmarks.reckoning import Reckoning, reckon, waiting
from benchmarks.stage import Slack, write_routes
from db.engine import Engines, connect

PROCESSES = {"SQLite": 1, "MariaDB": 2}
REST_WITHIN = 240.0
"""Seconds for Slack to catch up. What a killed process had claimed is free again after 30."""
_CHANNELS = [f"service-{number}" for number in range(SERVICES)]


@dataclass(frozen=True, slots=True)
class Leg:
    """One database's part. ``rested`` is None where Slack never caught up."""

    kind: str
    tally: Tally
    rested: float | None
    found: Reckoning

    @property
    def is_clean(self) -> bool:
        return self.rested is not None and self.found.is_clean

    def row(self) -> tuple[str, ...]:
        tally, found = self.tally, self.found
        rested = "never" if self.rested is None else f"{self.rested:.0f} s"
        counts = (tally.sent, len(tally.confirmed), tally.clicks, tally.kills)
        return (
            self.kind,
            *map(str, counts),
            rested,
            *map(str, (found.lost, found.doubled, found.stale, found.replies)),
        )


HEADINGS = ("database", "alerts", "answered 2xx", "clicks", "SIGKILLs", "at rest after", "L", "D", "S", "R")
LEGEND = """L  alerts that were answered 2xx and are not in the database
D  messages in a channel beyond the one of each incident
S  incidents whose card is missing or shows another state than the database
R  thread entries that are missing or there twice"""


async def run(kind: str, seconds: float) -> Leg:
    with tempfile.TemporaryDirectory(prefix="bongsu-marathon-") as name, databases(kind, Path(name)) as some:
        folder, database = Path(name), some.new()
        engines = connect(database)
        try:
            async with _running(folder, database, PROCESSES[kind]) as load:
                await load.run(seconds)
                rested = await _rest(engines)
                found = await reckon(engines, await load.slack.messages(), load.tally.confirmed)
                return Leg(kind, load.tally, rested, found)
        finally:
            await engines.dispose()


@asynccontextmanager
async def _running(folder: Path, database: str, many: int) -> AsyncIterator[Load]:
    write_routes(folder, _CHANNELS)
    (url, port), (slack_url, slack_port) = local_url(), local_url()
    addresses = [local_url() for _ in range(many)]
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(Http())
        workspace = sandbox(folder, port=slack_port, app_url=url)
        stack.push_async_callback(asyncio.to_thread, workspace.stop)
        workspace.start()
        await workspace.wait_for(f"{slack_url}/_control/messages", http)
        slack = Slack(http, slack_url)
        await slack.make_channels(_CHANNELS)
        processes = []
        for own_url, own_port in addresses:
            one = serve(folder, database=database, sandbox=slack_url, port=own_port, log=f"serve-{own_port}.log")
            stack.push_async_callback(asyncio.to_thread, one.kill)
            one.start()
            await one.wait_for(f"{own_url}/readyz", http)
            processes.append(one)
        await stack.enter_async_context(front(port, [own_port for _, own_port in addresses]))
        yield Load(http, url, slack, processes)


async def _rest(engines: Engines) -> float | None:
    """Seconds until nothing waits for Slack any more."""
    began = time.monotonic()
    while (elapsed := time.monotonic() - began) < REST_WITHIN:
        if not await waiting(engines):
            return elapsed
        await asyncio.sleep(0.5)
    return None


async def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.marathon", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="under load, both databases together (default: 2)")
    minutes = parser.parse_args().minutes
    legs = []
    for kind in reversed(KINDS):
        print(f"{kind}: {minutes * 30:.0f} s of alerts, clicks and SIGKILLs, then rest …", file=sys.stderr, flush=True)
        legs.append(await run(kind, minutes * 60 / len(KINDS)))
    print(lines([HEADINGS, *(leg.row() for leg in legs)]))
    print(f"\n{LEGEND}")
    return int(not all(leg.is_clean for leg in legs))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
