"""What the audit log costs whoever changes an incident, and whoever stores alerts. `python -m benchmarks.audit_cost`

Each transition (acknowledge, give back) is measured with its entry and without, in turns on the same incidents, each
commit flushed to the disk: medians. Alerts are stored with the sealer beside, without any lag, and without it.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry
from sqlalchemy import event

from db.engine import Engines, connect
from db.migrate import migrate
from db.queries.audit import AuditQueries
from db.transactions import SqlTransactions
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.audit.model import NewEntry
from incidents.ingest import ingest
from incidents.model import Actor
from incidents.policy import Policies, Policy
from jobs.audit import AuditMetrics, Sealer
from tests.building import a_delivery, firing
from tests.mariadb import MariaDB

TURNS, INCIDENTS, ROUNDS, STORED = 400, 20, 3, 300
ALICE = Actor.slack("U0ALICE")
POLICY = Policy()


class Unaudited(AuditQueries):
    """Writes nothing down."""

    async def add(self, entries: Sequence[NewEntry]) -> None:  # noqa: ARG002 - as the port has it
        return None


async def transition(transactions: SqlTransactions, turn: int, *, audited: bool) -> float:
    """Seconds until it is committed."""
    incident_id, acknowledges = turn % INCIDENTS + 1, (turn // INCIDENTS) % 2 == 0

    async def work(uow: SqlUnitOfWork) -> None:
        if not audited:
            uow.audit = Unaudited(uow.gate)
        act = actions.acknowledge if acknowledges else actions.unacknowledge
        await act(incident_id, by=ALICE, uow=uow)

    began = time.perf_counter()
    await transactions.write(work)
    return time.perf_counter() - began


@contextmanager
def counting(engines: Engines) -> Iterator[list[str]]:
    """The statements that go to the database meanwhile."""
    said: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(engines.write.sync_engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(engines.write.sync_engine, "before_cursor_execute", hear)


async def statements(engines: Engines, transactions: SqlTransactions) -> None:
    """Of one transition without its entry and with it, and of one delivery of ten alerts."""
    counts = []
    for turn, audited in ((0, False), (1, True)):
        with counting(engines) as said:
            await transition(transactions, turn, audited=audited)
        counts.append(len(said))
    with counting(engines) as said:
        await store(transactions, 0)
    for turn in (INCIDENTS, INCIDENTS + 1):
        await transition(transactions, turn, audited=True)
    of_log = sum("audit_" in one for one in said)
    say(
        f"{'':8} statements  {counts[0]} of a transition without, {counts[1]} with; {of_log} of {len(said)} of intake's"
    )


async def transitions(transactions: SqlTransactions) -> tuple[float, float]:
    """Milliseconds of one (without, with), by turns: whatever else the machine does slows both."""
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(2 * TURNS):
        audited = (turn + turn // (2 * INCIDENTS)) % 2 == 1
        seconds[audited].append(await transition(transactions, turn, audited=audited))
    return tuple(1000 * statistics.median(one) for one in seconds.values())  # type: ignore[return-value]


async def store(transactions: SqlTransactions, number: int) -> None:
    alerts = [firing(f"pod-{number}-{n}", service=f"s{number % 50}-{n}") for n in range(10)]
    deliveries = [a_delivery(*alerts, body=f"{number}")]
    await transactions.write(lambda uow: ingest(deliveries, uow=uow, policy=POLICY), patience=timedelta(seconds=60))


async def seconds_to_store(transactions: SqlTransactions, first: int, *, sealer: Sealer | None) -> float:
    async def seal(one: Sealer) -> None:
        while True:
            await one.catch_up()
            await asyncio.sleep(0.1)

    sealing = asyncio.create_task(seal(sealer)) if sealer is not None else None
    began = time.perf_counter()
    for number in range(first, first + STORED):
        await store(transactions, number)
    took = time.perf_counter() - began
    if sealing is not None:
        sealing.cancel()
        await asyncio.gather(sealing, return_exceptions=True)
    return took


async def measure_on(name: str, engines: Engines) -> None:
    await migrate(engines)
    transactions = SqlTransactions(engines, tenant_id=1, policies=Policies(POLICY))
    for number in range(INCIDENTS):
        await transactions.write(
            lambda uow, n=number: ingest(
                [a_delivery(firing(f"x{n}", service=f"x{n}"), body=f"x{n}")], uow=uow, policy=POLICY
            )
        )
    await statements(engines, transactions)
    pairs = [await transitions(transactions) for _ in range(ROUNDS)]
    without, audited = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratios = [there / bare for bare, there in pairs]
    told = f"{statistics.median(ratios):.3f} ({', '.join(f'{one:.3f}' for one in ratios)})"
    say(f"{name:8} transition  {without:6.2f} ms without, {audited:6.2f} ms with: {told}")
    sealer = Sealer(
        transactions, Policies(POLICY), AuditMetrics(CollectorRegistry()), secret=None, lag=timedelta(seconds=1)
    )
    alone, beside = [], []
    for turn in range(ROUNDS):
        alone.append(await seconds_to_store(transactions, 10_000 * (2 * turn + 1), sealer=None))
        await sealer.catch_up()
        beside.append(await seconds_to_store(transactions, 10_000 * (2 * turn + 2), sealer=sealer))
    rates = [STORED * 10 / statistics.median(one) for one in (alone, beside)]
    say(f"{name:8} intake      {rates[0]:6.0f} alerts/s alone, {rates[1]:6.0f} with the sealer beside")
    began, sealed = time.perf_counter(), await sealer.catch_up()
    say(f"{name:8} sealing     {sealed} entries in {time.perf_counter() - began:.2f} s")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def measure() -> None:
    with tempfile.TemporaryDirectory(prefix="bongsu-bench-") as folder:
        engines = connect(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}")
        await measure_on("SQLite", engines)
        await engines.dispose()
    with await asyncio.to_thread(MariaDB, durable=True) as server:
        engines = connect(await asyncio.to_thread(server.create_database, "audit_cost"))
        await measure_on("MariaDB", engines)
        await engines.dispose()


if __name__ == "__main__":
    asyncio.run(measure())
