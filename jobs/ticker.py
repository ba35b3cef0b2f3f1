"""The ticker: APScheduler calls, and nothing more. What is due stands in the database."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from prometheus_client import CollectorRegistry, Counter, Gauge, Summary

from base import log_context, tracing


class JobMetrics:
    """Made once, on the registry that it is handed. A job goes by the name that it has in the code."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._runs = Counter(
            "bongsu_job_runs",
            "Runs of what is done again and again, by how they ended: done, failed",
            ["name", "outcome"],
            registry=registry,
        )
        self._seconds = Summary("bongsu_job_seconds", "How long those runs took", ["name"], registry=registry)
        self._last = Gauge(
            "bongsu_job_last_end_timestamp_seconds",
            "When the last of them came to its end, or had nothing to do",
            ["name"],
            registry=registry,
        )

    def begins(self, name: str) -> None:
        """It is known, though it has not run yet."""
        for outcome in ("done", "failed"):
            self._runs.labels(name, outcome)
        self.ended(name)

    def ended(self, name: str) -> None:
        self._last.labels(name).set_to_current_time()

    def ran(self, name: str, outcome: str, *, seconds: float) -> None:
        self._runs.labels(name, outcome).inc()
        self._seconds.labels(name).observe(seconds)
        self.ended(name)


class Ticker:
    """Never runs one job twice at a time; a tick that was missed is not made up for."""

    def __init__(self, metrics: JobMetrics) -> None:
        self.metrics = metrics
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 5}
        )

    def every(
        self,
        seconds: float,
        job: Callable[[], Awaitable[None] | None],
        *,
        name: str,
        when: Callable[[], bool] = lambda: True,
    ) -> None:
        """A tick at which ``when`` says no is left out."""
        self.metrics.begins(name)
        tick = _as_coroutine(job, when, name, self.metrics)
        self._scheduler.add_job(tick, "interval", seconds=seconds, id=name, name=name)

    def start(self) -> None:
        # A filter that is there already is not added again.
        logging.getLogger("apscheduler.executors.default").addFilter(is_no_cancellation)
        self._scheduler.start()

    def stop(self) -> None:
        """No more ticks; what is under way is not waited for."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


def is_no_cancellation(record: logging.LogRecord) -> bool:
    """What is cancelled as we stop, before it has even begun, is no error."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, asyncio.CancelledError)


def _as_coroutine(
    job: Callable[[], Any], when: Callable[[], bool], name: str, metrics: JobMetrics
) -> Callable[[], Awaitable[None]]:
    """On the event loop, also where ``job`` is a plain function: APScheduler would run that in a thread."""

    async def tick() -> None:
        if not when():
            metrics.ended(name)
            return
        began, outcome = time.monotonic(), "failed"
        try:
            # The scheduler cancels what is under way when it is stopped, and would log that as an error.
            with (
                contextlib.suppress(asyncio.CancelledError),
                log_context.bound(job=name),
                tracing.span(f"job {name}", is_quiet=True),
            ):
                done = job()
                if done is not None:
                    await done
            outcome = "done"
        finally:
            metrics.ran(name, outcome, seconds=time.monotonic() - began)

    return tick
