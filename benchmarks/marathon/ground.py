"""Where a leg of the marathon is run: a database, a sandbox with a process of its own, and hands to start `bongsu`."""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from benchmarks.loopback import Http
from benchmarks.marathon.escalating import CONFIG, ESCALATION, LEADS
from benchmarks.marathon.nursery import Child, Nursery
from benchmarks.processes import SIGNING_SECRET, TOKEN, StartError, local_url, migrate
from benchmarks.stage import Slack
from bongsu.config_file import read_policy
from db.engine import Engines, connect
from db.hosts import SETTING, Host
from db.migrate import DEFAULT_TENANT_ID
from db.tables import leases, outbox
from db.transactions import SqlTransactions
from incidents.policy import Policies
from tests.mariadb import MariaDB

SQLITE, MARIADB = "SQLite", "MariaDB"
SERVICES = 12
CHANNELS = tuple(f"service-{number}" for number in range(SERVICES))
"""Slack takes a post a second for each. Each has a service of its own."""
_NO_LIMIT = "1000000"
"""Of what a key may ask for, so that each of its requests is tried."""
_READY_WITHIN = 30.0
_LOOK_EVERY = 0.01
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """An address on loopback where a `bongsu serve` listens."""

    url: str
    port: int

    @classmethod
    def new(cls) -> "Place":
        return cls(*local_url())


@dataclass
class Ground:
    """``place`` is where Grafana and Slack find Bongsu. ``server`` is None on SQLite, and on a cluster of ``hosts``."""

    kind: str
    folder: Path
    database: str
    http: Http
    slack: Slack
    nursery: Nursery
    engines: Engines
    place: Place
    server: MariaDB | None
    hosts: Sequence[Host] = ()
    _logs: Iterator[int] = field(default_factory=lambda: count(1))

    @cached_property
    def transactions(self) -> SqlTransactions:
        """Under the policy of bongsu.yaml, as the processes have it."""
        policies = Policies(read_policy(self.folder / "bongsu.yaml", required=True))
        return SqlTransactions(self.engines, tenant_id=DEFAULT_TENANT_ID, policies=policies)

    async def serve(
        self, *, failpoints: str = "", place: Place | None = None, hosts: Sequence[Host] | None = None
    ) -> Child:
        """`bongsu serve`, which does not listen yet."""
        return await self.run("serve", failpoints=failpoints, place=place or self.place, hosts=hosts)

    async def run(
        self,
        *arguments: str,
        failpoints: str = "",
        place: Place | None = None,
        hosts: Sequence[Host] | None = None,
    ) -> Child:
        """Any command of `bongsu`'s. ``hosts``: in the order in which it prefers them, None: as they are here."""
        env = {
            "BONGSU_DATABASE_URL": self.database,
            SETTING: ",".join(map(str, self.hosts if hosts is None else hosts)),
            "BONGSU_HOST": "127.0.0.1",
            "BONGSU_PORT": str((place or self.place).port),
            "BONGSU_CONFIG": str(self.folder / "bongsu.yaml"),
            "BONGSU_LOG_LEVEL": "WARNING",
            "BONGSU_WEBHOOK_TOKEN": TOKEN,
            "BONGSU_API_REQUESTS_PER_SECOND": _NO_LIMIT,
            "BONGSU_API_BURST": _NO_LIMIT,
            "BONGSU_SLACK_API_URL": f"{self.slack.url}/api/",
            "BONGSU_FAILPOINTS": failpoints,
            "SLACK_BOT_TOKEN": "xoxb-benchmark",
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        }
        return await self.nursery.start(arguments, env, log=self.folder / f"{arguments[0]}-{next(self._logs):05}.log")

    async def ready(self, child: Child, place: Place | None = None) -> bool:
        """Once it is ready; False where it ended before. Raises StartError where it takes too long."""
        url, deadline = f"{(place or self.place).url}/readyz", time.monotonic() + _READY_WITHIN
        while time.monotonic() < deadline:
            if (await self.http.get(url)).is_ok:
                return True
            if not child.is_running:
                return False
            await asyncio.sleep(_LOOK_EVERY)
        raise StartError(f"not ready within {_READY_WITHIN:.0f} s:\n{self.said()[-3000:]}")

    def said(self) -> str:
        """All that Bongsu's processes have logged, and what its commands have answered."""
        return "".join(log.read_text(errors="replace") for log in sorted(self.folder.glob("*-[0-9]*.log")))

    def facts(self) -> list[dict[str, Any]]:
        """The same as facts; what is no JSON (a traceback that killed a process, say) comes as an error."""
        return [_fact(line) for line in self.said().splitlines() if not _ANSWER.fullmatch(line)]

    async def let_time_pass(self) -> None:
        """Messages that processes which are dead have claimed are free, as they would be after 13 s. None may run."""
        async with self.engines.write.begin() as connection:
            held = outbox.c.lease_until.is_not(None)
            await connection.execute(sa.update(outbox).where(held).values(lease_until=_LONG_AGO))

    async def expire_leases(self) -> None:
        """Those of jobs, of which no process may run. (Those without a holder keep Slack's pace.)"""
        async with self.engines.write.begin() as connection:
            await connection.execute(sa.update(leases).where(leases.c.holder != "").values(expires_at=_LONG_AGO))


_ANSWER = re.compile(r"[a-z_]+: \d+ rows? deleted|nothing .*")
"""What ``bongsu retention run`` says to whoever called it."""


def _fact(line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        told = None
    return told if isinstance(told, dict) else {"level": "error", "action": "no_json", "message": line}


def run_again(facts: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """How often transactions ran again: ``deadlock``, another ``collision``, or as the database was ``away``."""
    again = [told for told in facts if told.get("action") == "transaction_again"]
    return Counter("deadlock" if str(told["error"]).startswith("(1213") else told["fault"] for told in again)


@contextmanager
def server_for(kind: str) -> Iterator[MariaDB | None]:
    """None for SQLite. Each commit is flushed to the disk, as in production."""
    if kind == SQLITE:
        yield None
        return
    with MariaDB(durable=True) as server:
        yield server


@asynccontextmanager
async def ground(
    url: str,
    folder: Path,
    nursery: Nursery,
    *,
    server: MariaDB | None = None,
    hosts: Sequence[Host] = (),
    **config: object,
) -> AsyncIterator[Ground]:
    """Everything but `bongsu serve` runs. ``url`` is an empty database's; ``config`` goes into bongsu.yaml."""
    kind = SQLITE if url.startswith("sqlite") else MARIADB
    await asyncio.to_thread(migrate, url, folder)
    routes = [{"match": {"service": name}, "channel": f"#{name}", "escalation": ESCALATION} for name in CHANNELS]
    bongsu_yaml: dict[str, object] = {"routes": routes, **CONFIG, **config}
    (folder / "bongsu.yaml").write_text(yaml.safe_dump(bongsu_yaml), encoding="utf-8")
    place, (slack_url, slack_port) = Place.new(), local_url()
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(Http())
        engines = connect(url, hosts)
        stack.push_async_callback(engines.dispose)
        told = ("--port", str(slack_port), "--app-url", place.url, "--signing-secret", SIGNING_SECRET, "--pace-posts")
        sandbox = await nursery.start(["sandbox", *told], {}, log=folder / "sandbox.log")
        stack.push_async_callback(sandbox.kill)
        slack = Slack(http, slack_url)
        await _listening(http, slack_url, sandbox)
        await slack.make_channels([*CHANNELS, LEADS])
        yield Ground(kind, folder, url, http, slack, nursery, engines, place, server, hosts)


async def _listening(http: Http, url: str, sandbox: Child) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while not (await http.get(f"{url}/_control/faults")).is_ok:
        if time.monotonic() > deadline or not sandbox.is_running:
            raise StartError("the sandbox does not listen")
        await asyncio.sleep(_LOOK_EVERY)
