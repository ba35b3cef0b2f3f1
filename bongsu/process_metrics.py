"""What this process says of itself: which version it is, whether it can work, and whether its event loop keeps up."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry, Gauge, Histogram, ProcessCollector

from bongsu import __version__

READY_LOOKED_AT_EVERY = 10.0
"""Seconds."""
_NAP_SECONDS = 0.25
_LAGS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

Nap = Callable[[float], Awaitable[object]]
"""Sleeps so many seconds."""


class ProcessMetrics:
    """Made once, on the registry that it is handed. ``database`` is ``sqlite`` or ``mysql``.

    ``problems`` names what keeps this process from working; an empty list: nothing does.
    """

    def __init__(
        self, registry: CollectorRegistry, *, database: str, problems: Callable[[], Awaitable[list[str]]]
    ) -> None:
        ProcessCollector(registry=registry)
        info = Gauge("bongsu_build_info", "1; which version runs", ["version", "database"], registry=registry)
        info.labels(__version__, database).set(1)
        self._ready = Gauge("bongsu_ready", "1 while /readyz says that this process can work", registry=registry)
        self._problems = problems

    async def look(self) -> None:
        """One tick."""
        self.seen(await self._problems())

    def seen(self, problems: list[str]) -> None:
        """What was found when somebody looked."""
        self._ready.set(not problems)


class LoopLag:
    """A nap, again and again: by how much each is too long is how long everybody else waited for their turn, too."""

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        nap: Nap = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._nap = nap
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._seconds = Histogram(
            "bongsu_event_loop_lag_seconds",
            "How long something that was due had to wait for the event loop, looked at four times a second",
            buckets=_LAGS,
            registry=registry,
        )

    def start(self) -> None:
        self._task = asyncio.create_task(self._measure(), name="measure the event loop's lag")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def measure_once(self) -> None:
        began = self._clock()
        await self._nap(_NAP_SECONDS)
        self._seconds.observe(max(0.0, self._clock() - began - _NAP_SECONDS))

    async def _measure(self) -> None:
        while True:
            await self.measure_once()
