"""How long each SQL panel of the dashboards takes. `python -m benchmarks.dashboards --incidents 1000000`

Over a month of incidents, as many as are asked for, with ten alerts each, that the jobs have counted; and over a
hundredth of them. Each panel is asked for the last 30 days, by the user who may only read: of everything, and of two
services, with two rules as their SLI. Told is the slower of the two.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry

from benchmarks.api_data import ALERTS, fill_tables
from benchmarks.databases import Databases, databases
from benchmarks.figures import lines
from db.engine import connect
from db.transactions import SqlTransactions
from incidents.policy import Policies, Policy
from jobs.daily_figures import DailyFigures
from jobs.rollups import RollupMetrics, Rollups
from tests.grafana_reader import Answer, Grafana, let_read, sql_dashboards
from tests.grafana_sql import Chosen, Question, Span, Values, expand, questions, variables_of

INCIDENTS = 1_000_000
DAYS = 30
MOST, MOST_OF_PERCENTILES = 200, 500
"""Milliseconds."""
_SHARE = 100
_TIMES = 5
_PERCENTILES = frozenset({"p50", "p90", "p99", "median"})
_CHOSEN: Mapping[str, Values] = {"service": ["checkout-0", "cart-3"], "sli": ["rule-0", "rule-32"]}


@dataclass(frozen=True, slots=True)
class Took:
    """``read``: rows that the server read for it. ``most``: milliseconds that it may take."""

    milliseconds: float
    read: int
    most: int


async def measure(incidents: int, *, explain: bool) -> None:
    boards = list(sql_dashboards().values())
    with tempfile.TemporaryDirectory(prefix="bongsu-bench-") as folder, databases("MariaDB", Path(folder)) as some:
        few = await _asked(some, max(1, incidents // _SHARE), boards, explain=False)
        many = await _asked(some, incidents, boards, explain=explain)
    headings = ("panel", "ms", "rows read", f"of a {_SHARE}th", "ratio", "mark", "")
    rows = [headings, *(_row(name, took, few[name]) for name, took in many.items())]
    print(f"\n{incidents:,} incidents and {incidents * ALERTS:,} alerts in {DAYS} days\n\n{lines(rows)}")
    missed = [name for name, took in many.items() if took.milliseconds > took.most]
    print(f"\n{len(many) - len(missed)} of {len(many)} within their mark")


def _row(name: str, took: Took, few: Took) -> tuple[str, ...]:
    ratio = took.milliseconds / few.milliseconds
    verdict = "reached" if took.milliseconds <= took.most else "missed"
    told = (f"{took.milliseconds:.1f}", f"{took.read:,}", f"{few.milliseconds:.1f}", f"{ratio:.1f} ×")
    return (name, *told, f"≤ {took.most} ms", verdict)


async def _asked(
    some: Databases, incidents: int, boards: Sequence[Mapping[str, Any]], *, explain: bool
) -> dict[str, Took]:
    """By panel."""
    assert some.server
    url = some.new()
    await _fill(url, incidents)
    name = urlsplit(url).path.strip("/")
    await asyncio.to_thread(let_read, some.server, name)
    took: dict[str, Took] = {}
    now = datetime.now(UTC)
    span = Span(now - timedelta(days=DAYS), now)
    async with Grafana.of(some.server, name) as grafana:
        for dashboard in boards:
            for values in ({}, _CHOSEN):
                await _of_dashboard(grafana, dashboard, span, values, took, explain=explain)
    return took


async def _of_dashboard(
    grafana: Grafana,
    dashboard: Mapping[str, Any],
    span: Span,
    values: Mapping[str, Values],
    took: dict[str, Took],
    *,
    explain: bool,
) -> None:
    known = {one.name for one in variables_of(dashboard)}
    chosen = await grafana.opened(dashboard, span, **{name: value for name, value in values.items() if name in known})
    asked = [*questions(dashboard), *_variables(dashboard)]
    for question in asked:
        found = await _times(grafana, question, chosen, span)
        before = took.get(str(question))
        if before is None or found.milliseconds > before.milliseconds:
            took[str(question)] = found
        if explain and found.milliseconds > found.most / 2:
            await _explain(grafana, question, chosen, span)


def _variables(dashboard: Mapping[str, Any]) -> list[Question]:
    """What finds the options of its variables is waited for, too."""
    found = [one for one in variables_of(dashboard) if one.sql]
    return [Question(dashboard["title"], f"variable {one.name}", one.sql or "") for one in found]


async def _times(grafana: Grafana, question: Question, chosen: Sequence[Chosen], span: Span) -> Took:
    answer = await grafana.answer(question, chosen, span)
    before = await _rows_read(grafana)
    waited = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        answer = await grafana.answer(question, chosen, span)
        waited.append((time.perf_counter() - began) * 1000)
    read = (await _rows_read(grafana) - before) // _TIMES
    return Took(median(waited), read, _mark(answer))


def _mark(answer: Answer) -> int:
    return MOST_OF_PERCENTILES if _PERCENTILES & {name.split(" ")[-1] for name in answer.columns} else MOST


async def _rows_read(grafana: Grafana) -> int:
    return int((await grafana.ask("SHOW SESSION STATUS LIKE 'Rows_read'")).rows[0][1])


async def _explain(grafana: Grafana, question: Question, chosen: Sequence[Chosen], span: Span) -> None:
    print(f"\n{question}")
    plan = await grafana.ask(f"EXPLAIN {expand(question.sql, chosen, span).sql}")
    told = [[str(value)[:60] for value in row] for row in plan.rows]
    print(lines([plan.columns, *told]), flush=True)


async def _fill(url: str, incidents: int) -> None:
    began = time.monotonic()
    await fill_tables(url, incidents, days=DAYS, words=False)
    filled = time.monotonic()
    engines = connect(url)
    try:
        transactions = SqlTransactions(engines, tenant_id=1)
        metrics = RollupMetrics(CollectorRegistry())
        await Rollups(transactions, metrics, rest=_no_rest).catch_up()
        hours = time.monotonic()
        await DailyFigures(transactions, Policies(Policy()), rest=_no_rest).catch_up()
    finally:
        await engines.dispose()
    told = f"filled in {filled - began:.0f} s, hours counted in {hours - filled:.0f} s"
    print(f"{incidents:,} incidents: {told}, days in {time.monotonic() - hours:.0f} s", flush=True)


async def _no_rest(_seconds: float) -> None:
    await asyncio.sleep(0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboards", description=__doc__)
    parser.add_argument("--incidents", type=int, default=INCIDENTS)
    parser.add_argument("--explain", action="store_true", help="how slow ones are read")
    given = parser.parse_args()
    asyncio.run(measure(given.incidents, explain=given.explain))
