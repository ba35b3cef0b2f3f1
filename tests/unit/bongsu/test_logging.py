"""Lines of the log say what they belong to."""

import json
import logging
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from base import log_context, tracing
from bongsu.logging import ForMachines, ForPeople
from tests.traced import traced

ROOT = Path(__file__).parents[3]
ROOMS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]["packages"]
FOREIGN = (
    "aiosqlite", "aiohttp.server", "asyncio", "asyncmy", "apscheduler.scheduler", "bongsu:on_message", "hpack",
    "slack_bolt.AsyncApp", "slack_sdk.web", "sqlalchemy.engine.Engine", "sqlalchemy.pool", "urllib3.connectionpool",
)  # fmt: skip
SAYING = """
import logging, sys
from bongsu.logging import set_up
level, *names = sys.argv[1:]
set_up(level)
for name in names:
    logging.getLogger(name).debug("canary")
"""
OVERLAPPING = """
import asyncio
from apscheduler.events import EVENT_JOB_MAX_INSTANCES
from prometheus_client import CollectorRegistry
from bongsu.logging import set_up
from jobs.ticker import JobMetrics, Ticker
set_up("WARNING")

async def main():
    left_out = asyncio.Event()

    async def job():
        await left_out.wait()

    ticker = Ticker(JobMetrics(CollectorRegistry()))
    ticker.every(0.01, job, name="long")
    ticker._scheduler.add_listener(lambda _: left_out.set(), EVENT_JOB_MAX_INSTANCES)
    ticker.start()
    await asyncio.wait_for(left_out.wait(), 20)
    ticker.stop()

asyncio.run(main())
"""


def record(**extra: Any) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "receiver", "levelname": "INFO", "msg": "committed"})
    vars(made).update(extra)
    return made


def line(**extra: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(ForMachines().format(record(**extra)))
    return told


def test_a_line_says_what_is_bound_where_it_is_logged_and_its_own_facts_go_first() -> None:
    with log_context.bound(request_id="r", delivery=1):
        assert line(action="a", delivery=2).items() >= {"request_id": "r", "delivery": 2, "action": "a"}.items()
        assert ForPeople().format(record()).endswith("committed  request_id=r delivery=1")
    assert "request_id" not in line()


def test_ids_of_the_trace_are_there_where_something_is_traced() -> None:
    with traced():
        assert "trace_id" not in line()
        with tracing.span("a") as span:
            assert line().items() >= {"trace_id": span.trace_id, "span_id": span.span_id}.items()
    assert "trace_id" not in line()


def test_a_span_that_a_line_names_is_there_to_be_found() -> None:
    with traced() as seen:
        with tracing.span("tick", is_quiet=True):
            line()
        assert seen.names == ["tick"]


@pytest.mark.parametrize(("level", "told"), [("DEBUG", sorted(ROOMS)), ("INFO", [])])
def test_only_what_is_ours_tells_details(level: str, told: list[str]) -> None:
    """In a process of its own, since it changes the loggers of all."""
    command = [sys.executable, "-c", SAYING, level, *FOREIGN, *sorted(f"{room}.inside" for room in ROOMS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    loggers = [json.loads(line)["logger"].removesuffix(".inside") for line in done.stderr.splitlines()]
    assert loggers == told


def test_a_tick_that_is_left_out_since_its_job_still_runs_is_not_told() -> None:
    done = subprocess.run([sys.executable, "-c", OVERLAPPING], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
