"""`python -m benchmarks.marathon`: kills at every failpoint, when steps are due, of MariaDB, and at random; the REST
API, which schemathesis tries; then the nodes of a Galera cluster. It stops.

Only on loopback, on databases of its own, and only what it has started itself is killed. Exit code 1 if anything was
lost, was there twice, or was shown otherwise than it is.
"""

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from base.failpoints import Failpoint
from benchmarks.marathon import at_random, calling, contract, due, galera, keeping, points, server
from benchmarks.marathon.ground import MARIADB, SQLITE, Ground, ground, server_for
from benchmarks.marathon.load import Load
from benchmarks.marathon.nursery import Nursery, nursery
from benchmarks.marathon.report import Leg, markdown
from tests.mariadb import MariaDB

ALL = (*Failpoint, due.NAME, server.NAME, at_random.NAME, contract.NAME, galera.NAME)
_SHARE = 4
"""SQLite, and a cluster, get a quarter of the kills."""
Run = Callable[[Ground, Load], Awaitable[Leg]]


@dataclass(frozen=True, slots=True)
class Options:
    kills: int
    server_kills: int
    minutes: float
    only: Sequence[str]
    databases: Sequence[str]
    seed: int
    hurry: bool

    @property
    def share(self) -> int:
        return max(1, self.kills // _SHARE)


def legs_on(kind: str, options: Options) -> Iterator[tuple[str, Run]]:
    """By name. Kills of a server, and of one process beside others, need a server."""
    kills = options.kills if kind == MARIADB else options.share
    for name in Failpoint:
        if name in calling.NAMES:
            yield name.value, partial(calling.run, name=name, kills=kills)
            continue
        run = keeping.run if name is keeping.NAME else partial(points.run, name=name, hurry=options.hurry)
        yield name.value, partial(run, kills=kills)
    yield due.NAME, partial(due.run, kills=kills)
    if kind == MARIADB:
        yield server.NAME, partial(server.run, kills=options.server_kills)
        yield at_random.NAME, partial(at_random.run, seconds=options.minutes * 60)
    yield contract.NAME, partial(contract.run, seconds=options.minutes * 60)


async def run(options: Options) -> list[Leg]:
    legs: list[Leg] = []
    async with nursery() as nest:
        for kind in options.databases:
            wanted = [one for one in enumerate(legs_on(kind, options)) if one[1][0] in options.only]
            with server_for(kind if wanted else SQLITE) as own:
                for number, (name, leg) in wanted:
                    legs.append(await _told(name, kind, _leg(number, own, nest, leg, options.seed)))
        if galera.NAME in options.only and MARIADB in options.databases:
            chance = random.Random(options.seed)
            legs.append(await _told(galera.NAME, galera.KIND, galera.leg(nest, chance, options.share)))
    return legs


async def _told(name: str, kind: str, leg: Awaitable[Leg]) -> Leg:
    began = time.monotonic()
    print(f"{kind}: {name} …", file=sys.stderr, flush=True)
    done = await leg
    verdict = "nothing lost" if done.is_clean else f"NOT CLEAN: {done.found} {dict(done.amiss)} {done.problem}"
    said = f", said {dict(done.said)}" if done.said else ""
    took = time.monotonic() - began
    print(
        f"    {done.kills or done.tried} {'kills' if done.kills else 'requests'} in {took:.0f} s: {verdict}{said}",
        file=sys.stderr,
        flush=True,
    )
    return done


async def _leg(number: int, own: MariaDB | None, nest: Nursery, run: Run, seed: int) -> Leg:
    async with _prepared(number, own, nest) as here:
        return await run(here, Load(here, random.Random(seed + number)))


@asynccontextmanager
async def _prepared(number: int, own: MariaDB | None, nest: Nursery) -> AsyncIterator[Ground]:
    with tempfile.TemporaryDirectory(prefix="bongsu-marathon-") as name:
        folder = Path(name)
        url = own.create_database(f"leg_{number}") if own else f"sqlite+aiosqlite:///{folder / 'bongsu.db'}"
        more = keeping.config(folder) if list(Failpoint)[number : number + 1] == [keeping.NAME] else {}
        async with ground(url, folder, nest, server=own, **more) as here:
            yield here


def _options(arguments: Sequence[str] | None = None) -> tuple[Options, Path | None]:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.marathon", description=__doc__)
    parser.add_argument(
        "--kills",
        type=int,
        default=200,
        help="at each failpoint on MariaDB; a quarter on SQLite, and of nodes of a cluster (default: 200)",
    )
    parser.add_argument("--server-kills", type=int, help="of MariaDB itself (default: 2.5 times --kills)")
    parser.add_argument(
        "--minutes", type=float, default=10.0, help="of kills at random times, and of the REST API (default: 10)"
    )
    parser.add_argument("--only", action="append", choices=ALL, metavar="NAME", help=f"any of: {', '.join(ALL)}")
    parser.add_argument("--database", action="append", choices=("mariadb", "sqlite"), help="default: both")
    parser.add_argument("--seed", type=int, default=1, help="of what is random, as far as time allows (default: 1)")
    parser.add_argument("--hurry", action="store_true", help="in the end don't wait 13 s for what the dead had claimed")
    parser.add_argument("--table", type=Path, metavar="FILE", help="where the table is written to, besides")
    given = parser.parse_args(arguments)
    kinds = [kind for kind in (MARIADB, SQLITE) if kind.lower() in (given.database or ("mariadb", "sqlite"))]
    server_kills = given.kills * 5 // 2 if given.server_kills is None else given.server_kills
    only = given.only or ALL
    return Options(given.kills, server_kills, given.minutes, only, kinds, given.seed, given.hurry), given.table


async def main() -> int:
    options, file = _options()
    for name in ("db.transactions", "db.hosts"):  # what we ourselves ask of a server that is dead
        logging.getLogger(name).setLevel(logging.ERROR)
    began = time.monotonic()
    legs = await run(options)
    table = markdown(legs, minutes=(time.monotonic() - began) / 60, hurried=options.hurry)
    print(table, end="")
    if file is not None:
        file.write_text(table, encoding="utf-8")
    return int(not legs or not all(leg.is_clean for leg in legs))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
