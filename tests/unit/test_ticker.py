"""The ticker ends quietly, whatever is under way."""

import asyncio
import logging

import pytest
from prometheus_client import CollectorRegistry

from base import log_context, tracing
from jobs.ticker import JobMetrics, Ticker, is_no_cancellation
from tests.traced import traced


async def test_a_tick_that_is_under_way_at_the_end_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def job() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    ticker = Ticker(JobMetrics(CollectorRegistry()))
    ticker.every(0.01, job, name="never done")
    ticker.start()
    async with asyncio.timeout(5):
        await began.wait()
        ticker.stop()
        await ended.wait()
    await asyncio.sleep(0)
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_tick_that_is_cancelled_before_it_begins_is_no_error_and_any_other_end_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logger = logging.getLogger("apscheduler.executors.default")
    logger.addFilter(is_no_cancellation)
    for error in (asyncio.CancelledError(), ValueError("broken")):
        logger.error("Error running job", exc_info=(type(error), error, None))
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ValueError]


async def test_runs_are_counted_by_how_they_ended_and_ones_left_out_are_told_apart() -> None:
    registry, ran = CollectorRegistry(), asyncio.Event()
    ticker = Ticker(JobMetrics(registry))

    def breaks() -> None:
        raise ValueError("broken")

    ticker.every(0.01, ran.set, name="works")
    ticker.every(0.01, breaks, name="breaks")
    ticker.every(0.01, breaks, name="never", when=lambda: False)

    def runs(name: str, outcome: str) -> float | None:
        return registry.get_sample_value("bongsu_job_runs_total", {"name": name, "outcome": outcome})

    assert (runs("works", "done"), runs("breaks", "failed")) == (0, 0)
    ticker.start()
    async with asyncio.timeout(5):
        await ran.wait()
        while not runs("breaks", "failed"):  # noqa: ASYNC110 - a counter calls nobody
            await asyncio.sleep(0)
    ticker.stop()
    assert (runs("works", "failed"), runs("breaks", "done"), runs("never", "done"), runs("never", "failed")) == (0,) * 4
    assert registry.get_sample_value("bongsu_job_last_end_timestamp_seconds", {"name": "never"})


async def test_lines_of_a_job_name_it_and_one_that_does_nothing_is_no_span() -> None:
    told: list[dict[str, object]] = []
    both = asyncio.Event()

    async def idle() -> None:
        told.append(dict(log_context.facts()))

    async def busy() -> None:
        with tracing.step("transaction"):
            both.set()

    ticker = Ticker(JobMetrics(CollectorRegistry()))
    with traced() as seen:
        with log_context.bound(request_id="whoever began it"):
            ticker.every(0.01, idle, name="idle")
            ticker.every(0.02, busy, name="busy")
        ticker.start()
        async with asyncio.timeout(5):
            await both.wait()
        ticker.stop()
        await asyncio.sleep(0)
    assert {"job": "idle"} in told
    assert {"transaction", "job busy"} == set(seen.names)
