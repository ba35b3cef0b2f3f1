"""The ticker: APScheduler calls, and nothing more. What is due stands in the database."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from base import log_context, tracing


class Ticker:
    """Never runs one job twice at a time; a tick that was missed is not made up for."""

    def __init__(self) -> None:
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
        self._scheduler.add_job(_as_coroutine(job, when, name), "interval", seconds=seconds, id=name, name=name)

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


def _as_coroutine(job: Callable[[], Any], when: Callable[[], bool], name: str) -> Callable[[], Awaitable[None]]:
    """On the event loop, also where ``job`` is a plain function: APScheduler would run that in a thread."""

    async def tick() -> None:
        done = job() if when() else None
        if done is not None:
            # The scheduler cancels what is under way when it is stopped, and would log that as an error.
            with (
                contextlib.suppress(asyncio.CancelledError),
                log_context.bound(job=name),
                tracing.span(f"job {name}", is_quiet=True),
            ):
                await done

    return tick
